/** Pure: finished pieces of a run to what they say of the speeds. */
import { MAX_LOG_RATIO, type Observation } from './learned'

export interface MeasuredPiece {
  pieceClass: string
  /** By the model at the reference's speeds. */
  expectedSlotSeconds: number
  cpuSeconds: number
}

/** A piece of less says more of how processes start than of encoders. */
const LEAST_SLOT_SECONDS = 0.5
/** A piece of so much says as much as a longer one. */
const FULL_SLOT_SECONDS = 10
/** Pieces of one master look alike: all of them say no more than this many of different ones. */
const MAX_RUN_WEIGHT = 8

/** One for each class: the piece in the middle speaks for all of them, so that none that went wrong does. */
export function observationsOf(pieces: readonly MeasuredPiece[]): Observation[] {
  const classes = new Map<string, MeasuredPiece[]>()
  for (const piece of pieces.filter(saysSomething)) {
    classes.set(piece.pieceClass, [...(classes.get(piece.pieceClass) ?? []), piece])
  }
  return [...classes].map(([pieceClass, alike]) => {
    const weights = alike.map(({ expectedSlotSeconds }) => Math.min(1, expectedSlotSeconds / FULL_SLOT_SECONDS))
    const weight = Math.min(
      MAX_RUN_WEIGHT,
      weights.reduce((sum, one) => sum + one, 0),
    )
    return { pieceClass, logRatio: median(alike.map(logRatio)), weight, pieces: alike.length }
  })
}

function saysSomething({ expectedSlotSeconds, cpuSeconds }: MeasuredPiece): boolean {
  return Number.isFinite(expectedSlotSeconds) && expectedSlotSeconds >= LEAST_SLOT_SECONDS && cpuSeconds > 0
}

function logRatio({ expectedSlotSeconds, cpuSeconds }: MeasuredPiece): number {
  const ratio = Math.log(cpuSeconds / expectedSlotSeconds)
  return Math.min(MAX_LOG_RATIO, Math.max(-MAX_LOG_RATIO, ratio))
}

function median(values: readonly number[]): number {
  const rising = [...values].sort((a, b) => a - b)
  const middle = rising.length / 2
  const [low = 0, high = low] = [rising[Math.ceil(middle) - 1], rising[Math.floor(middle)]]
  return (low + high) / 2
}
