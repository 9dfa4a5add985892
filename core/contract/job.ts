/**
 * What the scheduler writes to the queue and the worker reads: plain data, JSON-safe, versioned.
 * A job carries resolved numbers; the worker needs neither ladder files nor the event that started it.
 */
import type { Destination } from './destination'
import type { JobKind } from './ids'
import type { Rational } from './rational'
import type { Clip, Sidecar } from './request'
import type { Reuse } from './reuse'
import type { Colour, Container, FieldOrder, ObjectRef, Place, Transfer } from './source'

/** Version of the job's form. A worker leaves jobs of another version alone (QUEUE_BAD_JOB). */
export const JOB_VERSION = 1 as const

/**
 * Added to every timestamp of every segment. With B-frames and AAC priming the first decode times lie before zero,
 * which fragmented MP4 cannot say; one constant for all pieces keeps them positive and their joins gapless.
 * Source: measured, research on chunk timestamps at seams.
 */
export const TIMELINE_OFFSET_SECONDS = 10

/**
 * Length of a segment of text. Longer than the picture's, which playlists of text may have (source: RFC 8216, 6.2.4):
 * a two-hour film has 120 small objects for each language instead of 1,800.
 */
export const CAPTION_SEGMENT_SECONDS = 60

interface JobBase {
  v: typeof JOB_VERSION
  jobId: string
  assetId: string
  run: number
  kind: JobKind
  part: string
  /** Lane: 1 is first; every job has one, since a job without would pass all others. */
  priority: number
  /** `<output>/<name>/r<run>`: objects of this run go below it. */
  output: Place
  /** Where `output` is not in the output of the settings. */
  destination?: Destination
  /** `<state>/assets/<assetId>/runs/<run>`: markers go below it. */
  state: Place
  /** Where it was made before; a worker that cannot take it over from there makes it anew. */
  reuse?: Reuse
}

/** The master as a worker opens it. */
export interface SourceInput {
  ref: ObjectRef
  bytes: number
  container: Container
  /** Null: the whole of it. */
  clip: Clip | null
  /** Of all tracks of picture and sound that the run encodes: each of its jobs must count from the same zero. */
  trackIndexes: readonly number[]
  /** How much earlier ffmpeg decodes the pictures than the container says; the sound is advanced by as much. */
  pictureLeadSeconds: number
  /** Of a copy that begins with its first picture: when that is shown in the master, in seconds. */
  startSeconds?: Rational
}

/** One rung of the ladder, resolved against the master: nothing left for the worker to decide. */
export interface VideoEncode {
  /** Rung id, for example `720p`; `[a-z0-9][a-z0-9-]*`. */
  id: string
  codec: VideoCodec
  widthPx: number
  heightPx: number
  /** Depth of a sample of the output; 4:2:0 always. */
  bits: 8 | 10
  /** What the output is tagged as: `sdr` where an HDR master is mapped down. */
  range: Transfer
  /** Of so many pictures the first is encoded: 2 halves the rate. Divides the grid's `gopFrames`. */
  frameStep: number
  /** Constant rate factor, on the codec's own scale; null where `bitrateBps` steers. */
  crf: number | null
  /** Average to aim for; null where `crf` steers. */
  bitrateBps: number | null
  /** VBV ceiling. */
  maxBitrateBps: number
  bufferBits: number
  preset: VideoPreset
  /** Of H.264; the other codecs have one for each depth. */
  profile: 'baseline' | 'main' | 'high' | null
  /** False: the asset is published without it when it cannot be encoded. */
  isRequired: boolean
}

export type VideoCodec = 'h264' | 'hevc' | 'av1'

export type VideoPreset = 'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'fast' | 'medium' | 'slow' | 'slower'

export interface AudioEncode {
  /** Track id, also its folder name. */
  id: string
  codec: 'aac' | 'opus'
  bitrateBps: number
  channels: number
  sampleRateHz: number
  /** Integrated loudness to bring it to (EBU R128); null leaves it as it is. */
  loudnessLufs: number | null
}

/** The grid all rungs share. Seconds are rationals: 4 s at 29.97 is 120 frames = 4.004 s. */
export interface SegmentGrid {
  /** Nominal picture rate of the output. */
  fps: Rational
  gopFrames: number
  gopsPerSegment: number
  /** Ticks a second in the output track; where that can be, a picture lasts whole ticks. */
  timescaleHz: number
}

/**
 * The pictures of one piece: those shown from one line on and before another, in ticks of the grid's time scale on the
 * asset's timeline. Lines lie between pictures, so that no rounding moves a picture over one.
 */
export interface TimeSlice {
  /** Position of the piece in the asset, from 0. */
  index: number
  startTicks: number
  /** Null: to the end of the master. */
  endTicks: number | null
  /**
   * Where reading begins, in whole seconds of the master: ffmpeg starts at the keyframe at or before it. Whole seconds
   * are whole ticks of every container, so times that are counted from here are those of the whole master.
   */
  seekSeconds: number
  /** Pictures that the master's own index has here; null where it does not say. */
  pictures: number | null
}

/** The whole of a master: nothing is sought and nothing is cut off. */
export const WHOLE_SLICE: TimeSlice = { index: 0, startTicks: 0, endTicks: null, seekSeconds: 0, pictures: null }

/**
 * Copies the coded pictures of a master whose container has no index into one that has, so that pieces can be read from
 * the middle. One reading of the master; nothing is decoded.
 */
export interface RemuxJob extends JobBase {
  kind: 'remux'
  source: SourceInput
  streamIndex: number
  /** Where the pieces after the first begin, rising; see TimeSlice. */
  lines: { timescaleHz: number; ticks: readonly number[] }
  limits: WorkLimits
}

/** A time slice of the master, decoded once and encoded to all its rungs. */
export interface VideoPieceJob extends JobBase {
  kind: 'video-piece'
  source: SourceInput
  streamIndex: number
  /** Part of the run whose copy of the pictures is read in place of the master. */
  copiedBy?: string
  slice: TimeSlice
  /**
   * When the master's first picture is shown, in seconds after its container begins: the nominal grid of pictures
   * starts there. Null: wherever the first picture is, which a piece that begins later cannot see.
   */
  firstPicture: Rational | null
  grid: SegmentGrid
  picture: PictureTreatment
  rungs: readonly VideoEncode[]
  limits: WorkLimits
}

/** What happens to the picture between decoder and scaler. */
export interface PictureTreatment {
  /** So many lines at the top are no picture; even. */
  dataLines: number
  deinterlace: boolean
  /** Where it is deinterlaced. */
  fieldOrder: FieldOrder
  /** Of the master; where it is `pq` or `hlg`, rungs whose `range` is `sdr` are mapped to BT.709. */
  transfer: Transfer
  /** Of rungs whose `range` is `sdr`. */
  colour: Colour
  /** Pictures are repeated or dropped to the grid's rate: for encoders that place keyframes by count alone. */
  constantRate: boolean
}

/** Bounds of one ffmpeg process. A hostile master meets one of them; a real one never does. */
export interface WorkLimits {
  /** More output frames than this means that timestamps are not believable. */
  maxFrames: number
  maxPixels: number
  /** No progress for this long: stuck. */
  stallSeconds: number
  /** Length of what is encoded, for progress; null where the master does not say. */
  durationSeconds: number | null
}

/** One sound track, encoded whole: encoded in pieces it would drift 1,024 to 2,048 samples a join. */
export interface AudioJob extends JobBase {
  kind: 'audio'
  source: SourceInput
  /** One track, or two of one channel each that are left and right. */
  streamIndexes: readonly number[]
  encode: AudioEncode
  segmentSeconds: Rational
  /** False: there are other sounds, so one with nothing in it is left out. */
  isRequired: boolean
  limits: WorkLimits
}

/** The text tracks of a master, taken out in one reading, or one file of captions beside it. */
export interface CaptionsJob extends JobBase {
  kind: 'captions'
  from: CaptionSource
  limits: WorkLimits
}

export type CaptionSource =
  | { source: SourceInput; tracks: readonly CaptionTrack[] }
  | { sidecar: Pick<Sidecar, 'ref' | 'bytes' | 'format'>; id: string; clip: Clip | null }

export interface CaptionTrack {
  /** Also its folder name. */
  id: string
  streamIndex: number
  codec: string
}

/** Checks the timeline of all pieces; afterwards MP4s and thumbnails can be made. */
export interface JoinJob extends JobBase {
  kind: 'join'
}

/** A progressive MP4 (moov first) of one rung and the sound, from the stored segments, without encoding. */
export interface Mp4Job extends JobBase {
  kind: 'mp4'
  /** Rung id; null for the sound alone. */
  rungId: string | null
}

export interface ThumbnailsJob extends JobBase {
  kind: 'thumbnails'
  /** `atSeconds` counts where it is given. */
  poster: { atFraction: number; atSeconds: number | null; maxWidthPx: number }
  images: { intervalSeconds: number; widthPx: number }
  sprites: { intervalSeconds: number; tileWidthPx: number; columns: number; rows: number }
}

/** Verifies that every object is there, writes playlists and records, and makes the asset public. */
export interface PublishJob extends JobBase {
  kind: 'publish'
}

export type Job = RemuxJob | VideoPieceJob | AudioJob | CaptionsJob | JoinJob | Mp4Job | ThumbnailsJob | PublishJob
