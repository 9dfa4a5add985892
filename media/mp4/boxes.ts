/** Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2), read from bytes in memory. */
import { GantryError } from '../../core/contract/errors'

/** Offsets in the bytes that were walked. */
export interface ByteSpan {
  /** First byte behind the header. */
  payload: number
  /** First byte behind the box. */
  end: number
}

export interface Box extends ByteSpan {
  type: string
  start: number
}

export interface BoxHeader {
  type: string
  /** Header included; 0 means that the box runs to the end of what holds it. */
  size: number
  headerBytes: number
}

/** Our own segments hold a few dozen boxes at a level; a hostile file could hold millions. */
const MAX_BOXES_AT_A_LEVEL = 10_000

/**
 * The boxes in a range, in order. One level only: who wants more walks a path, so depth in a file costs nothing.
 *
 * @throws FFMPEG_OUTPUT_INVALID when a size is impossible or there are too many.
 */
export function boxes(bytes: Uint8Array, from = 0, to = bytes.byteLength): Box[] {
  const found: Box[] = []
  const view = viewOf(bytes)
  for (let at = from; at < to;) {
    const box = boxAt(view, at, to)
    found.push(box)
    if (found.length > MAX_BOXES_AT_A_LEVEL) throw invalid(`more than ${MAX_BOXES_AT_A_LEVEL} boxes at one level`)
    at = box.end
  }
  return found
}

/**
 * All boxes at a path below a range, for example `['trak', 'mdia', 'mdhd']`.
 *
 * @throws FFMPEG_OUTPUT_INVALID when a box on the way has an impossible size.
 */
export function boxesAt(bytes: Uint8Array, path: readonly string[], within?: ByteSpan): Box[] {
  const [type, ...rest] = path
  const level = boxes(bytes, within?.payload, within?.end).filter((box) => box.type === type)
  return rest.length === 0 ? level : level.flatMap((box) => boxesAt(bytes, rest, box))
}

/** The first box at a path. @throws FFMPEG_OUTPUT_INVALID when there is none. */
export function boxAtPath(bytes: Uint8Array, path: readonly string[], within?: ByteSpan): Box {
  const [box] = boxesAt(bytes, path, within)
  if (box === undefined) throw invalid(`the box ${path.join('/')} is missing`)
  return box
}

/**
 * Type and size from a header that may be all there is; null when the header itself is not whole before `to`.
 *
 * @throws FFMPEG_OUTPUT_INVALID for a size beyond 2^53.
 */
export function boxHeader(view: DataView, at: number, to = view.byteLength): BoxHeader | null {
  if (at + 8 > to) return null
  const letter = (index: number): number => view.getUint8(at + 4 + index)
  const type = String.fromCharCode(letter(0), letter(1), letter(2), letter(3))
  const small = view.getUint32(at)
  if (small !== 1) return { type, size: small, headerBytes: 8 }
  if (at + 16 > to) return null
  return { type, size: toSafe(view.getBigUint64(at + 8)), headerBytes: 16 }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** @throws FFMPEG_OUTPUT_INVALID for a number that a double cannot hold exactly. */
export function toSafe(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw invalid(`a 64-bit field holds ${value}, at most 2^53-1 is believable`)
  return number
}

export function invalid(message: string): GantryError {
  return new GantryError('FFMPEG_OUTPUT_INVALID', `not a valid MP4: ${message}`)
}

/** A box type as it may stand in a message. */
export function printable(type: string): string {
  return type.replace(/[^ -~]/g, '?')
}

function boxAt(view: DataView, at: number, to: number): Box {
  const header = boxHeader(view, at, to)
  if (header === null) throw invalid(`${to - at} bytes are too few for a box header`)
  const { type, headerBytes } = header
  const size = header.size === 0 ? to - at : header.size
  if (size < headerBytes || at + size > to) {
    throw invalid(`box '${printable(type)}' has size ${size}, ${headerBytes} to ${to - at} is possible here`)
  }
  return { type, start: at, payload: at + headerBytes, end: at + size }
}
