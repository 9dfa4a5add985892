/** The end of a run that is not published: the last word in the state, the event, and the queue cleared of it. */
import { isFailureCode } from '../core/contract/errors'
import { FAILURES, type FailureCode } from '../core/contract/failures'
import type { FinalRecord } from '../core/contract/intent'
import type { OutputFinding } from '../core/contract/output-finding'
import { at, runKeys } from '../core/contract/keys'
import type { ObjectAt, Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { claimEvent } from '../core/state/outbox'
import { writeRecordOnce } from '../core/state/records'

export interface RunFailure {
  assetId: string
  run: number
  code: FailureCode
  message: string
  source: ObjectAt
  jobId?: string
  findings?: readonly OutputFinding[]
}

/** Writes the failed record and its event. A run that was published meanwhile stays published. */
export function recordFailure(
  store: ObjectStore,
  run: Place,
  failure: RunFailure,
  atTime: string,
): Promise<FinalRecord> {
  const { remedy } = FAILURES[failure.code]
  return recordLastWord(store, run, { v: 1, status: 'failed', ...failure, remedy, at: atTime })
}

/** Writes that a newer object took the master's place, and its event. A run that had its last word before keeps it. */
export function recordSuperseded(
  store: ObjectStore,
  run: Place,
  told: { assetId: string; run: number; by: string | null; source: ObjectAt },
  atTime: string,
): Promise<FinalRecord> {
  return recordLastWord(store, run, { v: 1, status: 'superseded', ...told, at: atTime })
}

/** Writes that somebody asked to end the run, and its event. A run that had its last word before keeps it. */
export function recordCancelled(
  store: ObjectStore,
  run: Place,
  told: { assetId: string; run: number; source: ObjectAt },
  atTime: string,
): Promise<FinalRecord> {
  return recordLastWord(store, run, { v: 1, status: 'cancelled', ...told, at: atTime })
}

/** @returns The word that counts: of several the first. */
async function recordLastWord(store: ObjectStore, run: Place, word: FinalRecord): Promise<FinalRecord> {
  const { record } = await writeRecordOnce<FinalRecord>(store, at(run, runKeys.final), word)
  await claimLastWord(store, run, record)
  return record
}

/** Puts the event of a last word into the outbox; again after a crash between the two. */
export async function claimLastWord(store: ObjectStore, run: Place, record: FinalRecord): Promise<void> {
  if (record.status === 'failed') {
    const { code, message, remedy, source, findings = [] } = record
    await claimEvent(store, run, 'asset.failed', record, { code, message, remedy, source, findings })
  }
  if (record.status === 'superseded') {
    await claimEvent(store, run, 'asset.superseded', record, { by: record.by, source: record.source })
  }
  if (record.status === 'deleted') await claimEvent(store, run, 'asset.deleted', record, { source: record.source })
  if (record.status === 'cancelled') await claimEvent(store, run, 'asset.cancelled', record, { source: record.source })
}

/** A record of an older version may hold a code that is gone; it is told as an internal fault. */
export function codeOf(text: string): FailureCode {
  return isFailureCode(text) ? text : 'QUEUE_INTERNAL'
}
