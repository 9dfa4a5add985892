/** A frame rate that can be believed, out of the two that ffprobe gives. */
import { reduced, toNumber, type Rational } from '../contract/rational'

const MAX_FPS = 240
const FALLBACK: Rational = { num: 30, den: 1 }

/** What cameras and editors make. 15 and 120 are older and newer than television. */
const STANDARD: readonly Rational[] = [
  { num: 15, den: 1 },
  { num: 24_000, den: 1_001 },
  { num: 24, den: 1 },
  { num: 25, den: 1 },
  { num: 30_000, den: 1_001 },
  { num: 30, den: 1 },
  { num: 48, den: 1 },
  { num: 50, den: 1 },
  { num: 60_000, den: 1_001 },
  { num: 60, den: 1 },
  { num: 120, den: 1 },
]

/** 24000/1001 is nearer than this to 24, so of two standard rates the nearer one counts. */
const NEAR = 0.001
/** A standard rate must count the same pictures over the whole length. */
const DRIFT_PICTURES = 0.5

export interface RateInput {
  /** Pictures over time. */
  average: Rational | null
  /** The least rate that all timestamps fit; twice the real one for interlaced H.264, a timebase for rubbish. */
  real: Rational | null
  durationSeconds: number | null
}

/**
 * The rate to plan with, in lowest terms, above 0 and at most 240.
 *
 * The average comes first, since it counts pictures; the other one only where the average is absurd (Matroska files
 * with rough timestamps say 1000). A rate near a standard one becomes it if that changes the number of pictures over
 * the whole length by less than a half: a short clip's 37200/1241 is 30000/1001 measured roughly, while the same
 * difference over an hour is real and stays. Where the length is unknown both rates must be near the same standard one.
 * Without any believable rate it is 240 for a rate above that, and 30 for none (screen recorders write 0/0).
 */
export function believableRate(input: RateInput): Rational {
  const rates = [input.average, input.real].filter((rate) => rate !== null)
  const sane = rates.find((rate) => toNumber(rate) <= MAX_FPS)
  if (sane === undefined) return rates.length > 0 ? { num: MAX_FPS, den: 1 } : FALLBACK
  const standard = nearest(sane)
  if (standard === null) return reduced(sane)
  if (input.durationSeconds === null) {
    return rates.length === 2 && rates.every((rate) => nearest(rate) === standard) ? standard : reduced(sane)
  }
  const drift = Math.abs(toNumber(sane) - toNumber(standard)) * input.durationSeconds
  return drift < DRIFT_PICTURES ? standard : reduced(sane)
}

function nearest(rate: Rational): Rational | null {
  const distance = (other: Rational): number => Math.abs(toNumber(rate) / toNumber(other) - 1)
  const [best] = [...STANDARD].sort((a, b) => distance(a) - distance(b))
  return best !== undefined && distance(best) <= NEAR ? best : null
}
