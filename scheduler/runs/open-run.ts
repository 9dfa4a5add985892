/** Opens the next run of an asset: the one way in which a plan gets into the state. */
import type { Intent } from '../../core/contract/intent'
import { at, runKeys, stateKeys } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { claimEvent } from '../../core/state/outbox'
import { writeRecord, writeRecordOnce } from '../../core/state/records'
import { runPlace } from '../../core/state/run-records'
import { plannedData } from './planned-data'

/**
 * `open/` first, so that a crash at any point leaves an entry that the reconciler finds; it queues what is missing.
 *
 * @returns The plan that counts: of several writers the first one's.
 */
export async function openRun(
  { store, state }: { store: ObjectStore; state: Place },
  planned: Intent,
): Promise<{ intent: Intent; written: boolean }> {
  const place = runPlace(state, planned.assetId, planned.run)
  const { record: intent, written } = await whileOpen({ store, state }, planned, () =>
    writeRecordOnce(store, at(place, runKeys.intent), planned),
  )
  await claimOpening(store, place, intent)
  return { intent, written }
}

/** Writes what begins a run, with the entry in `open/` there before and after it. */
export async function whileOpen<T>(
  { store, state }: { store: ObjectStore; state: Place },
  { assetId, run }: { assetId: string; run: number },
  write: () => Promise<T>,
): Promise<T> {
  const entry = at(state, stateKeys.open(assetId))
  await writeRecord(store, entry, { v: 1, run })
  const written = await write()
  // Whoever closed the run before may have taken the entry away for that one.
  await writeRecord(store, entry, { v: 1, run })
  return written
}

/** Puts what is told of a plan into the outbox; again after a crash in between. */
export async function claimOpening(store: ObjectStore, place: Place, intent: Intent): Promise<void> {
  const { bucket, key, bytes } = intent.source
  await claimEvent(store, place, 'asset.accepted', intent, { source: { bucket, key, bytes }, name: intent.name })
  await claimEvent(store, place, 'asset.planned', intent, plannedData(intent))
}
