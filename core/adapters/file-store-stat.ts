/** What a stored file is: its size and an etag that no other write of this object ever had. */
import { constants, type BigIntStats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { ObjectStat } from '../ports/object-store'
import { lookAt, type ObjectPath } from './file-store-paths'
import { keyInvalid } from './store-keys'

/**
 * Size and etag of a stored file; nothing is hashed.
 *
 * Every write makes a new file. Two files that exist at once have different inode numbers; an old file's number may be
 * used again, so each is also stamped with a time that no other write of the process has (`uniqueTime`). Two processes
 * would have to draw the same inode, size and microsecond after one another. Of file systems that keep whole seconds
 * only (HFS+, FAT) just neighbouring versions are sure to differ.
 * The change time is left out: it moves when the temporary name of a file is taken away.
 */
export function statOf({ ino, mtimeNs, size }: BigIntStats): ObjectStat {
  return { etag: [ino, mtimeNs, size].map((field) => field.toString(36)).join('-'), bytes: Number(size) }
}

let lastMicroseconds = 0

/**
 * Seconds since 1970 that no other write of this process has. The file system's own stamp moves only every few
 * milliseconds, within which an inode number can be freed and used again. A double holds today's seconds to a quarter
 * of a microsecond, so neighbours stay apart.
 */
export function uniqueTime(): number {
  const now = Math.floor((performance.timeOrigin + performance.now()) * 1_000)
  lastMicroseconds = Math.max(now, lastMicroseconds + 1)
  return lastMicroseconds / 1e6
}

/** The object at a path, or null: folders and devices are no objects. @throws STORE_KEY_INVALID for a link. */
export async function statObject({ key, path }: ObjectPath): Promise<ObjectStat | null> {
  const found = await lookAt(path)
  if (found?.isSymbolicLink() === true) throw keyInvalid(key, `'${path}' is a link, and links are not followed`)
  return found?.isFile() === true ? statOf(found) : null
}

/**
 * Opens a file for reading without waiting, so that a FIFO with no writer does not hang.
 *
 * @returns The file with its length when it was opened; null for a folder or a device.
 */
export async function openFile(
  path: string,
  links: 'follow' | 'refuse',
): Promise<{ file: FileHandle; bytes: number } | null> {
  const noFollow = links === 'refuse' ? constants.O_NOFOLLOW : 0
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | noFollow)
  try {
    const found = await file.stat()
    if (found.isFile()) return { file, bytes: found.size }
  } catch (error) {
    await file.close()
    throw error
  }
  await file.close()
  return null
}
