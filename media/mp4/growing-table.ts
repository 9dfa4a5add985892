/**
 * A table of 32-bit numbers that grows: big-endian bytes as boxes have them, so what was gathered is what is written. It
 * grows block by block: nothing is copied, and at most one block is not full.
 */
import { uints, type BoxBytes } from './box-bytes'
import { invalid } from './boxes'

export interface GrowingTable {
  rows(): number
  /** @throws FFMPEG_OUTPUT_INVALID for a number that 32 bits cannot hold. */
  add(...row: number[]): void
  /** Shares memory with the table, to which nothing is added any more. */
  bytes(): BoxBytes
  /** The number of rows before them, as most boxes have it. */
  counted(): BoxBytes
}

const BLOCK_ROWS = 4_096

/** @param columns Numbers in a row. */
export function createTable(columns: number): GrowingTable {
  const blockBytes = 4 * columns * BLOCK_ROWS
  const full: Buffer[] = []
  let block = Buffer.allocUnsafeSlow(blockBytes)
  let used = 0
  const rows = (): number => full.length * BLOCK_ROWS + used / (4 * columns)
  const bytes = (): BoxBytes => [...full, block.subarray(0, used)]
  return {
    ...{ rows, bytes, counted: () => [uints(rows()), ...bytes()] },
    add: (...row) => {
      if (used === blockBytes) {
        full.push(block)
        block = Buffer.allocUnsafeSlow(blockBytes)
        used = 0
      }
      for (const value of row) {
        if (!(value >= -(2 ** 31) && value < 2 ** 32)) throw invalid(`a table holds numbers of 32 bits, got ${value}`)
        block.writeInt32BE(value | 0, used)
        used += 4
      }
    },
  }
}
