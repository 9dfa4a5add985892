/** What the gateway serves: a stored object, or several as if they were one file. */
import { addAbortSignal, Readable } from 'node:stream'
import { GantryError } from '../contract/errors'
import type { ObjectAt } from '../contract/source'
import type { ServedResource } from '../ports/media-gateway'
import type { ByteRange, ObjectStore } from '../ports/object-store'

/** Serves one object. @param ref With an etag, a replaced object ends the reading with SOURCE_CHANGED. */
export function servedObject(
  store: ObjectStore,
  ref: ObjectAt & { etag?: string; versionId?: string },
  bytes: number,
): ServedResource {
  return counted(bytes, (range, signal) => readObject(store, ref, range, signal))
}

/** Counts what is asked for: of a reading that is cut the store may have sent all. */
function counted(bytes: number, read: ServedResource['read']): ServedResource {
  let bytesRead = 0
  return {
    bytes,
    bytesRead: () => bytesRead,
    read: (range, signal) => {
      bytesRead += range.end - range.start + 1
      return read(range, signal)
    },
  }
}

async function readObject(
  store: ObjectStore,
  ref: ObjectAt & { etag?: string },
  range: ByteRange,
  signal: AbortSignal,
): Promise<Readable> {
  signal.throwIfAborted()
  const stream = await store.read(ref, range)
  if (signal.aborted) stream.destroy()
  signal.throwIfAborted()
  return addAbortSignal(signal, stream)
}

export interface ServedPart {
  at: ObjectAt
  bytes: number
  etag?: string
}

/**
 * Serves objects one after the other as one resource; a range may begin and end inside any of them.
 *
 * Objects are opened when their bytes are due, one at a time. An object with fewer bytes than its part says ends the
 * reading with STORE_UNAVAILABLE, since everything behind it would be at the wrong place.
 */
export function servedConcat(store: ObjectStore, parts: readonly ServedPart[]): ServedResource {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  return counted(bytes, (range, signal) => {
    const chunks = readParts(store, pieces(parts, range), signal)
    return Promise.resolve(Readable.from(chunks, { objectMode: false }))
  })
}

interface Piece {
  part: ServedPart
  range: ByteRange
}

/** The ranges inside the parts that make up a range of the whole. */
function pieces(parts: readonly ServedPart[], range: ByteRange): Piece[] {
  const found: Piece[] = []
  let partStart = 0
  for (const part of parts) {
    const start = Math.max(range.start, partStart)
    const end = Math.min(range.end, partStart + part.bytes - 1)
    if (start <= end) found.push({ part, range: { start: start - partStart, end: end - partStart } })
    partStart += part.bytes
  }
  return found
}

async function* readParts(store: ObjectStore, wanted: readonly Piece[], signal: AbortSignal): AsyncGenerator<Buffer> {
  for (const { part, range } of wanted) {
    let missing = range.end - range.start + 1
    const ref = part.etag === undefined ? part.at : { ...part.at, etag: part.etag }
    for await (const chunk of await readObject(store, ref, range, signal)) {
      missing -= (chunk as Buffer).length
      yield chunk as Buffer
    }
    if (missing !== 0) {
      const message = `the object '${part.at.key}' does not have the ${part.bytes} bytes it should have`
      throw new GantryError('STORE_UNAVAILABLE', message, { key: part.at.key, bytes: part.bytes })
    }
  }
}
