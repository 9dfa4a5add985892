/** Pure: a joined run to the texts and records that make it public. */
import type { AssetFacts, PlannedSound, PlannedVariant, PublishedRendition } from '../core/contract/intent'
import { homeKeys, outputKeys } from '../core/contract/keys'
import type { Transfer } from '../core/contract/source'
import type { Mp4Marker, StoredObject, ThumbnailsMarker } from '../core/contract/markers'
import { averageBps, peakBps } from '../media/hls/bandwidth'
import {
  playlistSegments,
  targetDurationSeconds,
  writeMediaPlaylist,
  type PlaylistSegment,
} from '../media/hls/media-playlist'
import {
  writeMultivariantPlaylist,
  type AudioRendition,
  type CaptionsRendition,
  type Variant,
} from '../media/hls/multivariant'
import { languageTag, namesByLanguage } from './language-names'
import { CAPTIONS_GROUP, captionsPublication } from './publication-captions'
import type { RunView } from './run-view'
import { summary, type JoinedTrack } from './timeline'

export interface Publication {
  /** Keys relative to the run's output. */
  playlists: readonly { key: string; text: string }[]
  multivariant: string
  asset: AssetFacts
}

export type StoredMp4 = Mp4Marker & { object: StoredObject }

export interface Extras {
  mp4s: readonly StoredMp4[]
  thumbnails: ThumbnailsMarker | null
}

/** BANDWIDTH of the variant a player starts with is at most this; Apple's authoring rules suggest about 2 Mb/s. */
const FIRST_VARIANT_BPS = 2_500_000
/** Source: draft-pantos-hls-rfc8216bis, 4.4.6.2; a playlist without HDR leaves it out, which says SDR. */
const VIDEO_RANGES = { sdr: 'SDR', pq: 'PQ', hlg: 'HLG' } as const

export function publicationOf(view: RunView, extras: Extras): Publication {
  const { intent, timeline } = view
  const targetSeconds = Math.max(...timeline.tracks.map((track) => targetDurationSeconds(entriesOf(track))))
  const tracks = timeline.tracks.map((track) =>
    measured(track, { variants: intent.variants, folder: runFolder(view), targetSeconds }),
  )
  const video = tracks.filter((track) => track.kind === 'video')
  const audio = tracks.filter((track) => track.kind === 'audio')
  const captions = captionsPublication(view, runFolder(view))
  return {
    playlists: [...tracks.map(({ key, text }) => ({ key, text })), ...captions.playlists],
    multivariant: multivariantText(view, video, audio, captions.renditions),
    asset: {
      v: 1,
      assetId: intent.assetId,
      run: intent.run,
      name: intent.name,
      durationSeconds: timeline.playbackSeconds,
      master: homeKeys.master,
      video: video.map((track) => track.published),
      audio: audio.map((track) => track.published),
      captions: captions.published,
      mp4: extras.mp4s.map(({ object, rungId }) => ({ ...inHome(view, object), rungId })),
      thumbnails: thumbnailsOf(view, extras.thumbnails),
      warnings: [...timeline.warnings, ...captions.warnings],
    },
  }
}

interface MeasuredTrack {
  kind: 'video' | 'audio'
  key: string
  text: string
  range: Transfer
  published: PublishedRendition
}

function entriesOf(track: JoinedTrack): PlaylistSegment[] {
  return playlistSegments(track.segments, track.timescaleHz)
}

interface Surroundings {
  variants: readonly PlannedVariant[]
  folder: string
  /** Of all picture and sound of the asset. */
  targetSeconds: number
}

function measured(track: JoinedTrack, { variants, folder, targetSeconds }: Surroundings): MeasuredTrack {
  const key = outputKeys.trackPlaylist(track.kind, track.id)
  const prefix = key.slice(0, key.lastIndexOf('/') + 1)
  const init = (track.pieces[0]?.init.key ?? '').slice(prefix.length)
  const segments = entriesOf(track).map((segment) => ({ ...segment, uri: segment.uri.slice(prefix.length) }))
  const { bytes, segments: count, frames } = summary(track)
  const variant = variants.find((candidate) => candidate.rungId === track.id)
  return {
    kind: track.kind,
    key,
    text: writeMediaPlaylist({ init, segments, targetSeconds }),
    range: variant?.range ?? 'sdr',
    published: {
      id: track.id,
      playlist: `${folder}/${key}`,
      codec: track.pieces[0]?.codec ?? '',
      peakBps: peakBps(segments, targetSeconds),
      averageBps: averageBps(segments),
      bytes,
      segments: count,
      samples: frames,
      ...(variant !== undefined && { widthPx: variant.widthPx, heightPx: variant.heightPx, fps: variant.fps }),
    },
  }
}

/** Each picture is offered with each form of sound; what a variant needs at most is what its largest sound adds. */
function multivariantText(
  view: RunView,
  video: readonly MeasuredTrack[],
  audio: readonly MeasuredTrack[],
  captions: readonly CaptionsRendition[],
): string {
  const groups = audioGroups(view, audio)
  const { renditions, variants } = video.length === 0 ? soundOnly(groups) : withPicture(groups, video)
  const texts = captions.length === 0 ? {} : { captionsGroup: CAPTIONS_GROUP }
  return writeMultivariantPlaylist({
    ...{ audio: renditions, captions },
    variants: variants.map((variant) => ({ ...variant, ...texts })),
  })
}

interface Offer {
  renditions: AudioRendition[]
  variants: Variant[]
}

function withPicture(groups: readonly AudioGroup[], video: readonly MeasuredTrack[]): Offer {
  const hasHdr = video.some(({ range }) => range !== 'sdr')
  const variants = video.flatMap(({ published, range }) =>
    (groups.length === 0 ? [null] : groups).map((group): Variant => {
      const sounds = group?.tracks.map((track) => track.published) ?? []
      return {
        uri: published.playlist,
        bandwidthBps: published.peakBps + Math.max(0, ...sounds.map(({ peakBps: bps }) => bps)),
        averageBandwidthBps: published.averageBps + Math.max(0, ...sounds.map(({ averageBps: bps }) => bps)),
        codecs: [published.codec, ...codecsOf(group?.tracks ?? [])],
        resolution: { widthPx: published.widthPx ?? 0, heightPx: published.heightPx ?? 0 },
        ...(published.fps !== undefined && { frameRate: published.fps }),
        ...(hasHdr && { videoRange: VIDEO_RANGES[range] }),
        ...(group !== null && { audioGroup: group.id }),
      }
    }),
  )
  return { renditions: groups.flatMap(soundRenditions), variants: inOrder(variants) }
}

/** Of an asset without a picture the sounds themselves are the variants; groups only where there is a choice of them. */
function soundOnly(groups: readonly AudioGroup[]): Offer {
  const hasChoice = groups.some(({ tracks }) => tracks.length > 1)
  const variants = groups.map(({ id, tracks, sounds }): Variant => {
    const main = Math.max(
      0,
      sounds.findIndex(({ isDefault }) => isDefault),
    )
    const {
      playlist,
      peakBps: bandwidthBps,
      averageBps: averageBandwidthBps,
    } = (tracks[main] as MeasuredTrack).published
    const group = hasChoice ? { audioGroup: id } : {}
    return { uri: playlist, bandwidthBps, averageBandwidthBps, codecs: codecsOf(tracks), ...group }
  })
  return { renditions: hasChoice ? groups.flatMap(soundRenditions) : [], variants }
}

interface AudioGroup {
  id: string
  tracks: readonly MeasuredTrack[]
  /** Of each track, in the same order. */
  sounds: readonly PlannedSound[]
}

function audioGroups({ intent }: RunView, audio: readonly MeasuredTrack[]): AudioGroup[] {
  const made = intent.sounds.filter(({ trackId }) => audio.some(({ published }) => published.id === trackId))
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

function codecsOf(tracks: readonly MeasuredTrack[]): string[] {
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

function runFolder({ intent }: RunView): string {
  return homeKeys.run(intent.run)
}

function inHome(view: RunView, object: StoredObject): StoredObject {
  return { ...object, key: `${runFolder(view)}/${object.key}` }
}

function thumbnailsOf(view: RunView, marker: ThumbnailsMarker | null): AssetFacts['thumbnails'] {
  if (marker === null) return null
  const key = (object: StoredObject): string => inHome(view, object).key
  return {
    poster: key(marker.poster),
    images: marker.images.map(key),
    sprites: marker.sprites.map(key),
    cues: key(marker.cues),
  }
}
