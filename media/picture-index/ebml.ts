/** EBML elements (RFC 8794), read by their headers. */
import type { ByteWalk } from '../box-walk'
import { byteAt, hasAt } from '../read-bytes'
import { refused } from './refused'

/** Offsets in whatever was read: the file, or bytes in memory. */
export interface Element {
  /** With its length marker, as specifications write it: 0x1549A966. */
  id: number
  start: number
  body: number
  /** Null for an unknown size (RFC 8794, 6.2), which live recordings have. */
  end: number | null
}

const HEADER_BYTES = 12

/** Null where no element begins. */
export function* readElement(at: number): ByteWalk<Element | null> {
  return elementAt(yield { at, length: HEADER_BYTES }, 0, at)
}

/** An element whose size is known. */
export type WholeElement = Element & { end: number }

/** An element can have 2 bytes; Cues of 12 hours have some 43,200 points. */
const ELEMENTS_AT_A_LEVEL_MAX = 262_144

/** All elements in a body that was read whole. @throws What `refused` gives when one runs past the end. */
export function* elementsIn(bytes: Uint8Array, from = 0, to = bytes.byteLength): Generator<WholeElement> {
  let count = 0
  for (let at = from; at < to;) {
    const element = elementAt(bytes.subarray(0, to), at, at)
    const end = element?.end ?? null
    if (element === null || end === null || end > to) throw refused('an element in its index has an impossible size')
    count += 1
    if (count > ELEMENTS_AT_A_LEVEL_MAX) throw refused(`its index has more than ${ELEMENTS_AT_A_LEVEL_MAX} elements`)
    yield { ...element, end }
    at = end
  }
}

/** The elements with an id. */
export function elementsOf(id: number, bytes: Uint8Array, within?: { body: number; end: number }): WholeElement[] {
  const found: WholeElement[] = []
  for (const element of elementsIn(bytes, within?.body, within?.end)) if (element.id === id) found.push(element)
  return found
}

/** The number in the first element with an id, or null. */
export function numberOf(id: number, bytes: Uint8Array, within?: { body: number; end: number }): number | null {
  const [element] = elementsOf(id, bytes, within)
  return element === undefined ? null : unsignedIn(bytes, element)
}

/** Unsigned, big endian; no bytes are 0 (RFC 8794, 7.2). */
export function unsignedIn(bytes: Uint8Array, { body, end }: { body: number; end: number }): number {
  let value = 0
  for (let at = body; at < end; at += 1) value = value * 0x100 + byteAt(bytes, at)
  if (!Number.isSafeInteger(value)) throw refused('a number in its index is beyond 2^53')
  return value
}

/** @param at Where it is in `bytes`. @param position Where it is for the caller. */
function elementAt(bytes: Uint8Array, at: number, position: number): Element | null {
  const id = sizedInteger(bytes, at, 4)
  if (id === null) return null
  const size = sizedInteger(bytes, at + id.length, 8)
  if (size === null) return null
  const body = position + id.length + size.length
  const isUnknown =
    byteAt(bytes, at + id.length) === 2 ** (9 - size.length) - 1 && hasOnes(bytes, at + id.length + 1, size.length - 1)
  const end = body + size.value
  if (!isUnknown && !Number.isSafeInteger(end)) return null
  const marker = 2 ** (7 * id.length)
  return { id: id.value + marker, start: position, body, end: isUnknown ? null : end }
}

function hasOnes(bytes: Uint8Array, at: number, length: number): boolean {
  return hasAt(bytes, at, new Array<number>(length).fill(0xff))
}

/** RFC 8794, 4: as many bytes as the first one has leading zeros and one more; the marker is taken off. */
export function sizedInteger(
  bytes: Uint8Array,
  at: number,
  maxLength: number,
): { value: number; length: number } | null {
  const first = byteAt(bytes, at)
  const length = Math.clz32(first) - 23
  if (first === 0 || length > maxLength || at + length > bytes.byteLength) return null
  let value = first - 2 ** (8 - length)
  for (let index = 1; index < length; index += 1) value = value * 0x100 + byteAt(bytes, at + index)
  return { value, length }
}
