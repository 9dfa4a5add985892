/**
 * Removes what is of no use to anybody: objects of attempts that lost, and writes that were never ended. Any number of
 * times, in any number of places; a death in the middle leaves less to do.
 */
import type { Destination } from '../../core/contract/destination'
import type { DeletedRecord, Intent } from '../../core/contract/intent'
import { at, homeKeys, runKeys, stateKeys } from '../../core/contract/keys'
import { objectsOf } from '../../core/contract/marked-objects'
import type { Marker } from '../../core/contract/markers'
import type { Place } from '../../core/contract/source'
import type { OpenStore } from '../../core/ports/object-store'
import { doneParts, readFinal, readIntent, readMarker, runPlace } from '../../core/state/run-records'
import { isOfRun, removeBelow } from '../runs/erase'
import { closedRun, isLost, isOurWrite, type ClosedRun } from './lost'

/**
 * A worker that was cut off from Redis may go on for as long as a piece takes; after a day nobody writes any more, and
 * who looks for the reason of a failure has looked.
 */
export const LOST_AFTER_MS = 24 * 3_600_000

export interface SweepParts extends Pick<OpenStore, 'store' | 'state' | 'storeOf'> {
  /** Where assets are written to: the output of the settings, and the destinations that have names. */
  outputs: readonly { place: Place; destination?: Destination }[]
  now: () => Date
  /** What cannot be swept now is swept the next time. */
  onTrouble: (error: unknown, what: string) => void
}

export interface Swept {
  runs: number
  objects: number
  writes: number
}

/** Costs a listing, and some requests for each run that was closed a day ago. */
export async function sweepLost(parts: SweepParts, signal: AbortSignal): Promise<Swept> {
  const swept: Swept = { runs: 0, objects: 0, writes: 0 }
  const before = parts.now().getTime() - LOST_AFTER_MS
  await sweepRuns(parts, before, swept, signal)
  await sweepWrites(parts, before, swept, signal)
  return swept
}

async function sweepRuns(parts: SweepParts, before: number, swept: Swept, signal: AbortSignal): Promise<void> {
  const { store, state } = parts
  const prefix = at(state, '').key
  for await (const { key } of store.list({ bucket: state.bucket, prefix: at(state, stateKeys.closedPrefix).key })) {
    const closed = closedRun(key.slice(prefix.length))
    if (closed === null) continue
    if (signal.aborted || closed.atMs > before) return
    try {
      swept.objects += await sweepRun(parts, closed)
      swept.runs += 1
      await store.remove({ bucket: state.bucket, key })
    } catch (error) {
      parts.onTrouble(error, `${closed.assetId}.${closed.run}`)
    }
  }
}

/** @returns How many objects were removed. */
async function sweepRun(parts: SweepParts, { assetId, run }: ClosedRun): Promise<number> {
  const place = runPlace(parts.state, assetId, run)
  const [intent, final] = await Promise.all([readIntent(parts.store, place), readFinal(parts.store, place)])
  if (final?.status === 'deleted') return sweepDeleted(parts, final)
  if (intent === null) return 0
  const copies = await removeBelow(parts.store, { bucket: place.bucket, prefix: at(place, runKeys.copyPrefix).key })
  return copies + (await sweepAttempts(parts, place, intent))
}

async function sweepAttempts({ store, storeOf }: SweepParts, place: Place, intent: Intent): Promise<number> {
  const marked = new Set<string>()
  for (const part of await doneParts(store, place)) {
    const marker = await readMarker<Marker>(store, place, part)
    if (marker !== null) for (const { key } of objectsOf(marker)) marked.add(key)
  }
  const prefix = `${at(intent.home, homeKeys.run(intent.run)).key}/`
  const output = { bucket: intent.home.bucket, prefix }
  return removeBelow(storeOf(intent.destination), output, (key) => isLost(key.slice(prefix.length), marked))
}

/** What attempts wrote after the deletion; a later submission has a later run, which stays. */
async function sweepDeleted({ storeOf }: SweepParts, { homes, run }: DeletedRecord): Promise<number> {
  let removed = 0
  for (const { home, destination } of homes) {
    const place = { bucket: home.bucket, prefix: at(home, '').key }
    removed += await removeBelow(storeOf(destination), place, (key) => isOfRun(home, key, { before: run }))
  }
  return removed
}

async function sweepWrites(parts: SweepParts, before: number, swept: Swept, signal: AbortSignal): Promise<void> {
  const { state, outputs } = parts
  const ours = { state, outputs: outputs.map(({ place }) => place) }
  for (const { place, destination } of [{ place: state, destination: undefined }, ...outputs]) {
    const store = parts.storeOf(destination)
    try {
      for await (const write of store.unfinished(place)) {
        if (signal.aborted) return
        if (write.begunAt.getTime() > before || !isOurWrite(write, ours)) continue
        await store.abandon(write)
        swept.writes += 1
      }
    } catch (error) {
      parts.onTrouble(error, `unfinished writes in ${place.bucket}`)
    }
  }
}
