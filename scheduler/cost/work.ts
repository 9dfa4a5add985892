/**
 * What a plan makes of one master, as far as it costs something. Own types, so that the model is usable for work that
 * is not a stored intent, and stays as it is when the intent grows.
 */
import type { Rational } from '../../core/contract/rational'

export type CostCodec = 'h264' | 'hevc' | 'av1'

export type CostPreset = 'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'fast' | 'medium' | 'slow' | 'slower'

export interface PictureWork {
  /** As ffprobe names it. */
  codec: string
  /** As coded, before rotation. */
  widthPx: number
  heightPx: number
  fps: Rational
  isInterlaced: boolean
  /** Whether any rung is mapped from HDR to SDR, which is done once for all of them. */
  isToneMapped: boolean
  /** Parts of the timeline that are encoded apart from each other. */
  pieces: number
  /** Whether they are read from a copy that is made of the coded pictures first. */
  isCopied: boolean
}

export interface RungWork {
  id: string
  codec: CostCodec
  preset: CostPreset
  bits: 8 | 10
  widthPx: number
  heightPx: number
  /** Of the output: half the master's where every second picture is left out. */
  fps: Rational
  maxBitrateBps: number
}

export interface SoundWork {
  id: string
  codec: 'aac' | 'opus'
  channels: number
  bitrateBps: number
  /** Whether it is read once more before, to measure its loudness. */
  isLevelled: boolean
}

export interface ThumbnailWork {
  imageIntervalSeconds: number
  spriteIntervalSeconds: number
  tilesPerSprite: number
}

export interface MasterWork {
  durationSeconds: number
  masterBytes: number
  /** Null for an asset of sound alone. */
  picture: PictureWork | null
  rungs: readonly RungWork[]
  sounds: readonly SoundWork[]
  captionTracks: number
  mp4Files: number
  /** I-frame playlists of the rungs. */
  hasIFrames: boolean
  thumbnails: ThumbnailWork | null
  segmentSeconds: number
}
