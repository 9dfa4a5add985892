/** Pure: a joined run to the texts and records that make it public. */
import type { AssetFacts, PlannedSound, PlannedVariant, PublishedRendition } from '../core/contract/intent'
import { homeKeys, outputKeys } from '../core/contract/keys'
import type { Transfer } from '../core/contract/source'
import type { Mp4Marker, StoredObject, ThumbnailsMarker } from '../core/contract/markers'
import { averageBps, peakBps } from '../media/hls/bandwidth'
import { playlistSegments, targetDurationSeconds, writeMediaPlaylist } from '../media/hls/media-playlist'
import { writeMultivariantPlaylist, type AudioRendition, type Variant } from '../media/hls/multivariant'
import type { RunView } from './run-view'
import { summary, type JoinedTrack } from './timeline'

export interface Publication {
  /** Keys relative to the run's output. */
  playlists: readonly { key: string; text: string }[]
  multivariant: string
  asset: AssetFacts
}

export interface Extras {
  mp4s: readonly Mp4Marker[]
  thumbnails: ThumbnailsMarker | null
}

/** BANDWIDTH of the variant a player starts with is at most this; Apple's authoring rules suggest about 2 Mb/s. */
const FIRST_VARIANT_BPS = 2_500_000
/** Source: draft-pantos-hls-rfc8216bis, 4.4.6.2; a playlist without HDR leaves it out, which says SDR. */
const VIDEO_RANGES = { sdr: 'SDR', pq: 'PQ', hlg: 'HLG' } as const

export function publicationOf(view: RunView, extras: Extras): Publication {
  const { intent, timeline } = view
  const tracks = timeline.tracks.map((track) => measured(track, intent.variants, runFolder(view)))
  const video = tracks.filter((track) => track.kind === 'video')
  const audio = tracks.filter((track) => track.kind === 'audio')
  return {
    playlists: tracks.map(({ key, text }) => ({ key, text })),
    multivariant: multivariantText(view, video, audio),
    asset: {
      v: 1,
      assetId: intent.assetId,
      run: intent.run,
      name: intent.name,
      durationSeconds: timeline.playbackSeconds,
      master: homeKeys.master,
      video: video.map((track) => track.published),
      audio: audio.map((track) => track.published),
      mp4: extras.mp4s.map(({ object, rungId }) => ({ ...inHome(view, object), rungId })),
      thumbnails: thumbnailsOf(view, extras.thumbnails),
      warnings: timeline.warnings,
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

function measured(track: JoinedTrack, variants: readonly PlannedVariant[], folder: string): MeasuredTrack {
  const key = outputKeys.trackPlaylist(track.kind, track.id)
  const prefix = key.slice(0, key.lastIndexOf('/') + 1)
  const init = (track.pieces[0]?.init.key ?? '').slice(prefix.length)
  const segments = playlistSegments(track.segments, track.timescaleHz).map((segment) => ({
    ...segment,
    uri: segment.uri.slice(prefix.length),
  }))
  const targetSeconds = targetDurationSeconds(segments)
  const { bytes, segments: count, frames } = summary(track)
  const variant = variants.find((candidate) => candidate.rungId === track.id)
  return {
    kind: track.kind,
    key,
    text: writeMediaPlaylist({ init, segments }),
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
function multivariantText(view: RunView, video: readonly MeasuredTrack[], audio: readonly MeasuredTrack[]): string {
  const groups = audioGroups(view, audio)
  if (video.length === 0) return soundOnly(groups)
  const hasHdr = video.some(({ range }) => range !== 'sdr')
  const variants = video.flatMap(({ published, range }) =>
    (groups.length === 0 ? [null] : groups).map((group): Variant => {
      const peak = Math.max(0, ...(group?.tracks.map((track) => track.published.peakBps) ?? []))
      const average = Math.max(0, ...(group?.tracks.map((track) => track.published.averageBps) ?? []))
      return {
        uri: published.playlist,
        bandwidthBps: published.peakBps + peak,
        averageBandwidthBps: published.averageBps + average,
        codecs: [published.codec, ...codecsOf(group?.tracks ?? [])],
        resolution: { widthPx: published.widthPx ?? 0, heightPx: published.heightPx ?? 0 },
        ...(published.fps !== undefined && { frameRate: published.fps }),
        ...(hasHdr && { videoRange: VIDEO_RANGES[range] }),
        ...(group !== null && { audioGroup: group.id }),
      }
    }),
  )
  return writeMultivariantPlaylist({ audio: groups.flatMap(soundRenditions), variants: inOrder(variants) })
}

/** Of an asset without a picture the sounds themselves are the variants; groups only where there is a choice of them. */
function soundOnly(groups: readonly AudioGroup[]): string {
  const hasChoice = groups.some(({ tracks }) => tracks.length > 1)
  const variants = groups.map(({ id, tracks, sounds }): Variant => {
    const main = tracks[
      Math.max(
        0,
        sounds.findIndex(({ isDefault }) => isDefault),
      )
    ] as MeasuredTrack
    const { playlist, peakBps: bandwidthBps, averageBps: averageBandwidthBps } = main.published
    const group = hasChoice ? { audioGroup: id } : {}
    return { uri: playlist, bandwidthBps, averageBandwidthBps, codecs: codecsOf(tracks), ...group }
  })
  return writeMultivariantPlaylist({ audio: hasChoice ? groups.flatMap(soundRenditions) : [], variants })
}

interface AudioGroup {
  id: string
  tracks: readonly MeasuredTrack[]
  /** Of each track, in the same order. */
  sounds: readonly PlannedSound[]
}

function audioGroups({ intent }: RunView, audio: readonly MeasuredTrack[]): AudioGroup[] {
  const ids = [...new Set(intent.sounds.flatMap(({ groups }) => groups))]
  return ids.map((id) => {
    const sounds = intent.sounds.filter(({ groups }) => groups.includes(id))
    const tracks = sounds.flatMap(({ trackId }) => audio.find(({ published }) => published.id === trackId) ?? [])
    return { id, tracks, sounds }
  })
}

function codecsOf(tracks: readonly MeasuredTrack[]): string[] {
  return [...new Set(tracks.map(({ published }) => published.codec))]
}

function soundRenditions({ id, tracks, sounds }: AudioGroup): AudioRendition[] {
  const names = soundNames(sounds)
  return tracks.map(({ published }, index) => {
    const { language = null, isDefault = false, channels = 2 } = sounds[index] ?? {}
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

/** In English, since nothing says what the viewer speaks; numbered where a language comes twice. */
function soundNames(sounds: readonly PlannedSound[]): string[] {
  const english = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' })
  const seen = new Map<string, number>()
  return sounds.map(({ language }) => {
    const name = language === null ? 'Main' : (english.of(language) ?? language)
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name} ${count}`
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
