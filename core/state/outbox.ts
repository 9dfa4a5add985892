/**
 * Lifecycle events wait in the state until the sink has them, so a broker that is down stops no work and loses nothing.
 * An event is claimed by a conditional write (one per type and run), sent, then marked; it may be sent twice, with
 * the same id and the same bytes.
 */
import type { AnyEvent, EventData, LifecycleType } from '../contract/event'
import { lifecycleEvent } from '../contract/event'
import { at, runKeys } from '../contract/keys'
import type { Place } from '../contract/source'
import type { EventSink } from '../ports/event-sink'
import type { ObjectStore } from '../ports/object-store'
import { readRecord, writeRecord, writeRecordOnce } from './records'

/** The order in which a run tells its story. */
const STORY: readonly LifecycleType[] = [
  'asset.accepted',
  'asset.planned',
  'asset.playable',
  'asset.published',
  'asset.failed',
  'asset.superseded',
  'asset.cancelled',
  'asset.deleted',
]

/** Puts an event into the outbox; a second one of the same type and run changes nothing. */
export async function claimEvent<T extends LifecycleType>(
  store: ObjectStore,
  run: Place,
  type: T,
  of: { assetId: string; run: number; at: string },
  data: EventData[T],
): Promise<void> {
  await writeRecordOnce(store, at(run, runKeys.event(type)), lifecycleEvent(type, of, data))
}

/**
 * Sends what is in the outbox of a run, in order.
 *
 * @param which `unsent`: what has no mark. `all`: everything once more, for a consumer that starts now.
 */
export async function relayEvents(
  store: ObjectStore,
  run: Place,
  sink: EventSink,
  which: 'unsent' | 'all' = 'unsent',
): Promise<void> {
  for (const type of STORY) {
    const event = await readRecord<AnyEvent>(store, at(run, runKeys.event(type)))
    if (event === null) continue
    const mark = at(run, runKeys.eventSent(type))
    if (which === 'unsent' && (await store.head(mark)) !== null) continue
    await sink.emit(event)
    await writeRecord(store, mark, { v: 1, id: event.id })
  }
}
