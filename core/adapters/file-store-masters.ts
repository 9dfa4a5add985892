/** Local masters as objects: the key is an absolute path, the etag says which bytes. */
import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import type { Readable } from 'node:stream'
import { GantryError } from '../contract/errors'
import type { ByteRange, ObjectStat } from '../ports/object-store'
import { isAbsence, translated } from './file-store-errors'
import { streamOf } from './file-store-read'
import { openFile } from './file-store-stat'

/** How much of each end is hashed: most rewrites in place touch one of them, and no master is read whole for its name. */
const END_BYTES = 2 ** 20
/** Files whose hash is kept in memory; a worker reads a few masters at once, each in many ranges. */
const KNOWN_FILES = 64

export interface Masters {
  head(path: string): Promise<ObjectStat | null>
  read(path: string, etag: string | undefined, range: ByteRange | undefined): Promise<Readable>
}

/** @throws SOURCE_NOT_FOUND for a key that is no absolute path. */
export function masterPath(key: string): string {
  if (isAbsolute(key) && !key.includes('\0')) return key
  throw new GantryError('SOURCE_NOT_FOUND', `a local master is named by its absolute path, got ${JSON.stringify(key)}`)
}

/** Reads files of the whole machine, through links too: they are what the user named. */
export function createMasters(): Masters {
  // By inode and change time, which nobody can set back: a file that has both still has the same bytes.
  const hashes = new Map<string, string>()
  const etagOf = async (file: FileHandle): Promise<ObjectStat> => {
    const found = await file.stat({ bigint: true })
    const known = [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join('-')
    const hash = hashes.get(known) ?? (await hashOfEnds(file, Number(found.size)))
    hashes.delete(known)
    hashes.set(known, hash)
    const [oldest] = hashes.keys()
    if (hashes.size > KNOWN_FILES && oldest !== undefined) hashes.delete(oldest)
    return { etag: `${stampOf(found)}-${hash}`, bytes: Number(found.size) }
  }

  return {
    head: (path) =>
      translated(path, true, async () => {
        const file = await openMaster(path).catch((error: unknown) => {
          if (isAbsence(error)) return null
          throw error
        })
        if (file === null) return null
        return etagOf(file).finally(() => file.close())
      }),
    read: (path, etag, range) =>
      translated(path, true, async () => {
        const file = await openMaster(path)
        try {
          if (etag !== undefined && (await etagOf(file)).etag !== etag) throw changed(path)
        } catch (error) {
          await file.close()
          throw error
        }
        const opened = { file, path, isMaster: true }
        return streamOf(etag === undefined ? opened : { ...opened, check: () => stillIs(file, path, etag) }, range)
      }),
  }
}

/** @throws SOURCE_UNREADABLE for what is no file. */
async function openMaster(path: string): Promise<FileHandle> {
  const opened = await openFile(path, 'follow')
  if (opened !== null) return opened.file
  throw new GantryError('SOURCE_UNREADABLE', `'${path}' is a folder or a device; give a file`)
}

async function hashOfEnds(file: FileHandle, bytes: number): Promise<string> {
  const hash = createHash('sha256')
  for (const position of [0, Math.max(0, bytes - END_BYTES)]) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(END_BYTES), 0, END_BYTES, position)
    hash.update(buffer.subarray(0, bytesRead))
  }
  return hash.digest('hex').slice(0, 32)
}

/** A master that is overwritten in place while it is read must not end as a mixture of both. */
async function stillIs(file: FileHandle, path: string, etag: string): Promise<void> {
  if (!etag.startsWith(`${stampOf(await file.stat({ bigint: true }))}-`)) throw changed(path)
}

function changed(path: string): GantryError {
  return new GantryError('SOURCE_CHANGED', `'${path}' is not the file that was looked at before`, { path })
}

/** The part of the etag that costs no reading. */
function stampOf({ size, mtimeNs }: Pick<BigIntStats, 'size' | 'mtimeNs'>): string {
  return `${size.toString(36)}-${mtimeNs.toString(36)}`
}
