import { isBelow } from '../../core/contract/keys'
import type { ObjectAt, Place } from '../../core/contract/source'

/** Whether an object lies in one of these places. */
export function isIn(places: readonly Place[], object: ObjectAt): boolean {
  return places.some((place) => isBelow(place, object))
}
