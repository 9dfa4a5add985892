/** One attempt at a job: its name, its folder, its end. */
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { base32 } from '../core/contract/ids'
import type { Job } from '../core/contract/job'
import { GantryError } from '../core/contract/errors'
import type { Attempt } from '../core/ports/job-queue'

/** Eight characters keep the objects of attempts at one part apart, also of a zombie's. */
export function attemptName(): string {
  return base32(randomBytes(5))
}

/** Whether an attempt failed for good: no other one comes, or none would do better; and nobody stopped it. */
export function isSettled({ retryable }: GantryError, { isLast, signal }: Attempt): boolean {
  return (isLast || !retryable) && !signal.aborted
}

/** A private folder for the time of `work`; nothing of it stays, however `work` ends. */
export async function inFolder<T>(scratch: string, attempt: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(scratch, `attempt-${attempt}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The fields that every marker begins with. */
export function markerBase<K extends Job['kind']>(
  job: Job & { kind: K },
  attempt: string,
  workerId: string,
  now: Date,
) {
  return { v: 1 as const, kind: job.kind, part: job.part, attempt, workerId, at: now.toISOString() }
}

/** A marker that an earlier part must have left. @throws STORE_NOT_FOUND, which a job that came too early meets. */
export function required<T>(marker: T | null, part: string): T {
  if (marker === null) throw new GantryError('STORE_NOT_FOUND', `the marker of part '${part}' is missing`, { part })
  return marker
}
