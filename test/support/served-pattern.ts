/** Resources for tests of the gateway: each byte tells its place, and reads fail as told. */
import { Readable } from 'node:stream'
import { GantryError } from '../../core/contract/errors'
import type { ServedResource } from '../../core/ports/media-gateway'
import type { ByteRange } from '../../core/ports/object-store'

/** Blocks and waits small enough for a test. */
export const FAST = {
  firstDelayMs: 1,
  maxDelayMs: 2,
  attempts: 4,
  firstBlockBytes: 65_536,
  mostBlockBytes: 65_536,
  stallMs: 50,
}

/** A byte that tells its place. */
export const byteOf = (at: number): number => (at * 31 + (at >> 8) * 7) & 0xff
export const bytesOf = ({ start, end }: ByteRange): Buffer =>
  Buffer.alloc(end - start + 1).map((_, index) => byteOf(start + index)) as Buffer

export interface Pattern extends ServedResource {
  reads: ByteRange[]
  streams: Readable[]
}

/** A resource without faults, unless `trouble` gives the stream of the n-th read. */
export function pattern(
  bytes: number,
  trouble: (n: number, range: ByteRange) => Readable | null = () => null,
): Pattern {
  const reads: ByteRange[] = []
  const streams: Readable[] = []
  return {
    bytes,
    reads,
    streams,
    bytesRead: () => reads.reduce((sum, { start, end }) => sum + end - start + 1, 0),
    read: (range) => {
      reads.push(range)
      const stream = trouble(reads.length, range) ?? Readable.from(slices(range), { objectMode: false })
      streams.push(stream)
      return Promise.resolve(stream)
    },
  }
}

export function* slices({ start, end }: ByteRange): Generator<Buffer> {
  for (let at = start; at <= end; at += 16_384) yield bytesOf({ start: at, end: Math.min(end, at + 16_383) })
}

export function* failing(range: ByteRange, afterBytes: number, error: Error): Generator<Buffer> {
  if (afterBytes > 0) yield bytesOf({ start: range.start, end: Math.min(range.end, range.start + afterBytes - 1) })
  throw error
}

export const brokenStream = (range: ByteRange, afterBytes: number, error: Error): Readable =>
  Readable.from(failing(range, afterBytes, error), { objectMode: false })

export const unavailable = (): GantryError => new GantryError('STORE_UNAVAILABLE', 'the store answered 503')
