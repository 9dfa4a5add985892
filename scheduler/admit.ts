import type { LANE_NAMES } from '../routes/schema'
import { GantryError } from '../core/contract/errors'
import { isBelow } from '../core/contract/keys'
import type { Place, SourceArrived } from '../core/contract/source'

/** Lanes are priorities of the queue: a lower number goes first. */
const LANES: Readonly<Record<Lane, number>> = { interactive: 10, normal: 100, bulk: 1_000 }

export type Lane = (typeof LANE_NAMES)[number]

export interface AdmissionLimits {
  maxBytes: number
  /** Where outputs and state go: masters from there would feed the fleet its own products. */
  ownPlaces: readonly Place[]
}

/**
 * Whether a master is taken, before a byte of it is read.
 *
 * @returns The priority its jobs get.
 * @throws SOURCE_EMPTY, SOURCE_TOO_LARGE, SOURCE_NOT_MEDIA (one of our own outputs).
 */
export function admit(source: SourceArrived, lane: Lane, limits: AdmissionLimits): number {
  if (source.bytes === 0) {
    throw new GantryError('SOURCE_EMPTY', `the master '${source.key}' has 0 bytes`)
  }
  if (source.bytes > limits.maxBytes) {
    const sizes = `${source.bytes} bytes, the limit is ${limits.maxBytes} (GANTRY_MAX_BYTES)`
    throw new GantryError('SOURCE_TOO_LARGE', `the master '${source.key}' has ${sizes}`)
  }
  const own = limits.ownPlaces.find((place) => isBelow(place, source))
  if (own !== undefined) {
    const where = `'${source.key}' lies in the output '${own.prefix}'`
    throw new GantryError('SOURCE_NOT_MEDIA', `${where}: what Gantry wrote is not taken as a master`)
  }
  return LANES[lane]
}
