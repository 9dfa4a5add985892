/** Small JSON records in the object store: the only way the product remembers anything. */
import { createHash, type Hash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { GantryError } from '../contract/errors'
import { at } from '../contract/keys'
import type { StoredObject } from '../contract/markers'
import type { ObjectAt, Place } from '../contract/source'
import type { ObjectStore, WriteOptions } from '../ports/object-store'

const JSON_TYPE = 'application/json'

/** The record at a key, or null. Only records that Gantry wrote are read this way, so their form is trusted. */
export async function readRecord<T>(store: ObjectStore, where: ObjectAt): Promise<T | null> {
  let body: string
  try {
    body = await text(await store.read(where))
  } catch (error) {
    if (error instanceof GantryError && error.code === 'STORE_NOT_FOUND') return null
    throw error
  }
  try {
    return JSON.parse(body) as T
  } catch (cause) {
    throw new GantryError('STORE_UNAVAILABLE', `the record ${where.key} is not JSON`, { key: where.key }, { cause })
  }
}

/**
 * Writes a record unless there is one: the first writer wins, all others get the winner's record.
 *
 * @returns What the store holds now, and whether this call put it there.
 */
export async function writeRecordOnce<T>(
  store: ObjectStore,
  where: ObjectAt,
  record: T,
): Promise<{ record: T; written: boolean }> {
  try {
    await store.write(where, encode(record), { contentType: JSON_TYPE, condition: { absent: true } })
    return { record, written: true }
  } catch (error) {
    if (!isConflict(error)) throw error
    const winner = await readRecord<T>(store, where)
    if (winner === null) throw error
    return { record: winner, written: false }
  }
}

/** Writers of one record that meet; each try is a look and a conditional write. */
export const RECORD_TRIES = 20

/** None that changes is larger; one that is was not written by Gantry. */
const MAX_CHANGING_BYTES = 2 ** 20

/**
 * A record that changes: its text, and the etag of just these bytes. One of more bytes than any has is read as empty.
 *
 * @throws STORE_UNAVAILABLE for one that changes all the time.
 */
export async function readPinned(
  store: ObjectStore,
  where: ObjectAt,
  mostBytes = MAX_CHANGING_BYTES,
): Promise<{ body: string; etag: string } | null> {
  for (let tries = 0; tries < RECORD_TRIES; tries += 1) {
    const found = await store.head(where)
    if (found === null) return null
    if (found.bytes > mostBytes) return { body: '', etag: found.etag }
    try {
      return { body: await text(await store.read({ ...where, etag: found.etag })), etag: found.etag }
    } catch (error) {
      const isReplaced = error instanceof GantryError && ['SOURCE_CHANGED', 'STORE_NOT_FOUND'].includes(error.code)
      if (!isReplaced) throw error
    }
  }
  throw changesAllTheTime(where)
}

/** After RECORD_TRIES looks that each met another writer. */
export function changesAllTheTime({ key }: ObjectAt): GantryError {
  return new GantryError('STORE_UNAVAILABLE', `the record ${key} changes all the time`, { key })
}

/**
 * Writes a record in place of the one that was looked at.
 *
 * @param etag Of that one; null where there was none.
 * @returns False where another is there by now, which stays.
 */
export async function replaceRecord(
  store: ObjectStore,
  where: ObjectAt,
  record: unknown,
  etag: string | null,
): Promise<boolean> {
  return replaceObject(store, where, encode(record), { contentType: JSON_TYPE }, etag)
}

/** As `replaceRecord`, of an object that is no record. */
export async function replaceObject(
  store: ObjectStore,
  where: ObjectAt,
  body: Uint8Array,
  options: Omit<WriteOptions, 'condition'>,
  etag: string | null,
): Promise<boolean> {
  const condition = etag === null ? ({ absent: true } as const) : { etag }
  try {
    await store.write(where, body, { ...options, condition })
    return true
  } catch (error) {
    if (!isConflict(error)) throw error
    return false
  }
}

/** Another writer was faster; what it wrote is there. */
export function isConflict(error: unknown): boolean {
  return error instanceof GantryError && error.code === 'STORE_CONFLICT'
}

/** Replaces a record whatever was there. */
export async function writeRecord(store: ObjectStore, where: ObjectAt, record: unknown): Promise<void> {
  await store.write(where, encode(record), { contentType: JSON_TYPE })
}

/** What `storeOnce` writes: bytes in memory, or chunks as they are made, of known length together. */
export type OutputBody = Uint8Array | { bytes: number; chunks: AsyncIterable<Uint8Array> }

/**
 * Stores an output under a key that every attempt shares, unless another attempt has: the object that is there is
 * whole (writes are atomic) and was made from the same verified input, so it is taken over, measured from its bytes.
 *
 * @param target `key` is relative to the run's output; it is what markers and playlists name.
 */
export async function storeOnce(
  store: ObjectStore,
  target: { output: Place; key: string; contentType: string },
  body: OutputBody,
  signal: AbortSignal,
): Promise<StoredObject> {
  const place = at(target.output, target.key)
  const bytes = body instanceof Uint8Array ? body.byteLength : body.bytes
  const options = {
    ...({ contentType: target.contentType, condition: { absent: true }, signal } as const),
    ...({ caching: 'immutable', bytes } as const),
  }
  try {
    if (body instanceof Uint8Array) {
      await store.write(place, body, options)
      return { key: target.key, bytes: body.byteLength, sha256: sha256Hex(body) }
    }
    const hash = createHash('sha256')
    const hashed = Readable.from(hashing(body, hash), { objectMode: false })
    await store.write(place, hashed, options)
    return { key: target.key, bytes, sha256: hash.digest('hex') }
  } catch (error) {
    if (!isConflict(error)) throw error
    return { key: target.key, ...(await measure(await store.read(place))) }
  }
}

/** The same chunks, which go into the digest as they pass. @throws QUEUE_INTERNAL when their sum is not what was said. */
async function* hashing(
  body: { bytes: number; chunks: AsyncIterable<Uint8Array> },
  hash: Hash,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body.chunks) {
    bytes += chunk.byteLength
    hash.update(chunk)
    yield chunk
  }
  if (bytes !== body.bytes) {
    throw new GantryError('QUEUE_INTERNAL', `an output of ${body.bytes} bytes is announced, ${bytes} were made`)
  }
}

/** Length and digest of a stream, read once. */
export async function measure(stream: Readable): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    hash.update(chunk)
    bytes += chunk.byteLength
  }
  return { bytes, sha256: hash.digest('hex') }
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function encode(record: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(record, null, 2)}\n`)
}
