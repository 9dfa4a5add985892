import { closeSync, openSync, readSync } from 'node:fs'

/** Types of the top-level boxes of an MP4 file, in order. */
export function topBoxes(file: string): string[] {
  const descriptor = openSync(file, 'r')
  try {
    const types: string[] = []
    const header = Buffer.alloc(16)
    for (let at = 0; readSync(descriptor, header, 0, 16, at) >= 8;) {
      const small = header.readUInt32BE(0)
      types.push(header.toString('latin1', 4, 8))
      const size = small === 1 ? Number(header.readBigUInt64BE(8)) : small
      if (size < 8) break
      at += size
    }
    return types
  } finally {
    closeSync(descriptor)
  }
}
