/** Pure: what a ladder makes of a master's sound tracks. */
import type { RungDecision } from '../core/contract/intent'
import type { AudioEncode } from '../core/contract/job'
import type { AudioFacts, SourceFacts } from '../core/contract/source'
import type { Rational } from '../core/contract/rational'
import type { Ladder, LadderAudio } from './schema'

/** One sound rendition: a track of the master in one of the ladder's forms. */
export interface SelectedSound {
  encode: AudioEncode
  /** One track, or two of one channel each that are left and right. */
  streamIndexes: readonly number[]
  segmentSeconds: Rational
  /** Of the track, where the master says. */
  durationSeconds: number | null
  language: string | null
  /** Ids of the ladder's forms that offer it: one without tracks of its own for a language takes another's. */
  groups: readonly string[]
  /** What plays when nobody chooses. */
  isDefault: boolean
}

export interface SoundSelection {
  sounds: SelectedSound[]
  /** Forms of the ladder that are not made. */
  decisions: RungDecision[]
}

/** Rates that every AAC player takes without resampling; all others become 48 kHz, which Opus always is. */
const KEPT_SAMPLE_RATES_HZ = [44_100, 48_000]
const DEFAULT_SAMPLE_RATE_HZ = 48_000

/** @param segmentSeconds Of the picture, so that both are cut at the same times. */
export function selectSound({ audio }: Ladder, facts: SourceFacts, segmentSeconds: Rational): SoundSelection {
  if (facts.audio === null) return { sounds: [], decisions: [] }
  const tracks = [facts.audio, ...facts.otherAudio].map((track) => ({ track, made: formsFor(audio, track) }))
  const used = new Set(tracks.flatMap(({ made }) => made))
  const ids = new Set<string>()
  const sounds = tracks.flatMap(({ track, made }, index) => {
    // A viewer who plays a form that this track is not made in must still find its language there.
    const missing = audio.filter((form) => used.has(form) && !made.includes(form))
    return made.map((form, place): SelectedSound => {
      const id = freeId(ids, index === 0 ? form.id : `${form.id}-${track.language ?? String(index + 1)}`)
      return {
        encode: encodeOf(id, form, track),
        streamIndexes: track.pairedWith === null ? [track.streamIndex] : [track.streamIndex, track.pairedWith],
        segmentSeconds,
        durationSeconds: track.durationSeconds,
        language: track.language,
        groups: [form, ...(place === 0 ? missing : [])].map((one) => one.id),
        isDefault: index === 0,
      }
    })
  })
  const decisions = audio
    .filter((form) => !used.has(form))
    .map(({ id, channels }) => ({ id, kept: false, reason: `no sound track has ${channels} channels` }))
  return { sounds, decisions }
}

/** Nothing is mixed up: a form of more channels than the track has is made only where the ladder has no other. */
function formsFor(forms: readonly LadderAudio[], track: AudioFacts): LadderAudio[] {
  const fitting = forms.filter(({ channels }) => channels <= channelsOf(track))
  const least = Math.min(...forms.map(({ channels }) => channels))
  return fitting.length > 0 ? fitting : forms.filter(({ channels }) => channels === least)
}

function channelsOf({ channels, pairedWith }: AudioFacts): number {
  return pairedWith === null ? channels : 2
}

/** Layouts between stereo and 5.1 have no form of their own. */
function encodeOf(id: string, form: LadderAudio, track: AudioFacts): AudioEncode {
  const available = channelsOf(track)
  const channels = available >= form.channels ? form.channels : available >= 2 ? 2 : 1
  const keepsRate = form.codec === 'aac' && KEPT_SAMPLE_RATES_HZ.includes(track.sampleRateHz)
  return {
    id,
    codec: form.codec,
    bitrateBps: Math.round((form.bitrateBps * channels) / form.channels),
    channels,
    sampleRateHz: keepsRate ? track.sampleRateHz : DEFAULT_SAMPLE_RATE_HZ,
    loudnessLufs: form.loudnessLufs ?? null,
  }
}

/** Ids are folder names: a language tag may hold capitals, and two tracks may share one. */
export function freeId(taken: Set<string>, wanted: string): string {
  const id = wanted.toLowerCase().replace(/[^a-z0-9-]+/g, '-')
  let free = id
  for (let count = 2; taken.has(free); count += 1) free = `${id}-${count}`
  taken.add(free)
  return free
}
