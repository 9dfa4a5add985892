/** Facts of masters that ladders are held against. */
import type { AudioFacts, SourceFacts, VideoFacts } from '../../core/contract/source'

export function videoFacts(more: Partial<VideoFacts> = {}): VideoFacts {
  return {
    streamIndex: 0,
    codec: 'h264',
    codedWidthPx: 1920,
    codedHeightPx: 1080,
    displayWidthPx: 1920,
    displayHeightPx: 1080,
    rotationDegrees: 0,
    fps: { num: 25, den: 1 },
    bitDepth: 8,
    transfer: 'sdr',
    fullRange: false,
    interlaced: false,
    durationSeconds: 10,
    bitrateBps: null,
    ...more,
  }
}

export function audioFacts(more: Partial<AudioFacts> = {}): AudioFacts {
  return {
    streamIndex: 1,
    codec: 'aac',
    channels: 2,
    pairedWith: null,
    sampleRateHz: 48_000,
    language: null,
    durationSeconds: 10,
    ...more,
  }
}

export function master(tracks: {
  video?: VideoFacts | null
  audio?: AudioFacts | null
  otherAudio?: readonly AudioFacts[]
}): SourceFacts {
  const { video = videoFacts(), audio = audioFacts() } = tracks
  const facts = { container: 'mp4', durationSeconds: 10, video, audio, dropped: [], notes: [] } as const
  return { ...facts, bytes: 1_000_000_000, otherAudio: tracks.otherAudio ?? [] }
}

/** A silent master of square pixels, shown at this size. */
export function pictureMaster(
  size: { widthPx: number; heightPx: number },
  more: Partial<VideoFacts> = {},
): SourceFacts {
  const { widthPx, heightPx } = size
  const coded = { codedWidthPx: widthPx, codedHeightPx: heightPx }
  return master({
    video: videoFacts({ ...coded, displayWidthPx: widthPx, displayHeightPx: heightPx, ...more }),
    audio: null,
  })
}
