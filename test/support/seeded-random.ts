/** The same numbers in every run: a test that fails on generated input fails again. */
export interface SeededRandom {
  /** 0 to below 1. */
  next(): number
  /** Both ends included. */
  integer(from: number, to: number): number
  pick<T>(choices: readonly T[]): T
}

/** Mulberry32: 32 bits of state, even enough for tests. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return { next, integer, pick: (choices) => choices[integer(0, choices.length - 1)] as (typeof choices)[number] }
}
