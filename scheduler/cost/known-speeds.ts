/** Pure: what is known of a fleet's speeds, and how far the model's figures are to be stretched by it. */
import { isCounted, type MachineRecord } from '../../core/contract/fleet'
import { MAX_LOG_RATIO, weightNow, type LearnedRecord } from './learned'
import { TEST_PICTURE_SECONDS } from './speeds'

/** A plan is a function of this, whenever it was looked up. */
export interface KnownSpeeds {
  /** Logarithm of the time that the machines take over the reference's; null where none was measured. */
  machines: number | null
  classes: ReadonlyMap<string, { logRatio: number; weight: number; pieces: number }>
}

export const NO_SPEEDS: KnownSpeeds = { machines: null, classes: new Map() }

/** How a figure of the model is stretched, and on what that is based. */
export interface Stretch {
  /** Times the slot-seconds of the reference. */
  factor: number
  from: 'default' | 'calibrated' | 'learned'
  /** That it was learned from; 0 unless it was. */
  pieces: number
}

/** What the machines' own measure weighs beside pieces. */
const MACHINE_WEIGHT = 1

/** Kinds of machines count alike: nobody knows which of them a piece will be on. */
export function knownSpeeds(
  { machines, learned }: { machines: readonly MachineRecord[]; learned: LearnedRecord },
  now: Date,
): KnownSpeeds {
  const logs = machines.filter((one) => isCounted(one, now)).map(({ cpuSeconds }) => logOf(cpuSeconds))
  const sum = logs.reduce((before, log) => before + log, 0)
  const classes = [...learned.classes].map(([name, one]) => {
    return [name, { logRatio: one.logRatio, weight: weightNow(one, now), pieces: one.pieces }] as const
  })
  return { machines: logs.length === 0 ? null : sum / logs.length, classes: new Map(classes) }
}

function logOf(cpuSeconds: number): number {
  return Math.min(MAX_LOG_RATIO, Math.max(-MAX_LOG_RATIO, Math.log(cpuSeconds / TEST_PICTURE_SECONDS)))
}

/** @param pieceClass Null for work that nothing is learned of. */
export function stretchOf({ machines, classes }: KnownSpeeds, pieceClass: string | null): Stretch {
  const from = machines === null ? 'default' : 'calibrated'
  const known = pieceClass === null ? undefined : classes.get(pieceClass)
  if (known === undefined) return { factor: Math.exp(machines ?? 0), from, pieces: 0 }
  const { logRatio, weight, pieces } = known
  const mean = (MACHINE_WEIGHT * (machines ?? 0) + weight * logRatio) / (MACHINE_WEIGHT + weight)
  // What makes up less than half of the figure is not what it is based on.
  if (weight < MACHINE_WEIGHT) return { factor: Math.exp(mean), from, pieces: 0 }
  return { factor: Math.exp(mean), from: 'learned', pieces }
}
