/**
 * Pure: what finished pieces took over what the model says, kept for each class of them as a weighted geometric mean.
 * It forgets with time and with newer pieces, and no single master moves it far: docs/decisions/0021.
 */
import { z } from 'zod'
import { ageDays } from '../../core/contract/fleet'
import { CLASS_FORM } from './piece-class'

/** `fleet/learned.json` in the state. */
export interface LearnedRecord {
  v: 1
  classes: ReadonlyMap<string, LearnedClass>
  /** Runs that were counted last, so that one that is told twice counts once. */
  runs: readonly string[]
}

export interface LearnedClass {
  /** Natural logarithm of time taken over time expected at the reference's speeds. */
  logRatio: number
  /** In pieces of full weight, as of `at`. */
  weight: number
  /** All that were counted, for people. */
  pieces: number
  /** ISO 8601. */
  at: string
}

/** What one run says of one class. */
export interface Observation {
  pieceClass: string
  /** Within MAX_LOG_RATIO. */
  logRatio: number
  weight: number
  pieces: number
}

export const NOTHING_LEARNED: LearnedRecord = { v: 1, classes: new Map(), runs: [] }

/** Nothing that encodes is further from the reference than eight times; what seems to be was measured wrong. */
export const MAX_LOG_RATIO = Math.log(8)
/** Older pieces together count as much as this many, so new ones always tell. */
const MAX_WEIGHT = 128
const HALF_LIFE_DAYS = 30
/** A class that is believed this much is moved only so far by one run: pictures of one kind differ by 1.5 times. */
const BELIEVED_WEIGHT = 4
const MAX_STEP = Math.log(2)
/** Classes below this have as good as nothing to say. */
const LEAST_WEIGHT = 0.02
const MAX_CLASSES = 64
const MAX_RUNS = 64

/** What is left of a class's weight by now; none where its date is ahead of any clock. */
export function weightNow({ weight, at }: LearnedClass, now: Date): number {
  const days = ageDays(at, now)
  return days < -1 ? 0 : weight * 2 ** (-Math.max(0, days) / HALF_LIFE_DAYS)
}

/** @returns The same record when the run was counted before. */
export function learn(
  record: LearnedRecord,
  run: string,
  observations: readonly Observation[],
  now: Date,
): LearnedRecord {
  if (record.runs.includes(run)) return record
  const classes = new Map(record.classes)
  for (const seen of observations) classes.set(seen.pieceClass, counted(classes.get(seen.pieceClass), seen, now))
  return { v: 1, classes: heaviest(classes, now), runs: [...record.runs, run].slice(-MAX_RUNS) }
}

function counted(known: LearnedClass | undefined, seen: Observation, now: Date): LearnedClass {
  const at = now.toISOString()
  const { logRatio, pieces } = seen
  if (known === undefined) return { logRatio, weight: seen.weight, pieces, at }
  const before = weightNow(known, now)
  const believed = before < BELIEVED_WEIGHT ? logRatio : clamped(logRatio, known.logRatio, MAX_STEP)
  const weight = before + seen.weight
  const mean = (before * known.logRatio + seen.weight * believed) / weight
  return {
    // A mean of fractions may pass the bound by a bit, and what is past it is no record.
    logRatio: clamped(mean, 0, MAX_LOG_RATIO),
    ...{ weight: Math.min(weight, MAX_WEIGHT), pieces: known.pieces + pieces, at },
  }
}

function clamped(value: number, middle: number, reach: number): number {
  return Math.min(middle + reach, Math.max(middle - reach, value))
}

function heaviest(classes: ReadonlyMap<string, LearnedClass>, now: Date): Map<string, LearnedClass> {
  const weighed = [...classes].map(([name, one]) => ({ name, one, weight: weightNow(one, now) }))
  const kept = weighed.filter(({ weight }) => weight >= LEAST_WEIGHT).sort((a, b) => b.weight - a.weight)
  return new Map(kept.slice(0, MAX_CLASSES).map(({ name, one }) => [name, one]))
}

const learnedSchema = z.object({
  v: z.literal(1),
  classes: z.record(
    z.string().regex(CLASS_FORM),
    z.object({
      logRatio: z.number().min(-MAX_LOG_RATIO).max(MAX_LOG_RATIO),
      weight: z.number().positive().max(MAX_WEIGHT),
      pieces: z.number().int().positive(),
      at: z.iso.datetime(),
    }),
  ),
  runs: z.array(z.string().max(100)).max(MAX_RUNS),
})

/** @returns Null for what is no such record. */
export function parseLearned(text: string): LearnedRecord | null {
  try {
    const { v, classes, runs } = learnedSchema.parse(JSON.parse(text))
    return { v, classes: new Map(Object.entries(classes)), runs }
  } catch {
    return null
  }
}

/** As it is stored. */
export function learnedJson({ v, classes, runs }: LearnedRecord): unknown {
  return { v, classes: Object.fromEntries(classes), runs }
}
