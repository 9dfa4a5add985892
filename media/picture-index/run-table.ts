/** Tables of runs (`stts`, `ctts`, `sbgp`): pairs of a count and a value, ISO/IEC 14496-12, 8.6.1 and 8.9.2. */
import { viewOf } from '../mp4/boxes'

/** Gives a table's value sample by sample; nothing is unfolded, so a count of 2^32 costs nothing. */
export interface RunCursor {
  /** The value of the next sample, or null behind the last. */
  next(): number | null
}

/** @param rows The pairs alone. @param signed Whether values are read as two's complement. */
export function runCursor(rows: Uint8Array, signed: boolean): RunCursor {
  const view = viewOf(rows)
  const end = rows.byteLength - (rows.byteLength % 8)
  let at = 0
  let left = 0
  let value = 0
  return {
    next: () => {
      while (left === 0) {
        if (at >= end) return null
        left = view.getUint32(at)
        value = signed ? view.getInt32(at + 4) : view.getUint32(at + 4)
        at += 8
      }
      left -= 1
      return value
    },
  }
}

/** Gives the numbers of a rising table (`stss`), each asked for once and in order. */
export function numberCursor(rows: Uint8Array): { has(number: number): boolean } {
  const view = viewOf(rows)
  const end = rows.byteLength - (rows.byteLength % 4)
  let at = 0
  return {
    has: (number) => {
      while (at < end && view.getUint32(at) < number) at += 4
      return at < end && view.getUint32(at) === number
    },
  }
}
