/** Atomic writes into a folder: a temporary file, then one system call that shows it whole or not at all. */
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ObjectStat, WriteOptions } from '../ports/object-store'
import { flushFolder, place, type Change } from './file-store-conditions'
import { ownName } from './file-store-scratch'
import { statOf, uniqueTime } from './file-store-stat'

/** Records up to this size are flushed to the disk before they count: the state must survive a loss of power. */
const FLUSHED_BYTES = 2 ** 20

/** Writes a body under a condition. @throws STORE_CONFLICT; the signal's reason on abort; system errors as they come. */
export async function writeAtomically(
  change: Change,
  body: Uint8Array | Readable,
  condition: WriteOptions['condition'],
): Promise<ObjectStat> {
  const { scratch } = change.at.bucket
  await mkdir(scratch, { recursive: true })
  const temporary = join(scratch, ownName())
  try {
    // Taken from the file itself: behind the path there may be another writer's object a moment later.
    const written = await fill(temporary, body, change.signal)
    await place(temporary, change, condition)
    // Plans and markers are written under a condition; a lost segment without marker is made again.
    if (condition !== undefined && written.bytes <= FLUSHED_BYTES) await flushFolder(change.at.path)
    return written
  } finally {
    await rm(temporary, { force: true })
  }
}

async function fill(temporary: string, body: Uint8Array | Readable, signal?: AbortSignal): Promise<ObjectStat> {
  signal?.throwIfAborted()
  const file = await open(temporary, 'wx', 0o644)
  try {
    await copyInto(file, body, signal)
    signal?.throwIfAborted()
    const stamp = uniqueTime()
    await file.utimes(stamp, stamp)
    const written = statOf(await file.stat({ bigint: true }))
    if (written.bytes <= FLUSHED_BYTES) await file.sync()
    signal?.throwIfAborted()
    return written
  } finally {
    // Waits for writes under way.
    await file.close()
  }
}

async function copyInto(file: FileHandle, body: Uint8Array | Readable, signal?: AbortSignal): Promise<void> {
  if (body instanceof Uint8Array) return file.writeFile(body)
  try {
    // Not the handle's own write stream: after it the handle's close() waits for ever (Node 20).
    await pipeline(
      body,
      (source: AsyncIterable<Uint8Array>) => appendTo(file, source),
      signal === undefined ? {} : { signal },
    )
  } catch (error) {
    // The pipeline tells an abort in its own words; callers look for the reason they gave.
    signal?.throwIfAborted()
    throw error
  }
}

async function appendTo(file: FileHandle, source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of source) await file.writeFile(chunk)
}
