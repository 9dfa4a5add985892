/** The object store of a laptop: buckets are folders, and the folder of masters is the whole machine, read only. */
import type { Readable } from 'node:stream'
import { readdir, rm, rmdir, stat, open, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GantryError } from '../contract/errors'
import type { ObjectAt, Place } from '../contract/source'
import type { ByteRange, ListedObject, ObjectStat, ObjectStore } from '../ports/object-store'
import { storeError, systemCode, translated } from './file-store-errors'
import { masterPath, masterStat, openMaster, stampOf } from './file-store-masters'
import { checkInside, pathOf } from './file-store-paths'
import { statOf } from './file-store-stat'
import { writeAtomically } from './file-store-write'

export { sweepScratch } from './file-store-write'

export type Bucket =
  | {
      folder: string
      /** Temporary files; on the same file system as the folder. */
      scratch: string
    }
  | { masters: true }

export interface FileStoreOptions {
  buckets: Readonly<Record<string, Bucket>>
}

export function createFileStore({ buckets }: FileStoreOptions): ObjectStore {
  const bucketOf = (name: string): Bucket => {
    const bucket = buckets[name]
    if (bucket !== undefined) return bucket
    const known = Object.keys(buckets).join(', ')
    throw new GantryError('STORE_NOT_FOUND', `there is no bucket '${name}'; this store has: ${known}`)
  }
  const locate = ({ bucket: name, key }: ObjectAt): string => {
    const bucket = bucketOf(name)
    return 'masters' in bucket ? masterPath(key) : pathOf(bucket.folder, key)
  }

  return {
    locate,
    head: async (at) => {
      const bucket = bucketOf(at.bucket)
      const path = locate(at)
      return headOf(bucket, path)
    },
    read: (ref, range) => readFrom(bucketOf(ref.bucket), locate(ref), ref.etag, range),
    write: (at, body, options) =>
      changing(bucketOf(at.bucket), locate(at), (bucket, path) => writeAtomically(path, bucket.scratch, body, options)),
    list: (place) => listBucket(bucketOf(place.bucket), place),
    remove: (at) =>
      changing(bucketOf(at.bucket), locate(at), async (bucket, path) => {
        await rm(path, { force: true })
        await removeEmptyParents(dirname(path), bucket.folder)
      }),
  }
}

type Folder = Extract<Bucket, { folder: string }>

async function changing<T>(
  bucket: Bucket,
  path: string,
  work: (bucket: Folder, path: string) => Promise<T>,
): Promise<T> {
  if ('masters' in bucket) throw new GantryError('STORE_DENIED', `masters are only read; '${path}' is not changed`)
  return translated(path, false, async () => {
    await checkInside(bucket.folder, path)
    return work(bucket, path)
  })
}

async function readFrom(
  bucket: Bucket,
  path: string,
  etag: string | undefined,
  range: ByteRange | undefined,
): Promise<Readable> {
  const isMaster = 'masters' in bucket
  return translated(path, isMaster, async () => {
    if (!isMaster) await checkInside(bucket.folder, path)
    const file = isMaster ? await openMaster(path) : await open(path)
    return streamOf(file, { path, isMaster, etag }, range)
  })
}

async function headOf(bucket: Bucket, path: string): Promise<ObjectStat | null> {
  const isMaster = 'masters' in bucket
  try {
    if (isMaster) return await withFile(await openMaster(path), masterStat)
    await checkInside(bucket.folder, path)
    const found = await stat(path, { bigint: true })
    return found.isFile() ? statOf(found) : null
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return null
    throw storeError(error, path, isMaster)
  }
}

async function withFile<T>(file: FileHandle, work: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

/** Checks the opened file, not its path: what is read is what was checked, whoever renames meanwhile. */
async function streamOf(
  file: FileHandle,
  of: { path: string; isMaster: boolean; etag: string | undefined },
  range: ByteRange | undefined,
): Promise<Readable> {
  try {
    const found = await file.stat({ bigint: true })
    if (
      of.etag !== undefined &&
      !(of.isMaster ? of.etag.startsWith(`${stampOf(found)}-`) : of.etag === statOf(found).etag)
    ) {
      throw new GantryError('SOURCE_CHANGED', `'${of.path}' is not the object that was looked at before`, {
        path: of.path,
      })
    }
    return file.createReadStream({ ...range, autoClose: true })
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Depth first in name order gives key order, when a folder counts with the slash that follows it. */
async function* listBucket(bucket: Bucket, { prefix }: Place): AsyncGenerator<ListedObject> {
  if ('masters' in bucket) throw new GantryError('STORE_DENIED', 'masters are not listed')
  const cut = prefix.lastIndexOf('/')
  const start = cut < 0 ? '' : prefix.slice(0, cut + 1)
  yield* walk(bucket.folder, start, prefix)
}

async function* walk(folder: string, below: string, prefix: string): AsyncGenerator<ListedObject> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return []
    throw storeError(error, join(folder, below), false)
  })
  const keys = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => below + entry.name + (entry.isDirectory() ? '/' : ''))
    .filter((key) => key.startsWith(prefix) || prefix.startsWith(key))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  for (const key of keys) {
    if (key.endsWith('/')) {
      yield* walk(folder, key, prefix)
      continue
    }
    // An object that vanished meanwhile is passed over.
    const found = await stat(join(folder, key), { bigint: true }).catch(() => null)
    if (found !== null && key.startsWith(prefix)) yield { key, ...statOf(found) }
  }
}

/** Stops at the first folder that is not empty; a writer that needs a folder makes it again. */
async function removeEmptyParents(path: string, root: string): Promise<void> {
  for (let folder = path; folder !== root && folder.startsWith(root); folder = dirname(folder)) {
    try {
      await rmdir(folder)
    } catch {
      return
    }
  }
}
