/** When the first picture of a Matroska file is shown, from the first blocks of its first cluster (RFC 9559, 10). */
import type { ByteWalk } from '../box-walk'
import { uint16, byteAt } from '../read-bytes'
import { readElement, sizedInteger, unsignedIn, type Element } from './ebml'
import { refused } from './refused'

const ID = { timestamp: 0xe7, simpleBlock: 0xa3, blockGroup: 0xa0, block: 0xa1 } as const
/** Sound may come first: half a second of it has some 25 blocks. */
const ELEMENTS_MAX = 96

/**
 * In ticks of the segment.
 *
 * @throws What `refused` gives unless the first two pictures decoded are in the order in which they are shown: what is
 * shown before the first keyframe needs pictures that the file does not have, and decoders differ about it.
 */
export function* firstPictureTicks(cluster: Element, bytes: number, track: number): ByteWalk<number> {
  const limit = cluster.end ?? bytes
  let base: number | null = null
  let first: number | null = null
  let at = cluster.body
  for (let count = 0; count < ELEMENTS_MAX && at < limit; count += 1) {
    const element: Element | null = yield* readElement(at)
    // The next cluster: one of unknown size ends where it begins.
    if (element === null || element.end === null || element.id > 0xffffff) break
    if (element.id === ID.timestamp) base = yield* clusterTime(element)
    const relative = yield* blockTime(element, track)
    if (relative !== null && base !== null) {
      if (first !== null && relative < first) throw refused('pictures are shown before its first keyframe')
      if (first !== null) return base + first
      first = relative
    }
    // Into a group, over all else.
    at = element.id === ID.blockGroup ? element.body : element.end
  }
  if (base === null || first === null) throw refused('its first cluster does not begin with pictures')
  return base + first
}

function* clusterTime({ body, end }: Element): ByteWalk<number> {
  const length = Math.min(8, (end ?? body) - body)
  return unsignedIn(yield { at: body, length }, { body: 0, end: length })
}

/** Ticks after the cluster's own; null for what is no block of the track. */
function* blockTime({ id, body }: Element, track: number): ByteWalk<number | null> {
  if (id !== ID.simpleBlock && id !== ID.block) return null
  const head = yield { at: body, length: 12 }
  const number = sizedInteger(head, 0, 8)
  if (number === null || number.value !== track) return null
  const ticks = uint16(head, number.length)
  return byteAt(head, number.length) >= 0x80 ? ticks - 0x10000 : ticks
}
