/**
 * Markers: what a finished part leaves in the state (`done/<part>.json`, If-None-Match: *).
 * The first marker of a part counts; what another attempt wrote is never referenced.
 */
import type { FailureCode } from './failures'
import type { JobKind } from './ids'

export interface StoredObject {
  /** Relative to the run's output prefix, for example `video/720p/0000-k3x7/00000.m4s`. */
  key: string
  bytes: number
  /** Hex. */
  sha256: string
}

/** One media segment as stored and as measured from its own boxes, in ticks of its track. */
export interface StoredSegment extends StoredObject {
  /** Place in the rendition's timeline grid, from 0; numbers rise, and skip where the master has no picture. */
  number: number
  /** Earliest presentation time, with the constant timeline offset. */
  startTicks: number
  /** End of the last sample shown. */
  endTicks: number
  samples: number
  startsWithKeyframe: boolean
}

/** One rendition's share of a piece. */
export interface TrackOutput {
  /** Rung or track id. */
  id: string
  init: StoredObject
  /** RFC 6381, read from the init segment. */
  codec: string
  timescaleHz: number
  segments: readonly StoredSegment[]
  /** As they came from the encoder, whatever was stored of them; a piece that an older version encoded has no count. */
  samples?: number
  /**
   * All boxes of the segments but the media itself, in order; an MP4 is planned from them (media/mp4/fragment-tables.ts).
   * A piece that an older version encoded has none: they are read from its segments.
   */
  tables?: readonly StoredObject[]
  /** Presentation times of all keyframes in ticks, in order; empty for sound. Thumbnails are taken at them. */
  keyframeTicks: readonly number[]
}

interface MarkerBase {
  v: 1
  kind: JobKind
  part: string
  /** Random per attempt; the folder that its objects are in. */
  attempt: string
  workerId: string
  /** The run that it was made in, where it was taken over from there; all else is as it was then. */
  takenFrom?: number
  /** ISO 8601. */
  at: string
}

/** What one ffmpeg run looked like, for the report. */
export interface EncodeReceipt {
  argv: readonly string[]
  ffmpegBuild: string
  wallSeconds: number
  cpuSeconds: number | null
  /** Bytes that were asked of the store for it. */
  bytesRead: number
  stderrTail: readonly string[]
  /** Lines of ffmpeg that report damage in the master. */
  decodeWarnings: number
  /** Pictures that came out damaged. */
  corruptPictures: number
  /** Packets of the master that gave nothing. */
  lostPackets: number
  /** Packets that got another time from ffmpeg's muxer than they had. */
  retimedPackets: number
}

/** The coded pictures of a master as an MP4 with an index. */
export interface RemuxMarker extends MarkerBase {
  kind: 'remux'
  /** Null where no copy has just the master's pictures and times: the first piece then takes all of the master. */
  copy: PictureCopy | null
  /** Why there is none. */
  reason: string | null
  /** Null where ffmpeg failed. */
  receipt: EncodeReceipt | null
}

export interface PictureCopy {
  /** One after the other they are the file. Keys are relative to the run's state; each is pinned by its etag. */
  objects: readonly (StoredObject & { etag: string })[]
  /** Ticks a second, also of the picture's track. Its first picture is shown at 0. */
  timescaleHz: number
  /** When the first picture is shown in the master, in seconds after the container begins and in ticks of the copy. */
  firstTicks: number
  /** A seek may land on a keyframe that is shown so much later than what was sought. */
  blindTicks: number
  /** Nothing later is sought, in the copy's own time. */
  lastSeekTicks: number
  /** The longest time between two pictures in the order of decoding. */
  longestStepTicks: number
  /** Coded pictures of each piece, by the job's lines; two for one where fields are coded apart. */
  pictures: readonly number[]
}

export interface VideoPieceMarker extends MarkerBase {
  kind: 'video-piece'
  /** Pictures in each rung; all rungs have the same. */
  frames: number
  /** Empty where the first piece has taken all of a master that could not be copied. */
  tracks: readonly TrackOutput[]
  /** Optional rungs that could not be encoded, with the failure of the attempt that had them; null where all are there. */
  leftOut: { rungIds: readonly string[]; code: FailureCode; message: string } | null
  receipt: EncodeReceipt
}

export interface AudioMarker extends MarkerBase {
  kind: 'audio'
  /** Null where there is nothing in the master's track, and there are others. */
  track: TrackOutput | null
  /** Null where the ladder asks for none. */
  loudness: SoundLoudness | null
  /** Null with the track. */
  receipt: EncodeReceipt | null
}

/** What became of the loudness asked for, by EBU R128 over the whole sound. */
export interface SoundLoudness {
  targetLufs: number
  /** Null for what has none: silence, or less than 0.4 s. */
  beforeLufs: number | null
  /** As it went into the encoder. */
  afterLufs: number | null
  gainDb: number
}

export interface CaptionsMarker extends MarkerBase {
  kind: 'captions'
  tracks: readonly StoredCaptions[]
  /** Null for a file of captions, which no ffmpeg reads. */
  receipt: EncodeReceipt | null
}

export interface StoredCaptions {
  id: string
  cues: number
  /** When the last cue goes, on the asset's timeline; 0 without any. */
  endSeconds: number
  /** All cues in one WebVTT file. */
  file: StoredObject
  /** Of CAPTION_SEGMENT_SECONDS each, up to the last cue. */
  segments: readonly StoredObject[]
  /** A segment without cues, for the time after the last one. */
  none: StoredObject
}

export interface JoinMarker extends MarkerBase {
  kind: 'join'
  /** Length of the picture, or of the sound where there is no picture. */
  playbackSeconds: number
  /** Rungs in ladder order with the sum over their pieces. */
  renditions: readonly JoinedRendition[]
  warnings: readonly string[]
}

export interface JoinedRendition {
  id: string
  kind: 'video' | 'audio'
  frames: number
  segments: number
  bytes: number
}

export interface Mp4Marker extends MarkerBase {
  kind: 'mp4'
  rungId: string | null
  /** Null for a rung that was left out. */
  object: StoredObject | null
  durationSeconds: number
}

export interface ThumbnailsMarker extends MarkerBase {
  kind: 'thumbnails'
  poster: StoredObject
  images: readonly StoredObject[]
  sprites: readonly StoredObject[]
  cues: StoredObject
}

export interface PublishMarker extends MarkerBase {
  kind: 'publish'
}

export type Marker =
  | RemuxMarker
  | VideoPieceMarker
  | AudioMarker
  | CaptionsMarker
  | JoinMarker
  | Mp4Marker
  | ThumbnailsMarker
  | PublishMarker

/** What a part leaves when it failed for good (`failed/<part>.json`); the scheduler closes the asset from it. */
export interface FailureMarker {
  v: 1
  jobId: string
  part: string
  code: string
  message: string
  details: Readonly<Record<string, unknown>>
  workerId: string
  at: string
}
