/** The media of stored segments as one stream for each rendition, and all of them side by side as an MP4 has them. */
import { addAbortSignal, type Readable } from 'node:stream'
import { GantryError } from '../core/contract/errors'
import { at } from '../core/contract/keys'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { mediaOrder, type ProgressiveFile } from '../media/mp4/progressive-layout'
import type { Mp4Track, SegmentMedia } from './mp4-tracks'

interface Source {
  store: ObjectStore
  output: Place
  signal: AbortSignal
}

/** A second of a small rung is some 10 KB; each write costs as much time as copying a hundred of them. */
const BLOCK_BYTES = 2 ** 20

/**
 * The whole file, in blocks. Of each rendition two segments are open at a time, and of those only what a stream holds
 * is in memory; nothing is read while nobody asks.
 *
 * @throws STORE_NOT_FOUND, STORE_UNAVAILABLE when a segment is gone or has another length; the reason of `signal`.
 */
export function mp4Bytes(
  source: Source,
  tracks: readonly Mp4Track[],
  file: ProgressiveFile,
): AsyncGenerator<Uint8Array> {
  return inBlocks(interleaved(source, tracks, file))
}

/** The same bytes in blocks of one size, so that what takes them is called seldom. */
async function* inBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  let used = 0
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.byteLength;) {
      const taken = chunk.subarray(from, from + BLOCK_BYTES - used)
      block.set(taken, used)
      from += taken.byteLength
      used += taken.byteLength
      if (used < BLOCK_BYTES) continue
      yield block
      // Another one: whoever took it may still hold it.
      block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
      used = 0
    }
  }
  if (used > 0) yield block.subarray(0, used)
}

async function* interleaved(
  source: Source,
  tracks: readonly Mp4Track[],
  { head }: ProgressiveFile,
): AsyncGenerator<Uint8Array> {
  yield* head
  const takers = tracks.map(({ segments }) => taker(mediaOf(source, segments)))
  try {
    for (const { trackIndex, bytes } of mediaOrder(tracks.map(({ track }) => track.tables))) {
      const taken = takers[trackIndex]?.take(bytes)
      if (taken !== undefined) yield* taken
    }
  } finally {
    await Promise.all(takers.map((each) => each.close()))
  }
}

/** Takes a stream of chunks apart at other places. */
function taker(chunks: AsyncGenerator<Uint8Array>) {
  let rest: Uint8Array = new Uint8Array()
  return {
    take: async function* (bytes: number): AsyncGenerator<Uint8Array> {
      for (let missing = bytes; missing > 0;) {
        if (rest.byteLength === 0) {
          const next = await chunks.next()
          if (next.done === true) return
          rest = next.value
        }
        const taken = rest.subarray(0, missing)
        rest = rest.subarray(taken.byteLength)
        missing -= taken.byteLength
        yield taken
      }
    },
    close: () => chunks.return(undefined),
  }
}

/** The next segment is asked for when the one before it begins, so that the way to the store and back costs no time. */
async function* mediaOf(source: Source, segments: readonly SegmentMedia[]): AsyncGenerator<Uint8Array> {
  let next = openSegment(source, segments[0])
  try {
    for (const [index, segment] of segments.entries()) {
      const stream = await next
      next = openSegment(source, segments[index + 1])
      if (stream !== null) yield* mediaIn(stream, segment)
    }
  } finally {
    const unread = await next.catch(() => null)
    unread?.destroy()
  }
}

function openSegment(source: Source, segment: SegmentMedia | undefined): Promise<Readable | null> {
  const opening = segment === undefined ? Promise.resolve(null) : open(source, segment)
  // Met when its turn comes; until then it must not count as unhandled.
  opening.catch(() => undefined)
  return opening
}

async function open({ store, output, signal }: Source, { object }: SegmentMedia): Promise<Readable> {
  signal.throwIfAborted()
  const stream = await store.read(at(output, object.key))
  // An error while nobody reads yet is met by whoever reads then.
  stream.on('error', () => undefined)
  return addAbortSignal(signal, stream)
}

/** What lies in the spans. The whole segment is read: what is around the media is some 2 % of it. */
async function* mediaIn(stream: Readable, { object, spans }: SegmentMedia): AsyncGenerator<Uint8Array> {
  let position = 0
  let current = 0
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const end = position + chunk.byteLength
    for (let span = spans[current]; span !== undefined && span.start < end; span = spans[current]) {
      const spanEnd = span.start + span.bytes
      const wanted = chunk.subarray(Math.max(0, span.start - position), spanEnd - position)
      if (wanted.byteLength > 0) yield wanted
      if (spanEnd > end) break
      current += 1
    }
    position = end
  }
  if (position === object.bytes) return
  const message = `the object '${object.key}' has ${position} bytes, ${object.bytes} were written`
  throw new GantryError('STORE_UNAVAILABLE', message, { key: object.key, bytes: object.bytes })
}
