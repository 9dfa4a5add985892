import type { BigIntStats } from 'node:fs'
import type { ObjectStat } from '../ports/object-store'

/**
 * Size and etag of a stored file. Every write makes a new inode and stamps it with a time of its own (`uniqueTime`), so
 * the etag is another value after each write, also when a freed inode number is used again; nothing has to be hashed.
 * The change time is left out: it moves when the temporary name of a file is taken away.
 */
export function statOf({ ino, mtimeNs, size }: BigIntStats): ObjectStat {
  return { etag: [ino, mtimeNs, size].map((field) => field.toString(36)).join('-'), bytes: Number(size) }
}

let lastMicroseconds = 0

/**
 * Seconds since 1970 that no other write of this process has. The file system's own stamp moves only every few
 * milliseconds, within which an inode number can be freed and used again.
 */
export function uniqueTime(): number {
  const now = Math.floor((performance.timeOrigin + performance.now()) * 1_000)
  lastMicroseconds = Math.max(now, lastMicroseconds + 1)
  return lastMicroseconds / 1e6
}
