/** Looks up what is known of the fleet's speeds. */
import { asGantryError, GantryError } from '../core/contract/errors'
import { at, stateKeys } from '../core/contract/keys'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { readMachines } from '../core/state/machines'
import { readPinned } from '../core/state/records'
import { knownSpeeds, NO_SPEEDS, type KnownSpeeds } from './cost/known-speeds'
import { NOTHING_LEARNED, parseLearned, type LearnedRecord } from './cost/learned'

export interface SpeedParts {
  store: ObjectStore
  state: Place
  now: () => Date
  /** A record that cannot be used is passed over. */
  onTrouble: (error: GantryError) => void
}

/** Never fails: without records plans go by the reference's speeds. */
export async function readSpeeds(parts: SpeedParts): Promise<KnownSpeeds> {
  const { store, state, now, onTrouble } = parts
  try {
    const [{ records, broken }, learned] = await Promise.all([readMachines(store, state), readLearned(parts)])
    broken.forEach((key) => onTrouble(unusable(key)))
    return knownSpeeds({ machines: records, learned }, now())
  } catch (thrown) {
    onTrouble(asGantryError(thrown))
    return NO_SPEEDS
  }
}

async function readLearned({ store, state, onTrouble }: SpeedParts): Promise<LearnedRecord> {
  const where = at(state, stateKeys.learned)
  const found = await readPinned(store, where)
  if (found === null) return NOTHING_LEARNED
  const learned = parseLearned(found.body)
  if (learned === null) onTrouble(unusable(where.key))
  return learned ?? NOTHING_LEARNED
}

function unusable(key: string): GantryError {
  return new GantryError('STORE_UNAVAILABLE', `the record ${key} is none of Gantry's and is passed over`, { key })
}

/** Speeds move slowly, and masters come by the thousand. */
const KEPT_MS = 60_000

/** The same, looked up once in a while. */
export function speedReader(parts: SpeedParts): () => Promise<KnownSpeeds> {
  let kept: { untilMs: number; speeds: Promise<KnownSpeeds> } | null = null
  return () => {
    const nowMs = parts.now().getTime()
    if (kept === null || nowMs >= kept.untilMs) kept = { untilMs: nowMs + KEPT_MS, speeds: readSpeeds(parts) }
    return kept.speeds
  }
}
