/** An exact fraction, so that 30000/1001 stays 30000/1001. `den` is positive. */
export interface Rational {
  num: number
  den: number
}

export function toNumber(value: Rational): number {
  return value.num / value.den
}

/** The same value in lowest terms. Both parts must be safe integers, `den` not zero. */
export function reduced(value: Rational): Rational {
  const sign = value.den < 0 ? -1 : 1
  const divisor = greatestCommonDivisor(Math.abs(value.num), Math.abs(value.den)) || 1
  return { num: (sign * value.num) / divisor, den: (sign * value.den) / divisor }
}

/** `30000/1001`, the form ffmpeg reads and prints. */
export function rationalText(value: Rational): string {
  return `${value.num}/${value.den}`
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
