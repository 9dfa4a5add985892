/** Numbers and ASCII words out of raw bytes. Reading past the end gives 0 or a shorter word, never an error. */

export function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

export function uint16(bytes: Uint8Array, at: number): number {
  return byteAt(bytes, at) * 0x100 + byteAt(bytes, at + 1)
}

/** Big endian. */
export function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 0x10000 + uint16(bytes, at + 2)
}

/** Big endian; exact up to 2^53, above that only near. */
export function uint64(bytes: Uint8Array, at: number): number {
  return uint32(bytes, at) * 0x1_0000_0000 + uint32(bytes, at + 4)
}

/** One character a byte. */
export function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length))
}

/** True when `bytes` has `pattern` at `at`: text stands for its ASCII codes. */
export function hasAt(bytes: Uint8Array, at: number, pattern: string | readonly number[]): boolean {
  const codes = typeof pattern === 'string' ? Array.from(pattern, (letter) => letter.charCodeAt(0)) : pattern
  return at >= 0 && at + codes.length <= bytes.length && codes.every((code, index) => bytes[at + index] === code)
}

/** Where `pattern` begins at or after `from`, or -1. */
export function findBytes(bytes: Uint8Array, pattern: readonly number[], from = 0): number {
  const first = pattern[0]
  if (first === undefined) return -1
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (hasAt(bytes, at, pattern)) return at
  }
  return -1
}
