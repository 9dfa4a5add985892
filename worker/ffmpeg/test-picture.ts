/** Pure: two seconds of a made-up picture, encoded as a rung of a ladder is, to see how fast a machine is. */
import type { SegmentGrid, VideoEncode } from '../../core/contract/job'
import type { FfmpegCommand } from './command'
import { FIRST_OUTPUT_PIPE } from './run'
import { encoderWords } from './video-encoders'
import { fragmentWords } from './video-args'

/**
 * Moving patterns under noise of one seed: the encoder has to search and to code, as with a camera's picture, and every
 * machine gets the same. Another picture needs another version of the record and another reference (scheduler/cost/speeds.ts).
 */
const SOURCE = 'testsrc2=size=640x360:rate=25:duration=2,noise=alls=20:allf=t:all_seed=1,format=yuv420p'

const GRID: SegmentGrid = { fps: { num: 25, den: 1 }, gopFrames: 50, gopsPerSegment: 1, timescaleHz: 12_800 }

const RUNG: VideoEncode = {
  ...{ id: 'test', codec: 'h264', widthPx: 640, heightPx: 360, bits: 8, range: 'sdr', frameStep: 1 },
  ...{ crf: 23, bitrateBps: null, maxBitrateBps: 3_000_000, bufferBits: 6_000_000 },
  ...{ preset: 'veryfast', profile: 'high', isRequired: true },
}

/** @param threads Encoder threads; null lets x264 decide. */
export function testPictureCommand(threads: number | null): FfmpegCommand {
  return {
    inputs: [{ url: SOURCE, options: ['-f', 'lavfi'] }],
    graph: null,
    outputs: [
      {
        target: `pipe:${FIRST_OUTPUT_PIPE}`,
        options: [...encoderWords(RUNG, GRID, threads, 'expr:eq(n,0)'), ...fragmentWords('frag_keyframe')],
      },
    ],
  }
}
