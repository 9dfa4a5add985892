/** Pure: a joined run to the texts and records that make it public. */
import type { AssetFacts, PlannedVariant, PublishedRendition } from '../core/contract/intent'
import { homeKeys, outputKeys } from '../core/contract/keys'
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
const AUDIO_GROUP = 'audio'

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

function multivariantText(view: RunView, video: readonly MeasuredTrack[], audio: readonly MeasuredTrack[]): string {
  const [sound] = audio
  if (video.length === 0) return writeMultivariantPlaylist({ audio: [], variants: audio.map(soundVariant) })
  const variants = video.map(({ published }): Variant => {
    return {
      uri: published.playlist,
      bandwidthBps: published.peakBps + (sound?.published.peakBps ?? 0),
      averageBandwidthBps: published.averageBps + (sound?.published.averageBps ?? 0),
      codecs: [published.codec, ...(sound === undefined ? [] : [sound.published.codec])],
      resolution: { widthPx: published.widthPx ?? 0, heightPx: published.heightPx ?? 0 },
      ...(published.fps !== undefined && { frameRate: published.fps }),
      ...(sound !== undefined && { audioGroup: AUDIO_GROUP }),
    }
  })
  return writeMultivariantPlaylist({
    audio: audio.map((track) => soundRendition(track, view)),
    variants: inOrder(variants),
  })
}

function soundVariant({ published }: MeasuredTrack): Variant {
  const { playlist, peakBps: bandwidthBps, averageBps: averageBandwidthBps, codec } = published
  return { uri: playlist, bandwidthBps, averageBandwidthBps, codecs: [codec] }
}

function soundRendition({ published }: MeasuredTrack, { intent }: RunView): AudioRendition {
  const language = intent.facts.audio?.language ?? null
  const job = intent.jobs.find((candidate) => candidate.kind === 'audio')
  return {
    groupId: AUDIO_GROUP,
    name: language ?? 'Main',
    ...(language !== null && { language }),
    isDefault: true,
    channels: job?.kind === 'audio' ? job.encode.channels : 2,
    uri: published.playlist,
  }
}

/** Players start with the first line: a middle rung; the others follow from small to large. */
function inOrder(variants: readonly Variant[]): Variant[] {
  const rising = [...variants].sort((a, b) => a.bandwidthBps - b.bandwidthBps)
  const first = rising.findLast((variant) => variant.bandwidthBps <= FIRST_VARIANT_BPS) ?? rising[0]
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
