import type { Readable } from 'node:stream'
import type { ObjectAt, Place } from '../contract/source'

/**
 * Where masters are read from, and where the state and renditions are written to. The store is the record:
 * whatever matters is in it, and its conditional writes are the only lock the product relies on.
 *
 * Implementations: a folder (`core/adapters/file-store.ts`).
 * `test/contract/object-store.ts` states the behaviour all must have.
 */
export interface ObjectStore {
  /** What is at a key, or null. @throws STORE_UNAVAILABLE, STORE_DENIED, STORE_KEY_INVALID */
  head(at: ObjectAt): Promise<ObjectStat | null>

  /**
   * Opens an object for streaming.
   *
   * @param ref With an `etag` the bytes are pinned.
   * @param range Bytes, both ends inclusive, as in an HTTP Range header. Omitted: the whole object.
   * @throws STORE_NOT_FOUND when there is no such key; SOURCE_CHANGED when `ref.etag` is no longer the object's.
   */
  read(ref: ObjectAt & { etag?: string }, range?: ByteRange): Promise<Readable>

  /**
   * Writes an object. Readers see the old object or the whole new one, never part of it.
   *
   * @param body Bytes, or a stream of unknown length.
   * @throws STORE_CONFLICT when the condition does not hold; nothing was written then.
   * @throws STORE_FULL, STORE_DENIED, STORE_UNAVAILABLE after the adapter's own retries are spent.
   * Aborting `signal` leaves no object and no temporary file behind.
   */
  write(at: ObjectAt, body: Uint8Array | Readable, options: WriteOptions): Promise<ObjectStat>

  /** Objects whose key begins with `place.prefix`, in key order. A prefix is text, not a folder. */
  list(place: Place): AsyncIterable<ListedObject>

  /** Removes an object; one that is not there is no error. */
  remove(at: ObjectAt): Promise<void>

  /** How a user opens the object: a path or a URL. No I/O. */
  locate(at: ObjectAt): string
}

export interface ByteRange {
  start: number
  end: number
}

export interface ObjectStat {
  /** Opaque; changes with every write. */
  etag: string
  bytes: number
}

export interface ListedObject extends ObjectStat {
  key: string
}

export interface WriteOptions {
  contentType: string
  /** `absent`: only if nothing is there. An etag: only if that object is still there. */
  condition?: { absent: true } | { etag: string }
  signal?: AbortSignal
}
