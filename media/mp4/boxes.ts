/** Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2), read from bytes in memory. */
import { GantryError } from '../../core/contract/errors'

export interface Box {
  type: string
  /** Offsets in the bytes that were walked; the payload begins behind the header. */
  start: number
  payload: number
  end: number
}

/** Our own segments hold a few dozen boxes at a level; a hostile file could hold millions. */
const MAX_BOXES_AT_A_LEVEL = 10_000

/**
 * The boxes in a range, in order.
 *
 * @throws FFMPEG_OUTPUT_INVALID when a size is impossible.
 */
export function boxes(bytes: Uint8Array, from = 0, to = bytes.byteLength): Box[] {
  const found: Box[] = []
  for (let at = from; at < to;) {
    const box = boxAt(bytes, at, to)
    found.push(box)
    if (found.length > MAX_BOXES_AT_A_LEVEL) throw invalid(`more than ${MAX_BOXES_AT_A_LEVEL} boxes at one level`)
    at = box.end
  }
  return found
}

/** All boxes at a path below a range, for example `['trak', 'mdia', 'mdhd']`. */
export function boxesAt(bytes: Uint8Array, path: readonly string[], within?: Box): Box[] {
  const [type, ...rest] = path
  if (type === undefined) return within === undefined ? [] : [within]
  const level = boxes(bytes, within?.payload ?? 0, within?.end ?? bytes.byteLength)
  return level.filter((box) => box.type === type).flatMap((box) => boxesAt(bytes, rest, box))
}

/** The one box at a path. @throws FFMPEG_OUTPUT_INVALID when there is none. */
export function boxAtPath(bytes: Uint8Array, path: readonly string[], within?: Box): Box {
  const [box] = boxesAt(bytes, path, within)
  if (box === undefined) throw invalid(`the box ${path.join('/')} is missing`)
  return box
}

/** Type and size from a header that may be all there is; null when the header itself is not whole yet. */
export function boxHeader(bytes: Uint8Array, at: number): { type: string; size: number; headerBytes: number } | null {
  if (at + 8 > bytes.byteLength) return null
  const view = viewOf(bytes)
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
  const small = view.getUint32(at)
  if (small !== 1) return { type, size: small, headerBytes: 8 }
  if (at + 16 > bytes.byteLength) return null
  return { type, size: toSafe(view.getBigUint64(at + 8)), headerBytes: 16 }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** @throws FFMPEG_OUTPUT_INVALID for a number that a double cannot hold exactly. */
export function toSafe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw invalid(`a 64-bit field holds ${value}, which is not believable`)
  }
  return Number(value)
}

export function invalid(message: string): GantryError {
  return new GantryError('FFMPEG_OUTPUT_INVALID', `not a valid MP4: ${message}`)
}

function boxAt(bytes: Uint8Array, at: number, to: number): Box {
  const header = at + 8 <= to ? boxHeader(bytes, at) : null
  if (header === null) throw invalid(`${to - at} bytes are too few for a box header`)
  const { type, headerBytes } = header
  // Size 0 means: to the end of the file (ISO/IEC 14496-12, 4.2).
  const size = header.size === 0 ? to - at : header.size
  if (size < headerBytes || at + size > to) throw invalid(`box '${printable(type)}' has the impossible size ${size}`)
  return { type, start: at, payload: at + headerBytes, end: at + size }
}

function printable(type: string): string {
  return type.replace(/[^ -~]/g, '?')
}
