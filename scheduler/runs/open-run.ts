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
  const { assetId, run } = planned
  const place = runPlace(state, assetId, run)
  const entry = at(state, stateKeys.open(assetId))
  await writeRecord(store, entry, { v: 1, run })
  const { record: intent, written } = await writeRecordOnce(store, at(place, runKeys.intent), planned)
  // Whoever closed the run before may have taken the entry away for that one.
  await writeRecord(store, entry, { v: 1, run })
  await claimOpening(store, place, intent)
  return { intent, written }
}

/** Puts what is told of a plan into the outbox; again after a crash in between. */
export async function claimOpening(store: ObjectStore, place: Place, intent: Intent): Promise<void> {
  const { bucket, key, bytes } = intent.source
  await claimEvent(store, place, 'asset.accepted', intent, { source: { bucket, key, bytes }, name: intent.name })
  await claimEvent(store, place, 'asset.planned', intent, plannedData(intent))
}
