/** Runs that were over before their sink took their story, and were followed by another one meanwhile. */
import type { FinalRecord } from '../../core/contract/intent'
import { at, runKeys } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { EventSink } from '../../core/ports/event-sink'
import type { ObjectStore } from '../../core/ports/object-store'
import { relayEvents } from '../../core/state/outbox'
import { readFinal, readIntent, runPlace } from '../../core/state/run-records'
import { claimLastWord } from '../close'
import { claimOpening } from './open-run'

export interface TellParts {
  store: ObjectStore
  state: Place
  sink: EventSink
}

/**
 * Tells what the runs before `run` have not told yet, oldest first, so that an asset's events stay in order.
 *
 * @throws What the sink throws.
 */
export async function tellEarlier({ store, state, sink }: TellParts, assetId: string, run: number): Promise<void> {
  const untold: { place: Place; final: FinalRecord }[] = []
  for (let earlier = run - 1; earlier >= 1; earlier -= 1) {
    const place = runPlace(state, assetId, earlier)
    const final = await readFinal(store, place)
    // Whoever told the last word of a run has told all before it.
    if (final === null || (await store.head(at(place, runKeys.eventSent(`asset.${final.status}`)))) !== null) break
    untold.unshift({ place, final })
  }
  for (const { place, final } of untold) {
    const intent = await readIntent(store, place)
    if (intent !== null) await claimOpening(store, place, intent)
    await claimLastWord(store, place, final)
    await relayEvents(store, place, sink)
  }
}
