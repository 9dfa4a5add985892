/** Keys to paths: a key never leaves its bucket's folder, by its text or by a link. */
import type { BigIntStats } from 'node:fs'
import { lstat, realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { isAbsence } from './file-store-errors'
import { keyFault, keyInvalid } from './store-keys'

/** A bucket that is a folder. Paths are absolute. */
export interface FolderBucket {
  folder: string
  /** Temporary files and locks; on the same file system as the folder. */
  scratch: string
  /** Folders below `folder` that belong to somebody else: its scratch, other buckets. No key leads there. */
  hidden: readonly string[]
}

/** Where an object is or will be. */
export interface ObjectPath {
  bucket: FolderBucket
  key: string
  path: string
}

/** @throws STORE_KEY_INVALID for a key that no object of this bucket can have. */
export function objectPath(bucket: FolderBucket, key: string): ObjectPath {
  const path = join(bucket.folder, key)
  const reason = keyFault(key) ?? (isHidden(bucket, path) ? 'the store itself keeps files there' : null)
  if (reason !== null) throw keyInvalid(key, reason)
  return { bucket, key, path }
}

export function isHidden(bucket: FolderBucket, path: string): boolean {
  return bucket.hidden.some((folder) => path === folder || path.startsWith(folder + sep))
}

/** Whether a folder can be on the way to objects; `below` is empty or ends with a slash. */
export function isFolderOfKeys(below: string): boolean {
  return below === '' || keyFault(below.slice(0, -1)) === null
}

/**
 * Refuses a path with a link in it. A link may lead out of the bucket, and one that does not gives an object a second
 * name, past the locks of the first. The bucket's own folder may be reached by links.
 *
 * @returns The true path of the bucket's folder, or null when there is none yet.
 * @throws STORE_KEY_INVALID
 */
export async function checkNoLinks({ bucket, key, path }: ObjectPath): Promise<string | null> {
  const [root, parent] = await Promise.all([bucket.folder, dirname(path)].map((folder) => truePath(folder)))
  if (root === null || root === undefined) return null
  const folders = dirname(key) === '.' ? [] : dirname(key).split('/')
  if (parent === join(root, ...folders)) return root
  // Not there yet, or spelled otherwise on a file system that ignores case: look at each part.
  let at = bucket.folder
  for (const folder of folders) {
    at = join(at, folder)
    const found = await lookAt(at)
    if (found === null) break
    if (found.isSymbolicLink()) throw keyInvalid(key, `'${at}' is a link, and links are not followed`)
  }
  return root
}

/** What is at a path, a link itself among it; null for nothing. */
export async function lookAt(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true })
  } catch (error) {
    if (isAbsence(error)) return null
    throw error
  }
}

async function truePath(path: string): Promise<string | null> {
  try {
    return await realpath(path)
  } catch (error) {
    if (isAbsence(error)) return null
    throw error
  }
}
