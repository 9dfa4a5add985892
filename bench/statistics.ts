/** Pure: figures of several rounds to the few that are told. */

export interface Spread {
  median: number
  least: number
  most: number
}

/** @returns NaN without values, which no target is met by. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { median: NaN, least: NaN, most: NaN }
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) }
}

/**
 * Of the ratios of each round, not the ratio of two medians: what else the machine does weighs on all runs of a round
 * alike, and differs from round to round.
 */
export function ratioByRound(over: readonly number[], under: readonly number[]): Spread {
  return spreadOf(over.map((value, round) => value / (under[round] ?? NaN)))
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
