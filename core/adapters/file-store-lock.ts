/**
 * One writer at a time changes an object, among any number of processes of one machine, also when some are killed.
 *
 * Each contender puts a file of its own into the scratch folder, then looks who else has one: alone, it has the lock. Of
 * two contenders the later to put its file sees the other's, so never do two think that they are alone. What a dead
 * process left bears that process's name and is nobody else's, so taking it away can never take a living one's lock:
 * a single lock file that is taken over has a gap between the look and the removal, which this has not.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { GantryError } from '../contract/errors'
import { isLeftOver, ownName } from './file-store-scratch'

export interface ObjectLock {
  /** The same text in every process that means the same object. */
  subject: string
  scratch: string
  /** A holder changes one name and is done; one that takes longer than this was stopped or hangs on its disk. */
  waitMs: number
  signal?: AbortSignal | undefined
}

const POLL_MS = 2

/**
 * Runs `work` while no other process runs one for the same subject.
 *
 * @throws STORE_UNAVAILABLE when a living process keeps the lock for longer than `waitMs`; the signal's reason on abort.
 */
export async function withLock<T>(lock: ObjectLock, work: () => Promise<T>): Promise<T> {
  await mkdir(lock.scratch, { recursive: true })
  const prefix = `lock-${createHash('sha256').update(lock.subject).digest('hex').slice(0, 32)}-`
  const deadlineMs = performance.now() + lock.waitMs
  for (;;) {
    const mine = prefix + ownName()
    await (await open(join(lock.scratch, mine), 'wx')).close()
    try {
      if (await isAlone(lock, prefix, mine, deadlineMs)) return await work()
    } finally {
      await rm(join(lock.scratch, mine), { force: true })
    }
    await waitOnce(lock, await contenders(lock.scratch, prefix), deadlineMs)
  }
}

/** The contender that comes first by name stays till it is alone; the others withdraw, so that somebody gets on. */
async function isAlone(lock: ObjectLock, prefix: string, mine: string, deadlineMs: number): Promise<boolean> {
  for (;;) {
    const rivals = (await contenders(lock.scratch, prefix)).filter((name) => name !== mine)
    if (rivals.length === 0) return true
    if (rivals.some((name) => name < mine)) return false
    await waitOnce(lock, rivals, deadlineMs)
  }
}

async function contenders(scratch: string, prefix: string): Promise<string[]> {
  const living: string[] = []
  for (const name of await readdir(scratch)) {
    if (!name.startsWith(prefix)) continue
    if (isLeftOver(name)) await rm(join(scratch, name), { force: true })
    else living.push(name)
  }
  return living
}

async function waitOnce(lock: ObjectLock, rivals: readonly string[], deadlineMs: number): Promise<void> {
  lock.signal?.throwIfAborted()
  if (performance.now() < deadlineMs) return pause(POLL_MS * (0.5 + Math.random()))
  const pids = rivals.map((name) => name.split('-')[2]).join(', ')
  const message = `'${lock.subject}' was not changed: process ${pids} is at it for over ${lock.waitMs} ms`
  throw new GantryError('STORE_UNAVAILABLE', message, { subject: lock.subject })
}
