/** The grid of keyframes and segments that all rungs of a master share. */
import type { SegmentGrid } from '../core/contract/job'
import { reduced, toNumber, type Rational } from '../core/contract/rational'

/** Whole ticks a picture at nearly all rates: MPEG's clock for 24, 25, 30, 50, 60 and 29.97; then 23.976 and 59.94. */
const USUAL_TIMESCALES_HZ = [90_000, 120_000]

/** Masters of irregular rate keep their own timestamps, which a coarser clock would shift. */
const MIN_TIMESCALE_HZ = 60_000

/**
 * 240000/1001 has the largest numerator that a standard or a camera means. Larger ones are averages that somebody
 * measured (23040000/767849, 1000000/66667): no clock is exact for their pictures, so they take the usual one.
 */
const MAX_EXACT_NUMERATOR = 240_000
const [FALLBACK_TIMESCALE_HZ = 90_000] = USUAL_TIMESCALES_HZ

/**
 * Lengths in seconds become whole numbers of pictures, so that cuts fall between them at every rate: 4 s at 30000/1001
 * are 120 pictures, 4.004 s. A GOP has at least one picture, so a slide show's segments are longer than asked.
 *
 * @param frameStep The largest of the rungs; a GOP is whole steps, so that all rungs begin it with the same picture.
 */
export function segmentGrid(
  rate: Rational,
  ladder: { segmentSeconds: number; gopSeconds: number },
  frameStep: number,
): SegmentGrid {
  const fps = reduced(rate)
  return {
    fps,
    gopFrames: frameStep * Math.max(1, Math.round((ladder.gopSeconds * toNumber(fps)) / frameStep)),
    gopsPerSegment: Math.max(1, Math.round(ladder.segmentSeconds / ladder.gopSeconds)),
    timescaleHz: timescaleHz(fps),
  }
}

/** A segment's exact length in seconds. */
export function segmentLength({ fps, gopFrames, gopsPerSegment }: SegmentGrid): Rational {
  return reduced({ num: gopFrames * gopsPerSegment * fps.den, den: fps.num })
}

/** Ticks a second, at least 60,000: a multiple of the rate's numerator, so that a picture lasts whole ticks. */
export function timescaleHz(fps: Rational): number {
  const usual = USUAL_TIMESCALES_HZ.find((candidate) => candidate % fps.num === 0)
  if (usual !== undefined) return usual
  if (fps.num > MAX_EXACT_NUMERATOR) return FALLBACK_TIMESCALE_HZ
  return fps.num * Math.ceil(MIN_TIMESCALE_HZ / fps.num)
}
