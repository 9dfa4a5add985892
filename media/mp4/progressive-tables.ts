/**
 * Samples of one track to the tables of a progressive file (ISO/IEC 14496-12, 8.6.1, 8.7). Times are kept to the tick:
 * a sample lasts until the next one is decoded, whatever its fragment said of the last in it.
 */
import { fullBox, uints, type BoxBytes } from './box-bytes'
import { invalid } from './boxes'
import { createChunks, type ChunkList } from './chunk-list'
import { createTable } from './growing-table'
import type { Sample } from './sample-runs'

export interface SampleTables {
  timescaleHz: number
  samples: number
  chunks: ChunkList
  firstDecodeTicks: number
  /** When the last sample in order of decoding is over. */
  endDecodeTicks: number
  firstDurationTicks: number
  /** The boxes of `stbl` that know nothing of the file around them; with `stss` only where not all are sync samples. */
  boxes: BoxBytes
}

export interface TableBuilder {
  add(sample: Sample): void
  /** What comes next stands elsewhere. */
  endChunk(): void
  /** @throws FFMPEG_OUTPUT_INVALID when there is no sample. */
  end(): SampleTables
}

/** Longer runs of one track's media are divided, so that players find sound and picture of one time close together. */
const MAX_CHUNK_SECONDS = 1

export function createTables(timescaleHz: number): TableBuilder {
  const [times, offsets] = [runs(), runs()]
  const sizes = createTable(1)
  const syncNumbers = createTable(1)
  const chunks = createChunks(MAX_CHUNK_SECONDS * timescaleHz)
  let first: Sample | null = null
  let last: Sample | null = null

  const boxes = (): BoxBytes => [
    ...fullBox('stts', 0, 0, times.table()),
    ...(offsets.isAllZero() ? [] : fullBox('ctts', offsets.hasNegative() ? 1 : 0, 0, offsets.table())),
    ...(syncNumbers.rows() === sizes.rows() ? [] : fullBox('stss', 0, 0, syncNumbers.counted())),
    ...fullBox('stsc', 0, 0, samplesPerChunk(chunks.all)),
    ...fullBox('stsz', 0, 0, [uints(0, sizes.rows()), ...sizes.bytes()]),
  ]

  return {
    add: (given) => {
      const sample = notBefore(last, given)
      if (last !== null) times.add(sample.decodeTicks - last.decodeTicks)
      offsets.add(compositionOffset(sample))
      sizes.add(sample.bytes)
      if (sample.isSync) syncNumbers.add(sizes.rows())
      chunks.add(sample)
      first ??= sample
      last = sample
    },
    endChunk: chunks.end,
    end: () => {
      if (first === null || last === null) throw invalid('a track has no sample')
      times.add(last.durationTicks)
      return {
        ...{ timescaleHz, samples: sizes.rows(), chunks: chunks.all, boxes: boxes() },
        ...{ firstDecodeTicks: first.decodeTicks, firstDurationTicks: first.durationTicks },
        endDecodeTicks: last.decodeTicks + last.durationTicks,
      }
    },
  }
}

/** Signed in version 1 of `ctts` alone (8.6.1.3), so that both have 31 bits. */
function compositionOffset({ decodeTicks, presentationTicks }: Sample): number {
  const ticks = presentationTicks - decodeTicks
  if (ticks < 2 ** 31) return ticks
  throw invalid(`a sample is shown ${ticks} ticks after it is decoded`)
}

/**
 * A file has one clock of decoding, which does not run backwards; where a piece of irregular pictures begins before the
 * one before it has ended, its samples are decoded a little later and shown when they were.
 */
function notBefore(last: Sample | null, sample: Sample): Sample {
  const decodeTicks = Math.max(sample.decodeTicks, last?.decodeTicks ?? -Infinity)
  return decodeTicks === sample.decodeTicks ? sample : { ...sample, decodeTicks }
}

/** Rows of a count and a value, one for each run of equal values. */
function runs() {
  const table = createTable(2)
  let value = 0
  let count = 0
  let least = 0
  const flush = (): void => {
    if (count > 0) table.add(count, value)
    count = 0
  }
  return {
    add: (next: number): void => {
      if (next !== value) flush()
      value = next
      count += 1
      least = Math.min(least, next)
    },
    hasNegative: (): boolean => least < 0,
    isAllZero: (): boolean => table.rows() === 0 && value === 0,
    table: (): BoxBytes => {
      flush()
      return table.counted()
    },
  }
}

/** 8.7.4: the first chunk of each run of chunks with as many samples, and the only sample description. */
function samplesPerChunk(chunks: ChunkList): BoxBytes {
  const table = createTable(3)
  for (let index = 0; index < chunks.count(); index += 1) {
    const samples = chunks.samples(index)
    if (index === 0 || samples !== chunks.samples(index - 1)) table.add(index + 1, samples, 1)
  }
  return table.counted()
}
