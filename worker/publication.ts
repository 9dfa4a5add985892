/** Pure: a joined run to the texts and records that make it public. */
import type { AssetFacts, PlannedVariant, PublishedRendition } from '../core/contract/intent'
import { homeKeys, outputKeys } from '../core/contract/keys'
import type { Mp4Marker, StoredObject, ThumbnailsMarker } from '../core/contract/markers'
import { averageBps, peakBps } from '../media/hls/bandwidth'
import {
  playlistSegments,
  targetDurationSeconds,
  writeMediaPlaylist,
  type PlaylistSegment,
} from '../media/hls/media-playlist'
import type { Keyframes } from './keyframes'
import { captionsPublication } from './publication-captions'
import { manifestText } from './publication-dash'
import { iFramesPublication } from './publication-i-frames'
import { audioGroups, multivariantText, type OfferedTrack } from './publication-variants'
import type { RunView } from './run-view'
import { summary, type JoinedTrack } from './timeline'

export interface Publication {
  /** Keys relative to the run's output. */
  playlists: readonly { key: string; text: string }[]
  multivariant: string
  /** Null where the ladder asks for none. */
  mpd: string | null
  asset: AssetFacts
}

export type StoredMp4 = Mp4Marker & { object: StoredObject }

export interface Extras {
  mp4s: readonly StoredMp4[]
  thumbnails: ThumbnailsMarker | null
  /** Absent where the ladder asks for no I-frame playlists. */
  keyframes?: Keyframes
}

export function publicationOf(view: RunView, extras: Extras): Publication {
  const { intent, timeline } = view
  const targetSeconds = Math.max(...timeline.tracks.map((track) => targetDurationSeconds(entriesOf(track))))
  const tracks = timeline.tracks.map((track) =>
    measured(track, { variants: intent.variants, folder: runFolder(view), targetSeconds }),
  )
  const video = tracks.filter((track) => track.kind === 'video')
  const audio = tracks.filter((track) => track.kind === 'audio')
  const captions = captionsPublication(view, runFolder(view))
  const iFrames = iFramesPublication(video, extras.keyframes ?? new Map(), runFolder(view))
  const dash = { folder: runFolder(view), targetSeconds, tracks, groups: audioGroups(intent, audio), captions }
  const mpd = intent.packaging?.dash === true ? manifestText(view, dash) : null
  return {
    playlists: [...tracks.map(({ key, text }) => ({ key, text })), ...captions.playlists, ...iFrames.playlists],
    multivariant: multivariantText(intent, video, audio, captions.renditions, iFrames.streams),
    mpd,
    asset: {
      v: 1,
      assetId: intent.assetId,
      run: intent.run,
      name: intent.name,
      durationSeconds: timeline.playbackSeconds,
      master: homeKeys.master,
      ...(mpd !== null && { manifest: homeKeys.manifest }),
      video: video.map(({ published, track }) => ({ ...published, ...iFrames.published.get(track.id) })),
      audio: audio.map((track) => track.published),
      captions: captions.published,
      mp4: extras.mp4s.map(({ object, rungId }) => ({ ...inHome(view, object), rungId })),
      thumbnails: thumbnailsOf(view, extras.thumbnails),
      warnings: [...timeline.warnings, ...captions.warnings],
    },
  }
}

interface MeasuredTrack extends OfferedTrack {
  kind: 'video' | 'audio'
  track: JoinedTrack
  key: string
  text: string
  published: PublishedRendition
}

function entriesOf(track: JoinedTrack): PlaylistSegment[] {
  return playlistSegments(track.segments, track.timescaleHz)
}

/** A rendition as a playlist in its folder names it. */
export function listedFrom(track: JoinedTrack): { init: string; segments: PlaylistSegment[] } {
  const prefix = outputKeys.trackFolder(track.kind, track.id)
  return {
    init: (track.pieces[0]?.init.key ?? '').slice(prefix.length),
    segments: entriesOf(track).map((segment) => ({ ...segment, uri: segment.uri.slice(prefix.length) })),
  }
}

interface Surroundings {
  variants: readonly PlannedVariant[]
  folder: string
  /** Of all picture and sound of the asset. */
  targetSeconds: number
}

function measured(track: JoinedTrack, { variants, folder, targetSeconds }: Surroundings): MeasuredTrack {
  const key = outputKeys.trackPlaylist(track.kind, track.id)
  const { init, segments } = listedFrom(track)
  const { bytes, segments: count, frames } = summary(track)
  const variant = variants.find((candidate) => candidate.rungId === track.id)
  return {
    ...{ kind: track.kind, track, key },
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
