/** Atomic writes into a folder: a temporary file, then one system call that shows it whole or not at all. */
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GantryError } from '../contract/errors'
import type { ObjectStat, WriteOptions } from '../ports/object-store'
import { systemCode } from './file-store-errors'
import { statOf, uniqueTime } from './file-store-stat'
import { isAlive, thisProcess, type ProcessIdentity } from './process-identity'

/** Records up to this size are flushed to the disk before they count: the state must survive a loss of power. */
const FLUSHED_BYTES = 2 ** 20
/** Attempts at a folder that a remover takes away between `mkdir` and the move. */
const FOLDER_TRIES = 10

/** `<pid>-<start>-<random>`: says whose it is, so that files of dead processes can be told. */
function scratchName(): string {
  const { pid, started } = thisProcess()
  return `${pid}-${started ?? 'x'}-${randomBytes(8).toString('hex')}`
}

function ownerOf(name: string): ProcessIdentity | null {
  const match = /^(\d+)-(\d+|x)-[0-9a-f]{16}$/.exec(name)
  return match === null ? null : { pid: Number(match[1]), started: match[2] === 'x' ? null : (match[2] ?? null) }
}

/** Takes away temporary files and locks that processes killed in mid-write have left. Called at start. */
export async function sweepScratch(scratch: string): Promise<void> {
  await mkdir(scratch, { recursive: true })
  for (const name of await readdir(scratch)) {
    const owner = ownerOf(name)
    if (owner !== null && !isAlive(owner)) await rm(join(scratch, name), { force: true })
  }
}

/** Writes a body to a path under a condition. @throws STORE_CONFLICT; system errors as they come. */
export async function writeAtomically(
  path: string,
  scratch: string,
  body: Uint8Array | Readable,
  options: WriteOptions,
): Promise<ObjectStat> {
  await mkdir(scratch, { recursive: true })
  const temporary = join(scratch, scratchName())
  try {
    await fill(temporary, body, options.signal)
    options.signal?.throwIfAborted()
    await place(path, temporary, scratch, options.condition)
    return statOf(await stat(path, { bigint: true }))
  } finally {
    await rm(temporary, { force: true })
  }
}

async function fill(temporary: string, body: Uint8Array | Readable, signal: AbortSignal | undefined): Promise<void> {
  const source = body instanceof Uint8Array ? Readable.from([body], { objectMode: false }) : body
  signal?.throwIfAborted()
  await pipeline(source, createWriteStream(temporary, { mode: 0o644 }), signal === undefined ? {} : { signal })
  const file = await open(temporary, 'r+')
  try {
    const stamp = uniqueTime()
    await file.utimes(stamp, stamp)
    await flushSmall(file)
  } finally {
    await file.close()
  }
}

async function flushSmall(file: FileHandle): Promise<void> {
  if ((await file.stat()).size <= FLUSHED_BYTES) await file.sync()
}

async function place(
  path: string,
  temporary: string,
  scratch: string,
  condition: WriteOptions['condition'],
): Promise<void> {
  if (condition === undefined) return inFolder(path, () => rename(temporary, path))
  if ('absent' in condition) {
    // A hard link fails if the name is taken: of many writers one wins, in any number of processes.
    return inFolder(path, () => link(temporary, path)).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error
      throw conflict(path, 'there is an object already')
    })
  }
  await locked(path, scratch, async () => {
    const now = await stat(path, { bigint: true }).catch(() => null)
    if (now === null || statOf(now).etag !== condition.etag) throw conflict(path, 'the object is another one by now')
    await rename(temporary, path)
  })
}

async function inFolder(path: string, move: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await mkdir(dirname(path), { recursive: true })
    try {
      return await move()
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || tries === FOLDER_TRIES) throw error
    }
  }
}

/**
 * Runs `work` while no other process replaces the same object by etag. The lock is a link to a file that names its
 * owner; one whose owner is dead is moved away under the remover's own name first, so that of several that find it dead
 * only one removes it, and none removes a lock that was taken meanwhile.
 *
 * @throws STORE_CONFLICT at once when a living writer has it: that writer changes the object.
 */
async function locked(path: string, scratch: string, work: () => Promise<void>): Promise<void> {
  const lock = join(scratch, `lock-${Buffer.from(path).toString('base64url').slice(-200)}`)
  const token = join(scratch, scratchName())
  await (await open(token, 'wx')).close()
  try {
    await takeLock(lock, token, scratch, path)
    try {
      await work()
    } finally {
      await rm(lock, { force: true })
    }
  } finally {
    await rm(token, { force: true })
  }
}

async function takeLock(lock: string, token: string, scratch: string, path: string): Promise<void> {
  const inode = (await stat(token)).ino
  for (let tries = 1; tries <= FOLDER_TRIES; tries += 1) {
    try {
      return await link(token, lock)
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error
    }
    if (await holderLives(lock, scratch, inode)) break
  }
  throw conflict(path, 'another writer replaces it right now')
}

/** A holder's token lies beside the lock as the same inode; without one that lives the lock is dead and moved away. */
async function holderLives(lock: string, scratch: string, mine: number): Promise<boolean> {
  const held = await stat(lock).catch(() => null)
  if (held === null) return false
  for (const name of await readdir(scratch)) {
    const owner = ownerOf(name)
    if (owner === null || !isAlive(owner)) continue
    const token = await stat(join(scratch, name)).catch(() => null)
    if (token !== null && token.ino === held.ino && token.ino !== mine) return true
  }
  const aside = join(scratch, scratchName())
  await rename(lock, aside).catch(() => undefined)
  const moved = await stat(aside).catch(() => null)
  // Somebody took the lock between the look and the move: it is put back, unless the name is taken again.
  if (moved !== null && moved.ino !== held.ino) await link(aside, lock).catch(() => undefined)
  await rm(aside, { force: true })
  return false
}

function conflict(path: string, why: string): GantryError {
  return new GantryError('STORE_CONFLICT', `'${path}' was not written: ${why}`, { path })
}
