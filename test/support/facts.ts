/** Right facts of tracks for tests; each test changes what it is about. */
import type { AudioFacts, VideoFacts } from '../../core/contract/source'

export function videoFacts(more: Partial<VideoFacts> = {}): VideoFacts {
  return {
    streamIndex: 0,
    codec: 'h264',
    codedWidthPx: 1920,
    codedHeightPx: 1080,
    dataLines: 0,
    displayWidthPx: 1920,
    displayHeightPx: 1080,
    rotationDegrees: 0,
    fps: { num: 25, den: 1 },
    firstPicture: { num: 0, den: 1 },
    bitDepth: 8,
    transfer: 'sdr',
    fullRange: false,
    colour: { primaries: 'bt709', curve: 'bt709', matrix: 'bt709' },
    interlaced: false,
    fieldOrder: 'flagged',
    durationSeconds: 10,
    bitrateBps: null,
    leadSeconds: 0,
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
