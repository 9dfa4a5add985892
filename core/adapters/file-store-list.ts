/** Objects of a folder in key order, one folder in memory at a time. */
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ListedObject } from '../ports/object-store'
import { isAbsence, storeError, translated } from './file-store-errors'
import { checkNoLinks, isFolderOfKeys, isHidden, lookAt, type FolderBucket } from './file-store-paths'
import { statOf } from './file-store-stat'

/**
 * Objects whose key begins with `prefix`, ordered by the bytes of the whole key in UTF-8, as S3 does.
 * What vanishes meanwhile is passed over; links, devices and files of the store itself are no objects.
 */
export async function* listFolder(bucket: FolderBucket, prefix: string): AsyncGenerator<ListedObject> {
  const below = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const path = join(bucket.folder, below)
  // No key begins with such a text, so no object has one that does.
  if (!isFolderOfKeys(below) || isHidden(bucket, resolve(path))) return
  await translated(path, false, async () => checkNoLinks({ bucket, key: `${below}x`, path: join(path, 'x') }))
  yield* walk(bucket, below, prefix)
}

async function* walk(bucket: FolderBucket, below: string, prefix: string): AsyncGenerator<ListedObject> {
  for (const key of await keysIn(bucket, below, prefix)) {
    if (key.endsWith('/')) {
      yield* walk(bucket, key, prefix)
      continue
    }
    const path = join(bucket.folder, key)
    const found = await translated(path, false, () => lookAt(path))
    if (found?.isFile() === true) yield { key, ...statOf(found) }
  }
}

/** Keys of objects, and of folders with a slash: with it they sort among the others where their objects belong. */
async function keysIn(bucket: FolderBucket, below: string, prefix: string): Promise<string[]> {
  const folder = join(bucket.folder, below)
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsence(error)) return []
    throw storeError(error, folder, false)
  })
  return entries
    .filter((entry) => entry.isFile() || (entry.isDirectory() && !isHidden(bucket, join(folder, entry.name))))
    .map((entry) => ({ key: below + entry.name + (entry.isDirectory() ? '/' : ''), isFolder: entry.isDirectory() }))
    .filter(({ key, isFolder }) => key.startsWith(prefix) || (isFolder && prefix.startsWith(key)))
    .map(({ key }) => ({ key, bytes: Buffer.from(key) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ key }) => key)
}
