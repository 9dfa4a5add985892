/** Walks the boxes of an MP4 or QuickTime file by their headers (ISO/IEC 14496-12, 4.2), without the media. */
import { ascii, uint32, uint64 } from './read-bytes'

/** Bytes that a walk wants to see; the answer is shorter at the end of the file. */
export interface BytesWanted {
  at: number
  length: number
}

/** `yield` a want, get its bytes: a walk knows nothing of stores. */
export type ByteWalk<T> = Generator<BytesWanted, T, Uint8Array>

/** Offsets in the file. */
export interface WalkedBox {
  type: string
  start: number
  /** Where its contents begin. */
  body: number
  end: number
}

const HEADER_BYTES = 16

/** Null for a header that no box has. @param limit Where a box of size 0 ends. */
export function* readBox(at: number, limit: number): ByteWalk<WalkedBox | null> {
  const header = yield { at, length: HEADER_BYTES }
  if (header.length < 8) return null
  const type = ascii(header, 4, 4)
  const size = uint32(header, 0)
  if (size === 0) return { type, start: at, body: at + 8, end: limit }
  if (size !== 1) return size < 8 ? null : { type, start: at, body: at + 8, end: at + size }
  const large = uint64(header, 8)
  if (header.length < HEADER_BYTES || large < HEADER_BYTES || !Number.isSafeInteger(at + large)) return null
  return { type, start: at, body: at + HEADER_BYTES, end: at + large }
}
