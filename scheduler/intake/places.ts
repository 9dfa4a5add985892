import type { ObjectAt, Place } from '../../core/contract/source'

/** Whether an object lies in one of these places; `films` does not hold `films2/a.mp4`. */
export function isIn(places: readonly Place[], { bucket, key }: ObjectAt): boolean {
  return places.some(
    (place) =>
      place.bucket === bucket && (place.prefix === '' || key.startsWith(`${place.prefix.replace(/\/$/, '')}/`)),
  )
}
