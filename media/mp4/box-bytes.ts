/**
 * Boxes that are written (ISO/IEC 14496-12, 4.2): lists of byte strings, so that a table of some MiB is never copied
 * into the box around it.
 */

export type BoxBytes = readonly Uint8Array[]

const HEADER_BYTES = 8
const LONG_HEADER_BYTES = 16
const MAX_UINT32 = 2 ** 32 - 1

export function byteLength(bytes: BoxBytes): number {
  return bytes.reduce((sum, part) => sum + part.byteLength, 0)
}

export function box(type: string, ...contents: BoxBytes[]): BoxBytes {
  const parts = contents.flat()
  return [boxHead(type, byteLength(parts)), ...parts]
}

export function fullBox(type: string, version: number, flags: number, ...contents: BoxBytes[]): BoxBytes {
  return box(type, [uints(version * 2 ** 24 + flags)], ...contents)
}

/** The header alone, with a size of 64 bits where 32 are too few. */
export function boxHead(type: string, contentBytes: number): Uint8Array {
  const isLong = HEADER_BYTES + contentBytes > MAX_UINT32
  const head = Buffer.alloc(isLong ? LONG_HEADER_BYTES : HEADER_BYTES)
  head.writeUInt32BE(isLong ? 1 : HEADER_BYTES + contentBytes, 0)
  head.write(type, 4, 'latin1')
  if (isLong) head.writeBigUInt64BE(BigInt(LONG_HEADER_BYTES + contentBytes), HEADER_BYTES)
  return head
}

/** Each in 32 bits. */
export function uints(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index))
  return bytes
}

/** Each in 64 bits, of which the low 53 can be used; a negative one is written in two's complement. */
export function longInts(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(8 * values.length)
  values.forEach((value, index) => bytes.writeBigInt64BE(BigInt(value), 8 * index))
  return bytes
}

/** A time or duration: 64 bits in version 1 of the boxes that have both forms, else 32. */
export function timeField(version: 0 | 1, value: number): Uint8Array {
  return version === 1 ? longInts(value) : uints(value)
}

/** The form that holds all of the values. */
export function timeVersion(...values: number[]): 0 | 1 {
  return values.some((value) => value > MAX_UINT32) ? 1 : 0
}
