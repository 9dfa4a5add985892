/** The grid of keyframes and segments that all rungs of a master share. */
import type { SegmentGrid } from '../core/contract/job'
import { reduced, toNumber, type Rational } from '../core/contract/rational'

/** MPEG's own clock: whole ticks a picture for 24, 25, 30, 50, 60 and 30000/1001, and fine enough for any timestamps. */
const USUAL_TIMESCALE_HZ = 90_000
/** A time scale must fit 32 bits with room for days of media. */
const LARGEST_TIMESCALE_HZ = 1_000_000

/** Lengths in seconds become whole numbers of pictures, so that cuts fall between them at every rate. */
export function segmentGrid(rate: Rational, ladder: { segmentSeconds: number; gopSeconds: number }): SegmentGrid {
  const fps = reduced(rate)
  return {
    fps,
    gopFrames: Math.max(1, Math.round(ladder.gopSeconds * toNumber(fps))),
    gopsPerSegment: Math.round(ladder.segmentSeconds / ladder.gopSeconds),
    timescaleHz: timescaleHz(fps),
  }
}

/**
 * Ticks a second: a multiple of the rate's numerator, so that a picture lasts whole ticks, of at least 60,000, since
 * masters of irregular rate keep their own timestamps. Odd rates (1000000/66667) take the usual clock.
 */
export function timescaleHz(fps: Rational): number {
  if ((USUAL_TIMESCALE_HZ * fps.den) % fps.num === 0) return USUAL_TIMESCALE_HZ
  const multiple = fps.num * Math.ceil(60_000 / fps.num)
  return multiple <= LARGEST_TIMESCALE_HZ ? multiple : USUAL_TIMESCALE_HZ
}
