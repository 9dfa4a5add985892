/** Local masters as objects: the key is an absolute path, the etag says which bytes. */
import { createHash } from 'node:crypto'
import { constants, type BigIntStats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { GantryError } from '../contract/errors'
import type { ObjectStat } from '../ports/object-store'

/** How much of each end is hashed: most rewrites in place touch one of them, and no master is read whole for its name. */
const END_BYTES = 2 ** 20

/** @throws SOURCE_NOT_FOUND for a key that is no absolute path. */
export function masterPath(key: string): string {
  if (isAbsolute(key) && !key.includes('\0')) return key
  throw new GantryError('SOURCE_NOT_FOUND', `a local master is named by its absolute path, got ${JSON.stringify(key)}`)
}

/** Opens without waiting, so that a FIFO with no writer does not hang. @throws SOURCE_UNREADABLE for what is no file. */
export async function openMaster(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw new GantryError('SOURCE_UNREADABLE', `'${path}' is a folder or a device; give a file`)
}

/** Etag of size, modification time and a hash of the first and last MiB, read from the opened file itself. */
export async function masterStat(file: FileHandle): Promise<ObjectStat> {
  const { size, mtimeNs } = await file.stat({ bigint: true })
  const bytes = Number(size)
  const hash = createHash('sha256')
  for (const position of [0, Math.max(0, bytes - END_BYTES)]) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(END_BYTES), 0, END_BYTES, position)
    hash.update(buffer.subarray(0, bytesRead))
  }
  return { etag: `${stampOf({ size, mtimeNs })}-${hash.digest('hex').slice(0, 32)}`, bytes }
}

/** The part of the etag that costs no reading. */
export function stampOf({ size, mtimeNs }: Pick<BigIntStats, 'size' | 'mtimeNs'>): string {
  return `${size.toString(36)}-${mtimeNs.toString(36)}`
}
