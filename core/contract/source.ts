import type { Rational } from './rational'

/** One object in a store. */
export interface ObjectAt {
  bucket: string
  key: string
}

/** An object whose bytes are pinned: a re-upload under the same key has another etag and is another asset. */
export interface ObjectRef extends ObjectAt {
  /** Opaque; equal means the same bytes. */
  etag: string
  /** Present where the bucket keeps versions. */
  versionId?: string
}

/** A bucket and a key prefix without a trailing slash; an empty prefix is the bucket's root. */
export interface Place {
  bucket: string
  prefix: string
}

/** What intake hands to admission: a master that somebody put somewhere. */
export interface SourceArrived extends ObjectRef {
  bytes: number
  /** Orders events of one key; absent where the intake has none. */
  sequencer?: string
}

/** The containers Gantry opens; each names one ffmpeg demuxer, which is forced (see media/sniff.ts). */
export type Container =
  'mp4' | 'matroska' | 'mpegts' | 'mpegps' | 'avi' | 'mxf' | 'flv' | 'asf' | 'ogg' | 'wav' | 'mp3' | 'flac' | 'adts'

export type Transfer = 'sdr' | 'pq' | 'hlg'

/** Of pictures in standard range, by ffmpeg's names of ITU-T H.273. */
export interface Colour {
  primaries: string
  /** Transfer characteristics. */
  curve: string
  matrix: string
}

/** What probing the master told us. Every number is read from the bytes, none from the file's name. */
export interface SourceFacts {
  container: Container
  bytes: number
  /** As the container declares it; null where it does not say. */
  durationSeconds: number | null
  /** The picture that is encoded; null for an audio-only master. */
  video: VideoFacts | null
  /** The sound that is encoded; null for a silent master. */
  audio: AudioFacts | null
  /** Sounds in other languages, and further pairs of single channels. */
  otherAudio: readonly AudioFacts[]
  /** Tracks of text that can be shown over the picture. */
  captions: readonly CaptionFacts[]
  /** Tracks that are not used, each with the reason. */
  dropped: readonly DroppedStream[]
  /** Things that were odd but did not stop us, for the report. */
  notes: readonly string[]
}

/** Which field of an interlaced picture is the earlier one; `flagged`: as each picture itself says. */
export type FieldOrder = 'flagged' | 'top-first' | 'bottom-first'

export interface VideoFacts {
  /** Index of the stream in the container, as `-map 0:<index>` takes it. */
  streamIndex: number
  codec: string
  codedWidthPx: number
  codedHeightPx: number
  /** Of the coded lines so many at the top are no picture. */
  dataLines: number
  /** As a viewer sees it: square pixels, rotation applied. */
  displayWidthPx: number
  displayHeightPx: number
  /** Clockwise turn that a player applies: 0, 90, 180 or 270. */
  rotationDegrees: 0 | 90 | 180 | 270
  /** Pictures a second, believable (at most 240), in lowest terms. Timestamps are kept; this is for planning. */
  fps: Rational
  /** When the first picture is shown, in seconds after the container begins; null where nobody says. */
  firstPicture: Rational | null
  bitDepth: number
  transfer: Transfer
  fullRange: boolean
  /** What rungs in standard range are made and tagged as. */
  colour: Colour
  interlaced: boolean
  fieldOrder: FieldOrder
  /** Declared by the stream itself; null where only the container says. */
  durationSeconds: number | null
  bitrateBps: number | null
  /** How much earlier ffmpeg decodes the pictures than the container says; less than one picture. */
  leadSeconds: number
}

export interface AudioFacts {
  streamIndex: number
  codec: string
  channels: number
  /** Track that is the right channel where this one is the left; null for a track that is whole by itself. */
  pairedWith: number | null
  sampleRateHz: number
  /** BCP 47 or ISO 639 tag when the container gives a valid one. */
  language: string | null
  durationSeconds: number | null
}

export interface CaptionFacts {
  streamIndex: number
  codec: string
  language: string | null
  /** To be shown also to viewers who did not ask: signs, foreign words. */
  isForced: boolean
  /** Says sounds, too, for those who do not hear them. */
  isForDeaf: boolean
}

export interface DroppedStream {
  streamIndex: number
  kind: 'video' | 'audio' | 'subtitle' | 'data' | 'attachment'
  codec: string
  reason: string
}
