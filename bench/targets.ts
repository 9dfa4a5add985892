/** What is promised (docs/performance.md); each figure is a median of rounds. */

export interface Target {
  least: number
  most: number
  words: string
}

const atMost = (most: number): Target => ({ least: -Infinity, most, words: `at most ${most}` })
const within = (middle: number, reach: number): Target => {
  return { least: middle - reach, most: middle + reach, words: `${middle} ± ${reach}` }
}

export const TARGETS = {
  bare: atMost(1.05),
  perRungOf4: atMost(0.82),
  perRungOf5: atMost(0.72),
  node: atMost(0.03),
  gate: atMost(0.02),
  /** The same rungs by the same encoder: a sign that the same is compared. */
  sameBytes: within(1, 0.02),
  /** A job reads its master once; a seek reads some blocks again. */
  read: atMost(1.1),
  scaling: { least: 1.6, most: Infinity, words: 'at least 1.6' },
  pieceBytes: within(1, 0.01),
  pieceSsim: within(0, 0.002),
  /** MiB, whatever the length of the master. */
  nodeMemory: atMost(200),
  scratch: atMost(0),
} as const satisfies Record<string, Target>

/** A figure that is none meets nothing. */
export function judge(value: number, { least, most }: Target): boolean {
  return value >= least && value <= most
}
