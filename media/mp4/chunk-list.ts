/**
 * Where the samples of one track stand together in the file. Kept in columns: a long film has tens of thousands of chunks,
 * and as objects each would take twice the room and be looked at by every collection of garbage.
 */
import type { Sample } from './sample-runs'

export interface ChunkList {
  count(): number
  bytes(index: number): number
  samples(index: number): number
  /** When the first of its samples is decoded. */
  decodeTicks(index: number): number
}

export interface ChunkBuilder {
  add: (sample: Sample) => void
  /** What comes next stands elsewhere. */
  end: () => void
  all: ChunkList
}

/** @param maxTicks A sample that is decoded so long after the first of its chunk begins the next one. */
export function createChunks(maxTicks: number): ChunkBuilder {
  const [bytes, samples, starts] = [createColumn(), createColumn(), createColumn()]
  let isOpen = false
  return {
    add: (sample) => {
      const last = starts.count() - 1
      if (isOpen && sample.decodeTicks - starts.at(last) < maxTicks) {
        bytes.raise(last, sample.bytes)
        samples.raise(last, 1)
        return
      }
      bytes.add(sample.bytes)
      samples.add(1)
      starts.add(sample.decodeTicks)
      isOpen = true
    },
    end: () => {
      isOpen = false
    },
    all: { count: starts.count, bytes: bytes.at, samples: samples.at, decodeTicks: starts.at },
  }
}

const FIRST_CAPACITY = 256

/** Numbers that a double holds exactly. */
function createColumn() {
  let values = new Float64Array(FIRST_CAPACITY)
  let used = 0
  return {
    count: () => used,
    at: (index: number): number => values[index] ?? 0,
    raise: (index: number, by: number): void => {
      values[index] = (values[index] ?? 0) + by
    },
    add: (value: number): void => {
      if (used === values.length) {
        const larger = new Float64Array(2 * used)
        larger.set(values)
        values = larger
      }
      values[used] = value
      used += 1
    },
  }
}
