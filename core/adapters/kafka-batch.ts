/** How much goes to the broker at once. Pure. */
import { EVENT_BYTES, type EventMessage } from './cloud-event'

/**
 * Takes from the front what fits: one item, or several of EVENT_BYTES together, so that no batch is larger than the
 * largest event and both stay below what a broker takes by default.
 */
export function takeBatch<T>(items: T[], messageOf: (item: T) => EventMessage): T[] {
  let bytes = 0
  const over = items.findIndex((item, index) => {
    bytes += messageBytes(messageOf(item))
    return index > 0 && bytes > EVENT_BYTES
  })
  return items.splice(0, over === -1 ? items.length : over)
}

function messageBytes({ key, value, headers }: EventMessage): number {
  const texts = [key, value, ...Object.entries(headers).flat()]
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}
