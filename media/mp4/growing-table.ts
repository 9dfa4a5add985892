/** A table of 32-bit numbers that grows: big-endian bytes as boxes have them, so what was gathered is what is written. */
import { invalid } from './boxes'

export interface GrowingTable {
  rows(): number
  /** @throws FFMPEG_OUTPUT_INVALID for a number that 32 bits cannot hold. */
  add(...row: number[]): void
  /** Shares memory with the table; later rows may or may not be in it. */
  bytes(): Uint8Array
}

const FIRST_CAPACITY_ROWS = 1_024

/** @param columns Numbers in a row. */
export function createTable(columns: number): GrowingTable {
  let bytes = Buffer.alloc(4 * columns * FIRST_CAPACITY_ROWS)
  let used = 0
  return {
    rows: () => used / (4 * columns),
    add: (...row) => {
      if (used === bytes.byteLength) bytes = Buffer.concat([bytes], 2 * bytes.byteLength)
      for (const value of row) {
        if (!(value >= -(2 ** 31) && value < 2 ** 32)) throw invalid(`a table holds numbers of 32 bits, got ${value}`)
        bytes.writeInt32BE(value | 0, used)
        used += 4
      }
    },
    bytes: () => bytes.subarray(0, used),
  }
}
