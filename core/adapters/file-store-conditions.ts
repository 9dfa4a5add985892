/** The moment at which a written file becomes an object, and the moment at which it is one no more. */
import { link, lstat, mkdir, open, rename, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GantryError } from '../contract/errors'
import type { WriteOptions } from '../ports/object-store'
import { isAbsence, systemCode } from './file-store-errors'
import { withLock, type ObjectLock } from './file-store-lock'
import type { ObjectPath } from './file-store-paths'
import { keyInvalid } from './store-keys'
import { statObject } from './file-store-stat'

export interface Change {
  at: ObjectPath
  /** True path of the bucket's folder, so that all processes name the lock alike; null when it is not there yet. */
  root: string | null
  lockWaitMs: number
  signal?: AbortSignal | undefined
}

/** Attempts at a folder that a remover takes away between `mkdir` and the move. */
const FOLDER_TRIES = 50

/** File systems without hard links say so in one of these ways. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/**
 * Moves a temporary file to its object's path if the condition holds.
 *
 * `absent` needs no lock: a hard link fails when the name is taken, so of many writers one wins. Whatever replaces an
 * object takes the lock, an unconditional write too, else it could slip in between the look and the move of one with an
 * etag, and be lost though its writer was told that it is stored.
 *
 * @throws STORE_CONFLICT, STORE_KEY_INVALID, STORE_UNAVAILABLE; system errors as they come.
 */
export async function place(temporary: string, change: Change, condition: WriteOptions['condition']): Promise<void> {
  const { at } = change
  if (condition === undefined) {
    return locked(change, async () => {
      // A link in its place is refused here.
      await statObject(at)
      await intoFolder(at, () => rename(temporary, at.path))
    })
  }
  if ('etag' in condition) {
    return locked(change, async () => {
      if ((await statObject(at))?.etag !== condition.etag) throw conflict(at, 'the object is another one by now')
      await rename(temporary, at.path)
    })
  }
  try {
    await intoFolder(at, () => link(temporary, at.path))
  } catch (error) {
    if (!NO_LINKS.includes(systemCode(error) ?? '')) throw error
    await locked(change, async () => {
      if ((await statObject(at)) !== null) throw conflict(at, 'there is an object already')
      await intoFolder(at, () => rename(temporary, at.path))
    })
  }
}

/** Removes an object and the folders that are empty without it. What is no object is left alone. */
export async function takeAway(change: Change): Promise<void> {
  const { at } = change
  if (change.root === null || (await statObject(at)) === null) return
  await locked(change, async () => {
    if ((await statObject(at)) !== null) await unlink(at.path)
  })
  await removeEmptyParents(at)
}

/** Makes a new name in a folder survive a loss of power. File systems that cannot do this for folders say so. */
export async function flushFolder(path: string): Promise<void> {
  try {
    const folder = await open(dirname(path))
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    const isHarmless = ['ENOENT', 'EINVAL', 'EISDIR', 'EPERM', 'EACCES', 'ENOTSUP'].includes(systemCode(error) ?? '')
    if (!isHarmless) throw error
  }
}

function locked(change: Change, work: () => Promise<void>): Promise<void> {
  const { at, root, lockWaitMs: waitMs, signal } = change
  const lock: ObjectLock = {
    subject: join(root ?? at.bucket.folder, at.key),
    scratch: at.bucket.scratch,
    waitMs,
    signal,
  }
  return withLock(lock, () => {
    signal?.throwIfAborted()
    return work()
  })
}

async function intoFolder(at: ObjectPath, move: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await mkdir(dirname(at.path), { recursive: true })
      return await move()
    } catch (error) {
      if (tries === FOLDER_TRIES) throw error
      const code = systemCode(error)
      // ENOENT: a remover took the folder away as it was empty. The others: something is in the way.
      if (code === 'ENOENT') continue
      if (code !== 'EEXIST' && code !== 'EISDIR' && code !== 'ENOTDIR' && code !== 'ENOTEMPTY') throw error
      await clearWay(at)
    }
  }
}

/** Returns when there is nothing in the way any more. An empty folder is no object, so it makes room. */
async function clearWay(at: ObjectPath): Promise<void> {
  try {
    const found = await lstat(at.path)
    if (found.isFile()) throw conflict(at, 'there is an object already')
    if (!found.isDirectory()) throw keyInvalid(at.key, `'${at.path}' is a link or a device`)
    await rmdir(at.path)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOTEMPTY' || code === 'EEXIST')
      throw keyInvalid(at.key, 'there are objects below it, as in a folder')
    if (code === 'ENOTDIR') throw keyInvalid(at.key, 'a part of it is an object, which is no folder here')
    if (code !== 'ENOENT') throw error
  }
}

/** Stops at the first folder that is not empty; a writer that needs a folder makes it again. */
async function removeEmptyParents({ bucket, path }: ObjectPath): Promise<void> {
  for (let folder = dirname(path); folder !== bucket.folder; folder = dirname(folder)) {
    try {
      await rmdir(folder)
    } catch (error) {
      if (!isAbsence(error)) return
    }
  }
}

function conflict({ path }: ObjectPath, why: string): GantryError {
  return new GantryError('STORE_CONFLICT', `'${path}' was not written: ${why}`, { path })
}
