/** Pure: a joined run to the MPD that DASH players open, over the segments that its playlists name. */
import type { PublishedCaptions, PublishedRendition } from '../core/contract/intent'
import { TIMELINE_OFFSET_SECONDS } from '../core/contract/job'
import { outputKeys } from '../core/contract/keys'
import type { Transfer } from '../core/contract/source'
import { bandwidthBps } from '../media/dash/bandwidth'
import { writeMpd, type AdaptationSet, type AudioSet, type VideoSet } from '../media/dash/mpd'
import type { SegmentList } from '../media/dash/segment-list'
import { segmentTimes } from '../media/dash/segment-timeline'
import { playlistSegments } from '../media/hls/media-playlist'
import type { CaptionsRendition } from '../media/hls/multivariant'
import { languageTag, namesByLanguage } from './language-names'
import type { AudioGroup } from './publication-variants'
import type { RunView } from './run-view'
import type { JoinedTrack } from './timeline'

/** A rendition as it was measured for its playlist. */
export interface DashTrack {
  range: Transfer
  published: PublishedRendition
}

export interface DashParts {
  /** Of the run, relative to the MPD. */
  folder: string
  /** Of all playlists of picture and sound. */
  targetSeconds: number
  /** Of the timeline, in its order. */
  tracks: readonly DashTrack[]
  groups: readonly AudioGroup<DashTrack>[]
  captions: { renditions: readonly CaptionsRendition[]; published: readonly PublishedCaptions[] }
}

export function manifestText(view: RunView, parts: DashParts): string {
  const { timeline } = view
  const made = timeline.tracks.flatMap((track, index): Made[] => {
    const measured = parts.tracks[index]
    return measured === undefined ? [] : [{ ...parts, track, measured }]
  })
  const video = made.filter(({ track }) => track.kind === 'video')
  const audio = made.filter(({ track }) => track.kind === 'audio')
  return writeMpd({
    durationSeconds: timeline.playbackSeconds,
    sets: [...videoSets(video), ...audio.map((one) => audioSet(view, one, parts)), ...textSets(view, parts)],
  })
}

interface Made extends Pick<DashParts, 'folder' | 'targetSeconds'> {
  track: JoinedTrack
  measured: DashTrack
}

function representation({ track, measured: { published }, folder, targetSeconds }: Made) {
  return {
    id: `${track.kind}-${track.id}`,
    bandwidthBps: bandwidthBps(playlistSegments(track.segments, track.timescaleHz), targetSeconds),
    codec: published.codec,
    segments: segmentListOf(track, folder),
  }
}

function segmentListOf({ id, kind, pieces, segments, timescaleHz }: JoinedTrack, folder: string): SegmentList {
  const prefix = outputKeys.trackFolder(kind, id)
  return {
    folder: `${folder}/${prefix.slice(0, -1)}`,
    timescaleHz,
    offsetTicks: TIMELINE_OFFSET_SECONDS * timescaleHz,
    init: (pieces[0]?.init.key ?? '').slice(prefix.length),
    uris: segments.map(({ key }) => key.slice(prefix.length)),
    times: segmentTimes(segments),
  }
}

/** Players switch within a set, so one has one codec and one range; the ladder's order says which comes first. */
function videoSets(video: readonly Made[]): VideoSet[] {
  const sets = new Map<string, Made[]>()
  for (const one of video) {
    const [codec] = one.measured.published.codec.split('.')
    const key = `${codec ?? ''} ${one.measured.range}`
    sets.set(key, [...(sets.get(key) ?? []), one])
  }
  return [...sets.values()].map((rungs): VideoSet => {
    const rising = [...rungs].sort((a, b) => a.measured.published.peakBps - b.measured.published.peakBps)
    return {
      kind: 'video',
      range: rungs[0]?.measured.range ?? 'sdr',
      representations: rising.map((one) => {
        const { widthPx = 0, heightPx = 0, fps } = one.measured.published
        return { ...representation(one), widthPx, heightPx, ...(fps !== undefined && { fps }) }
      }),
    }
  })
}

/** Each sound by itself: those of one language in another codec or with other channels are another choice. */
function audioSet({ intent }: RunView, one: Made, { groups }: DashParts): AudioSet {
  const { id } = one.track
  const offers = groups.flatMap(({ tracks, sounds }) => {
    const names = namesByLanguage(sounds)
    return tracks.flatMap(({ published }, index) => {
      const sound = sounds[index]
      return published.id === id && sound !== undefined ? [{ sound, name: names[index] ?? id }] : []
    })
  })
  const [first] = offers
  const encode = intent.jobs.flatMap((job) => (job.kind === 'audio' && job.encode.id === id ? [job.encode] : []))[0]
  return {
    kind: 'audio',
    ...languageOf(languageTag(first?.sound.language ?? null)),
    ...(first !== undefined && { label: first.name }),
    role: offers.some(({ sound }) => sound.isDefault) ? 'main' : 'alternate',
    channels: first?.sound.channels ?? encode?.channels ?? 2,
    ...(encode !== undefined && { sampleRateHz: encode.sampleRateHz }),
    representations: [representation(one)],
  }
}

function textSets(
  { captions, timeline }: RunView,
  { captions: { renditions, published } }: DashParts,
): AdaptationSet[] {
  const stored = captions.flatMap(({ tracks }) => tracks)
  return renditions.flatMap(({ name, language, isForced, isForDeaf }, index): AdaptationSet[] => {
    const { id, file } = published[index] ?? {}
    const bytes = stored.find((track) => track.id === id)?.file.bytes
    if (id === undefined || file === undefined || bytes === undefined) return []
    return [
      {
        ...{ kind: 'text', label: name, isForced, isForDeaf, id: `captions-${id}`, uri: file },
        ...languageOf(language ?? null),
        bandwidthBps: Math.max(1, Math.ceil((bytes * 8) / timeline.playbackSeconds)),
      },
    ]
  })
}

/** What is no tag by its form is left to the label. Source: XML Schema part 2, 3.3.3 (`xs:language`). */
function languageOf(language: string | null): { language?: string } {
  return language !== null && /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(language) ? { language } : {}
}
