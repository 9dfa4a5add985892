/** The object store of one machine: buckets are folders, and the bucket of masters is the whole machine, read only. */
import { resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { GantryError } from '../contract/errors'
import type { ObjectAt } from '../contract/source'
import type { ByteRange, ListedObject, ObjectStat, ObjectStore } from '../ports/object-store'
import { takeAway, type Change } from './file-store-conditions'
import { storeError, systemCode, translated } from './file-store-errors'
import { listFolder } from './file-store-list'
import { createMasters, masterPath } from './file-store-masters'
import { checkNoLinks, objectPath, type FolderBucket, type ObjectPath } from './file-store-paths'
import { checkRange, streamOf } from './file-store-read'
import { openFile, statObject, statOf } from './file-store-stat'
import { writeAtomically } from './file-store-write'

export { sweepScratch } from './file-store-scratch'

export type Bucket =
  | {
      folder: string
      /** Temporary files and locks; on the same file system as the folder, and the same for all processes. */
      scratch: string
    }
  | { masters: true }

export interface FileStoreOptions {
  buckets: Readonly<Record<string, Bucket>>
  /** How long a write waits for another process that changes the same object. */
  lockWaitMs?: number
}

/** A holder of the lock changes one name, which takes less than a millisecond. */
const LOCK_WAIT_MS = 10_000

/** For processes of one machine and one pid namespace; see file-store-lock.ts. */
export function createFileStore({ buckets, lockWaitMs = LOCK_WAIT_MS }: FileStoreOptions): ObjectStore {
  const bucketOf = bucketFinder(buckets)
  const masters = createMasters()
  const find = (where: ObjectAt): Found => findObject(bucketOf(where.bucket), where.key)
  const store: ObjectStore = {
    locate: (where) => {
      const found = find(where)
      return found.isMaster ? found.path : found.at.path
    },
    head: async (where) => {
      const found = find(where)
      return found.isMaster ? masters.head(found.path) : headObject(found.at)
    },
    // A folder has none.
    labels: async (where) => ((await store.head(where)) === null ? null : {}),
    read: async (ref, range) => {
      const found = find(ref)
      checkRange(range)
      return found.isMaster ? masters.read(found.path, ref.etag, range) : readObject(found.at, ref.etag, range)
    },
    write: async (where, body, { condition, signal }) => {
      try {
        return await changing(find(where), { lockWaitMs, signal }, (change) => writeAtomically(change, body, condition))
      } catch (error) {
        // Also where the body was not touched: whoever feeds it must not wait for ever.
        if (body instanceof Readable) body.destroy()
        throw error
      }
    },
    // What an object is, a folder knows by its name alone.
    copy: async (from, to, options = {}) =>
      store.write(to, await store.read(from), { contentType: 'application/octet-stream', ...options }),
    list: async function* ({ bucket: name, prefix }): AsyncGenerator<ListedObject> {
      const bucket = bucketOf(name)
      if (bucket === null) throw new GantryError('STORE_DENIED', 'local masters are not listed')
      yield* listFolder(bucket, prefix)
    },
    remove: async (where) => changing(find(where), { lockWaitMs }, takeAway),
    // Temporary files of dead processes are cleared when the store is opened.
    unfinished: async function* () {},
    abandon: () => Promise.resolve(),
  }
  return store
}

function findObject(bucket: FolderBucket | null, key: string): Found {
  return bucket === null ? { isMaster: true, path: masterPath(key) } : { isMaster: false, at: objectPath(bucket, key) }
}

type Found = { isMaster: true; path: string } | { isMaster: false; at: ObjectPath }

async function changing<T>(
  found: Found,
  options: Pick<Change, 'lockWaitMs' | 'signal'>,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  if (found.isMaster)
    throw new GantryError('STORE_DENIED', `local masters are only read; '${found.path}' is not changed`)
  const { at } = found
  const { signal } = options
  try {
    return await work({ ...options, at, root: await checkNoLinks(at) })
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) throw error
    if (systemCode(error) !== 'ENOENT') throw storeError(error, at.path, false)
    // What a change needs it makes; somebody else takes it away again.
    const message = `'${at.path}' was not changed: its folder or the scratch folder '${at.bucket.scratch}' is being removed`
    throw new GantryError('STORE_UNAVAILABLE', message, { path: at.path }, { cause: error })
  }
}

/** Finds a bucket by name; null is the bucket of masters. @throws STORE_NOT_FOUND */
function bucketFinder(buckets: Readonly<Record<string, Bucket>>): (name: string) => FolderBucket | null {
  const folders = folderBuckets(buckets)
  return (name) => {
    if (Object.hasOwn(buckets, name)) return folders.get(name) ?? null
    const known = Object.keys(buckets).join(', ')
    throw new GantryError('STORE_NOT_FOUND', `there is no bucket '${name}'; this store has: ${known}`)
  }
}

/** Paths made absolute, each bucket told which folders below its own are not its own. */
function folderBuckets(buckets: Readonly<Record<string, Bucket>>): Map<string, FolderBucket> {
  const all = Object.entries(buckets).flatMap(([name, bucket]) =>
    'masters' in bucket ? [] : [{ name, folder: resolve(bucket.folder), scratch: resolve(bucket.scratch) }],
  )
  const taken = all.flatMap(({ folder, scratch }) => [folder, scratch])
  return new Map(
    all.map(({ name, folder, scratch }) => {
      const hidden = taken.filter((other) => other.startsWith(folder.endsWith(sep) ? folder : folder + sep))
      return [name, { folder, scratch, hidden }]
    }),
  )
}

function headObject(at: ObjectPath): Promise<ObjectStat | null> {
  return translated(at.path, false, async () => {
    await checkNoLinks(at)
    return statObject(at)
  })
}

async function readObject(at: ObjectPath, etag: string | undefined, range: ByteRange | undefined): Promise<Readable> {
  const { path } = at
  return translated(path, false, async () => {
    await checkNoLinks(at)
    const opened = await openFile(path, 'refuse')
    if (opened === null)
      throw new GantryError('STORE_NOT_FOUND', `'${path}' is a folder or a device, no object`, { path })
    const { file, bytes } = opened
    try {
      // The opened file, not its path: what is read is what was checked, whoever renames meanwhile.
      if (etag !== undefined && statOf(await file.stat({ bigint: true })).etag !== etag) {
        throw new GantryError('SOURCE_CHANGED', `'${path}' is not the object that was looked at before`, { path })
      }
    } catch (error) {
      await file.close()
      throw error
    }
    // An object is whole once it has its name, so its length is known and no more memory is taken than it needs.
    const { start, end } = range ?? { start: 0, end: Infinity }
    return streamOf({ file, path, isMaster: false }, { start, end: Math.min(end, bytes - 1) })
  })
}
