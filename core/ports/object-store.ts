import type { Readable } from 'node:stream'
import type { Destination } from '../contract/destination'
import type { ObjectAt, Place } from '../contract/source'

/** One object, and where its bucket keeps versions, which of them. */
export type VersionedAt = ObjectAt & { versionId?: string }

/**
 * Where masters are read from, and where the state and renditions are written to. The store is the record:
 * whatever matters is in it, and its conditional writes are the only lock the product relies on.
 *
 * Implementations: a folder (`core/adapters/file-store.ts`), S3 (`core/adapters/s3-store.ts`).
 * `test/contract/object-store.ts` states the behaviour all must have.
 */
export interface ObjectStore {
  /** What is at a key, or null. @throws STORE_UNAVAILABLE, STORE_DENIED, STORE_KEY_INVALID */
  head(at: VersionedAt): Promise<ObjectStat | null>

  /**
   * What somebody attached to an object, or null where there is no object: its tags, or the user's own metadata with
   * names in lower case. Both are looked at when they are needed, since each look is a request of its own.
   *
   * @throws STORE_UNAVAILABLE, STORE_DENIED, STORE_KEY_INVALID
   */
  labels(at: VersionedAt, kind: LabelKind): Promise<Labels | null>

  /**
   * Opens an object for streaming.
   *
   * @param ref With an `etag` the bytes are pinned. A connection that breaks is mended by the adapter where it can.
   * @param range Bytes, both ends inclusive, as in an HTTP Range header. Omitted: the whole object.
   * @throws STORE_NOT_FOUND when there is no such key; SOURCE_CHANGED when `ref.etag` is no longer the object's.
   */
  read(ref: VersionedAt & { etag?: string }, range?: ByteRange): Promise<Readable>

  /**
   * Writes an object. Readers see the old object or the whole new one, never part of it.
   *
   * @param body Bytes, or a stream of unknown length.
   * @throws STORE_CONFLICT when the condition does not hold; nothing was written then.
   * @throws STORE_FULL, STORE_DENIED, STORE_UNAVAILABLE after the adapter's own retries are spent.
   * Aborting `signal` leaves no object, no temporary file and no unfinished upload behind.
   */
  write(at: ObjectAt, body: Uint8Array | Readable, options: WriteOptions): Promise<ObjectStat>

  /**
   * Copies an object within the store, bytes and content type; replaces what is there. There is no condition on `to`:
   * not all stores that check one on a write check it on a copy.
   *
   * @throws STORE_NOT_FOUND, SOURCE_CHANGED for `from`.
   */
  copy(from: ObjectAt & { etag?: string }, to: ObjectAt, options?: CopyOptions): Promise<ObjectStat>

  /** Objects whose key begins with `place.prefix`, in key order. A prefix is text, not a folder. */
  list(place: Place): AsyncIterable<ListedObject>

  /** Removes an object; one that is not there is no error. */
  remove(at: ObjectAt): Promise<void>

  /**
   * Writes below a place that were begun and neither ended nor aborted, whoever began them: what a process that was
   * killed leaves, and what is being written now. None for a store that clears such things by itself.
   */
  unfinished(place: Place): AsyncIterable<UnfinishedWrite>

  /** Aborts a write and takes away what it has stored; one that is not there any more is no error. */
  abandon(write: UnfinishedWrite): Promise<void>

  /** How a user opens the object: a path or a URL. No I/O. */
  locate(at: ObjectAt): string
}

/** A store with the places that a configuration gives it. */
export interface OpenStore {
  store: ObjectStore
  state: Place
  output: Place
  /**
   * The store as work on one asset sees it: what lies in its destination is read and written as that says, all else as
   * before. The state is never the destination's, whatever the places are.
   *
   * @param destination Without one the output is that of the settings.
   */
  storeOf: (destination: Destination | undefined) => ObjectStore
  /** Asks the store for something small. @throws STORE_UNAVAILABLE, STORE_DENIED, STORE_NOT_FOUND */
  check(): Promise<void>
  close(): void
}

export type LabelKind = 'tags' | 'metadata'

export type Labels = Readonly<Record<string, string>>

export interface ByteRange {
  start: number
  end: number
}

export interface ObjectStat {
  /** Opaque, without quotes. Other bytes have another etag; the same bytes written again may have the same one. */
  etag: string
  bytes: number
}

export interface ListedObject extends ObjectStat {
  key: string
}

export interface UnfinishedWrite extends ObjectAt {
  /** The store's name for it; an object may have several. */
  id: string
  /** By the store's clock. */
  begunAt: Date
}

export interface WriteOptions {
  contentType: string
  /** `absent`: only if nothing is there. An etag: only if that object is still there. */
  condition?: WriteCondition
  /** Length of a streamed body where it is known, else what it does not exceed. */
  bytes?: number
  /** How long others may keep it: for ever, or not without asking again. Where a store tells caches anything. */
  caching?: 'immutable' | 'revalidate' | 'never'
  signal?: AbortSignal
}

export type WriteCondition = { absent: true } | { etag: string }

export type CopyOptions = Pick<WriteOptions, 'caching' | 'signal'>
