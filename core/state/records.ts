/** Small JSON records in the object store: the only way the product remembers anything. */
import { createHash } from 'node:crypto'
import { json } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { GantryError } from '../contract/errors'
import type { StoredObject } from '../contract/markers'
import type { ObjectAt } from '../contract/source'
import type { ObjectStore } from '../ports/object-store'

const JSON_TYPE = 'application/json'

/** The record at a key, or null. Only records that Gantry wrote are read this way, so their form is trusted. */
export async function readRecord<T>(store: ObjectStore, at: ObjectAt): Promise<T | null> {
  try {
    return (await json(await store.read(at))) as T
  } catch (error) {
    if (error instanceof GantryError && error.code === 'STORE_NOT_FOUND') return null
    if (error instanceof SyntaxError) {
      throw new GantryError('STORE_UNAVAILABLE', `the record ${at.key} is not JSON`, { key: at.key }, { cause: error })
    }
    throw error
  }
}

/**
 * Writes a record unless there is one: the first writer wins, all others get the winner's record.
 *
 * @returns What the store holds now, and whether this call put it there.
 */
export async function writeRecordOnce<T>(
  store: ObjectStore,
  at: ObjectAt,
  record: T,
): Promise<{ record: T; written: boolean }> {
  try {
    await store.write(at, encode(record), { contentType: JSON_TYPE, condition: { absent: true } })
    return { record, written: true }
  } catch (error) {
    if (!(error instanceof GantryError) || error.code !== 'STORE_CONFLICT') throw error
    const winner = await readRecord<T>(store, at)
    if (winner === null) throw error
    return { record: winner, written: false }
  }
}

/** Replaces a record whatever was there. */
export async function writeRecord(store: ObjectStore, at: ObjectAt, record: unknown): Promise<void> {
  await store.write(at, encode(record), { contentType: JSON_TYPE })
}

/**
 * Stores an output under a key that every attempt shares, unless another attempt has: the object that is there is
 * whole (writes are atomic) and was made from the same verified input, so it is taken over, measured from its bytes.
 *
 * @param key Relative to what `at` was made from; it is what markers and playlists name.
 */
export async function storeOnce(
  store: ObjectStore,
  target: { at: ObjectAt; key: string; contentType: string },
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<StoredObject> {
  try {
    await store.write(target.at, bytes, { contentType: target.contentType, condition: { absent: true }, signal })
    return { key: target.key, bytes: bytes.byteLength, sha256: sha256Hex(bytes) }
  } catch (error) {
    if (!(error instanceof GantryError) || error.code !== 'STORE_CONFLICT') throw error
    return { key: target.key, ...(await measure(await store.read(target.at))) }
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
