/** The end of a run that failed: the last word in the state, the event, and the queue cleared of it. */
import { FAILURES, isFailureCode, type FailureCode } from '../core/contract/errors'
import type { FailedRecord, FinalRecord } from '../core/contract/intent'
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
}

/** Writes the failed record and its event. A run that was published meanwhile stays published. */
export async function recordFailure(
  store: ObjectStore,
  run: Place,
  failure: RunFailure,
  atTime: string,
): Promise<FinalRecord> {
  const { record } = await writeRecordOnce<FinalRecord>(store, at(run, runKeys.final), {
    v: 1,
    status: 'failed',
    ...failure,
    remedy: FAILURES[failure.code].remedy,
    at: atTime,
  })
  if (record.status === 'failed') await claimFailure(store, run, record)
  return record
}

/** Puts `asset.failed` into the outbox; again after a crash between record and event. */
export async function claimFailure(store: ObjectStore, run: Place, record: FailedRecord): Promise<void> {
  const { code, message, remedy, source } = record
  await claimEvent(store, run, 'asset.failed', record, { code, message, remedy, source })
}

/** A record of an older version may hold a code that is gone; it is told as an internal fault. */
export function codeOf(text: string): FailureCode {
  return isFailureCode(text) ? text : 'QUEUE_INTERNAL'
}
