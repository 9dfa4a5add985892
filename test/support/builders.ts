/** Right values for tests; each test changes what it is about. */
import {
  JOB_VERSION,
  WHOLE_SLICE,
  type AudioJob,
  type SegmentGrid,
  type VideoEncode,
  type VideoPieceJob,
} from '../../core/contract/job'
import type { AudioMarker, StoredSegment, TrackOutput, VideoPieceMarker } from '../../core/contract/markers'
import type { SourceFacts } from '../../core/contract/source'
import type { PlanLimits } from '../../scheduler/plan'
import { audioFacts, videoFacts } from './facts'

/** 1280x720 for 8 s, with stereo. */
export function sourceFacts(more: Partial<SourceFacts> = {}): SourceFacts {
  const size = { codedWidthPx: 1280, codedHeightPx: 720, displayWidthPx: 1280, displayHeightPx: 720 }
  return {
    ...{ container: 'mp4', bytes: 1_000, durationSeconds: 8, dropped: [], notes: [] },
    ...{
      video: videoFacts({ ...size, durationSeconds: 8 }),
      audio: audioFacts({ durationSeconds: 8 }),
      otherAudio: [],
      captions: [],
    },
    ...more,
  }
}

/** Of a scheduler that cuts masters by its own model. */
export function planLimits(more: Partial<PlanLimits> = {}): PlanLimits {
  const limits = { maxPixels: 35_389_440, stallSeconds: 60, maxDurationSeconds: 3_600 }
  return { ...limits, pieceSeconds: null, slotMemoryBytes: 8 * 2 ** 30, ...more }
}

export const GRID: SegmentGrid = { fps: { num: 25, den: 1 }, gopFrames: 50, gopsPerSegment: 2, timescaleHz: 90_000 }

export function rung(id: string, heightPx: number): VideoEncode {
  return {
    ...{
      id,
      codec: 'h264',
      widthPx: (heightPx * 16) / 9,
      heightPx,
      ...{ bits: 8, range: 'sdr', frameStep: 1, bitrateBps: null },
      crf: 23,
      maxBitrateBps: 1_000_000,
      bufferBits: 2_000_000,
    },
    ...{ preset: 'veryfast', profile: 'high', isRequired: true },
  }
}

/** Of a source whose tracks need no care. */
const WHOLE = { trackIndexes: [0, 1], pictureLeadSeconds: 0 }

export function pieceJob(more: Partial<VideoPieceJob> = {}): VideoPieceJob {
  const assetId = 'a'.repeat(20)
  return {
    ...{
      v: JOB_VERSION,
      jobId: `${assetId}.1.video-piece.video-0000`,
      assetId,
      run: 1,
      kind: 'video-piece',
      part: 'video-0000',
    },
    ...{
      priority: 100,
      output: { bucket: 'out', prefix: 'x/r1' },
      state: { bucket: 'state', prefix: 's' },
      streamIndex: 0,
    },
    source: { ref: { bucket: 'file', key: '/m.mp4', etag: 'e' }, bytes: 1_000, container: 'mp4', clip: null, ...WHOLE },
    ...{ slice: WHOLE_SLICE, firstPicture: null },
    grid: GRID,
    picture: {
      dataLines: 0,
      deinterlace: false,
      fieldOrder: 'flagged',
      transfer: 'sdr',
      colour: { primaries: 'bt709', curve: 'bt709', matrix: 'bt709' },
      constantRate: false,
    },
    rungs: [rung('360p', 360), rung('720p', 720)],
    limits: { maxFrames: 3_000, maxPixels: 1e7, stallSeconds: 60, durationSeconds: 8 },
    ...more,
  }
}

/** Of the second track of the same master. */
export function audioJob(more: Partial<AudioJob> = {}): AudioJob {
  const { v, assetId, run, priority, output, state, source, limits } = pieceJob()
  return {
    ...{ v, assetId, run, priority, output, state, source, limits },
    ...{ jobId: `${assetId}.1.audio.audio`, kind: 'audio', part: 'audio', streamIndexes: [1] },
    ...{ segmentSeconds: { num: 4, den: 1 }, isRequired: true },
    encode: { id: 'audio', codec: 'aac', bitrateBps: 128_000, channels: 2, sampleRateHz: 48_000, loudnessLufs: null },
    ...more,
  }
}

/** Four seconds from 10 s on, for each number. */
export function segment(number: number, more: Partial<StoredSegment> = {}): StoredSegment {
  const startTicks = (10 + 4 * number) * 90_000
  return {
    ...{ key: `video/360p/0000-a/${number}.m4s`, bytes: 1_000, sha256: 'f', number, samples: 100 },
    ...{ startTicks, endTicks: startTicks + 4 * 90_000, startsWithKeyframe: true, ...more },
  }
}

export function track(id: string, segments: readonly StoredSegment[], more: Partial<TrackOutput> = {}): TrackOutput {
  const init = { key: `video/${id}/init-1.mp4`, bytes: 500, sha256: '1' }
  return { id, init, codec: 'avc1.64001f', timescaleHz: 90_000, segments, tables: [], keyframeTicks: [], ...more }
}

export function pieceMarker(tracks: readonly TrackOutput[], more: Partial<VideoPieceMarker> = {}): VideoPieceMarker {
  const receipt = {
    argv: [],
    ffmpegBuild: 'x',
    wallSeconds: 1,
    cpuSeconds: 1,
    bytesRead: 1,
    stderrTail: [],
    decodeWarnings: 0,
    corruptPictures: 0,
    lostPackets: 0,
    retimedPackets: 0,
  }
  return {
    ...{ v: 1, kind: 'video-piece', part: 'video-0000', attempt: 'a', workerId: 'w', at: '2026-01-01T00:00:00.000Z' },
    ...{ frames: samplesOf(tracks[0]), tracks, leftOut: null, receipt, ...more },
  }
}

function samplesOf(track: TrackOutput | undefined): number {
  return track?.segments.reduce((sum, { samples }) => sum + samples, 0) ?? 0
}

export function audioMarker(sound: TrackOutput, more: Partial<AudioMarker> = {}): AudioMarker {
  const { v, attempt, workerId, at, receipt } = pieceMarker([])
  return { v, kind: 'audio', part: 'audio', attempt, workerId, at, track: sound, loudness: null, receipt, ...more }
}
