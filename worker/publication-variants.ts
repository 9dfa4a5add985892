/** Pure: the renditions of an asset to the multivariant playlist, whether they are whole or still growing. */
import type { Intent, PlannedSound, PublishedRendition } from '../core/contract/intent'
import type { Transfer } from '../core/contract/source'
import {
  writeMultivariantPlaylist,
  type AudioRendition,
  type CaptionsRendition,
  type IFrameStream,
  type Variant,
} from '../media/hls/multivariant'
import { languageTag, namesByLanguage } from './language-names'
import { CAPTIONS_GROUP } from './publication-captions'

/** BANDWIDTH of the variant a player starts with is at most this; Apple's authoring rules suggest about 2 Mb/s. */
const FIRST_VARIANT_BPS = 2_500_000
/** Source: draft-pantos-hls-rfc8216bis, 4.4.6.2; a playlist without HDR leaves it out, which says SDR. */
const VIDEO_RANGES = { sdr: 'SDR', pq: 'PQ', hlg: 'HLG' } as const

/** A rendition as the multivariant playlist needs to know it. */
export interface OfferedTrack {
  range: Transfer
  published: Pick<PublishedRendition, 'id' | 'playlist' | 'codec' | 'peakBps' | 'widthPx' | 'heightPx' | 'fps'> & {
    /** Absent as long as it is not known. */
    averageBps?: number
  }
}

/** Each picture is offered with each form of sound; what a variant needs at most is what its largest sound adds. */
export function multivariantText(
  plan: Pick<Intent, 'sounds'>,
  video: readonly OfferedTrack[],
  audio: readonly OfferedTrack[],
  captions: readonly CaptionsRendition[],
  iFrames: readonly IFrameStream[] = [],
): string {
  const groups = audioGroups(plan, audio)
  const { renditions, variants } = video.length === 0 ? soundOnly(groups) : withPicture(groups, video)
  const texts = captions.length === 0 ? {} : { captionsGroup: CAPTIONS_GROUP }
  return writeMultivariantPlaylist({
    ...{ audio: renditions, captions },
    variants: variants.map((variant) => ({ ...variant, ...texts })),
    iFrames,
  })
}

interface Offer {
  renditions: AudioRendition[]
  variants: Variant[]
}

function withPicture(groups: readonly AudioGroup[], video: readonly OfferedTrack[]): Offer {
  const rangeOf = videoRangesOf(video)
  const variants = video.flatMap((offered) =>
    (groups.length === 0 ? [null] : groups).map((group): Variant => {
      const { published } = offered
      const sounds = group?.tracks.map((track) => track.published) ?? []
      return {
        uri: published.playlist,
        bandwidthBps: published.peakBps + Math.max(0, ...sounds.map(({ peakBps: bps }) => bps)),
        ...averageOf(published, sounds),
        codecs: [published.codec, ...codecsOf(group?.tracks ?? [])],
        resolution: { widthPx: published.widthPx ?? 0, heightPx: published.heightPx ?? 0 },
        ...(published.fps !== undefined && { frameRate: published.fps }),
        ...rangeOf(offered),
        ...(group !== null && { audioGroup: group.id }),
      }
    }),
  )
  return { renditions: groups.flatMap(soundRenditions), variants: inOrder(variants) }
}

/** Of each picture, where any of them is HDR. */
export function videoRangesOf(
  video: readonly Pick<OfferedTrack, 'range'>[],
): (track: Pick<OfferedTrack, 'range'>) => Pick<Variant, 'videoRange'> {
  const hasHdr = video.some(({ range }) => range !== 'sdr')
  return ({ range }) => (hasHdr ? { videoRange: VIDEO_RANGES[range] } : {})
}

function averageOf(
  { averageBps }: OfferedTrack['published'],
  sounds: readonly OfferedTrack['published'][],
): Pick<Variant, 'averageBandwidthBps'> {
  if (averageBps === undefined) return {}
  return { averageBandwidthBps: averageBps + Math.max(0, ...sounds.map(({ averageBps: bps = 0 }) => bps)) }
}

/** Of an asset without a picture the sounds themselves are the variants; groups only where there is a choice of them. */
function soundOnly(groups: readonly AudioGroup[]): Offer {
  const hasChoice = groups.some(({ tracks }) => tracks.length > 1)
  const variants = groups.map(({ id, tracks, sounds }): Variant => {
    const main = Math.max(
      0,
      sounds.findIndex(({ isDefault }) => isDefault),
    )
    const { published } = tracks[main] as OfferedTrack
    const { playlist, peakBps: bandwidthBps } = published
    const group = hasChoice ? { audioGroup: id } : {}
    return { uri: playlist, bandwidthBps, ...averageOf(published, []), codecs: codecsOf(tracks), ...group }
  })
  return { renditions: hasChoice ? groups.flatMap(soundRenditions) : [], variants }
}

export interface AudioGroup<Track = OfferedTrack> {
  id: string
  tracks: readonly Track[]
  /** Of each track, in the same order. */
  sounds: readonly PlannedSound[]
}

/** The sounds that were made, by the forms of the ladder that they are offered in. */
export function audioGroups<Track extends { published: { id: string } }>(
  plan: Pick<Intent, 'sounds'>,
  audio: readonly Track[],
): AudioGroup<Track>[] {
  const made = plan.sounds.filter(({ trackId }) => audio.some(({ published }) => published.id === trackId))
  const ids = [...new Set(made.flatMap(({ groups }) => groups))]
  return ids.map((id) => {
    const sounds = withDefault(made.filter(({ groups }) => groups.includes(id)))
    const tracks = sounds.flatMap(({ trackId }) => audio.find(({ published }) => published.id === trackId) ?? [])
    return { id, tracks, sounds }
  })
}

/** Where there is nothing in the sound that was to play, the next one plays. */
function withDefault(sounds: readonly PlannedSound[]): readonly PlannedSound[] {
  if (sounds.some(({ isDefault }) => isDefault)) return sounds
  return sounds.map((sound, index) => ({ ...sound, isDefault: index === 0 }))
}

function codecsOf(tracks: readonly OfferedTrack[]): string[] {
  return [...new Set(tracks.map(({ published }) => published.codec))]
}

function soundRenditions({ id, tracks, sounds }: AudioGroup): AudioRendition[] {
  const names = namesByLanguage(sounds)
  return tracks.map(({ published }, index) => {
    const { isDefault = false, channels = 2 } = sounds[index] ?? {}
    const language = languageTag(sounds[index]?.language ?? null)
    return {
      groupId: id,
      name: names[index] ?? published.id,
      ...(language !== null && { language }),
      isDefault,
      channels,
      uri: published.playlist,
    }
  })
}

/** Players start with the first line: a middle rung with the ladder's first form of sound; the others rise. */
function inOrder(variants: readonly Variant[]): Variant[] {
  const rising = [...variants].sort((a, b) => a.bandwidthBps - b.bandwidthBps)
  const startable = rising.filter(({ audioGroup }) => audioGroup === variants[0]?.audioGroup)
  const first = startable.findLast((variant) => variant.bandwidthBps <= FIRST_VARIANT_BPS) ?? startable[0]
  return first === undefined ? [] : [first, ...rising.filter((variant) => variant !== first)]
}
