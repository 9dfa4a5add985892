/** Brings one asset a step on: what is missing is queued again, what is finished is told and closed. */
import type { DeletedRecord, FinalRecord, Intent } from '../core/contract/intent'
import { addressesOf, at, runKeys, stateKeys } from '../core/contract/keys'
import type { FailureMarker } from '../core/contract/markers'
import { nextJobs } from '../core/contract/next-jobs'
import type { ObjectAt, Place } from '../core/contract/source'
import type { EventSink } from '../core/ports/event-sink'
import type { JobQueue } from '../core/ports/job-queue'
import type { ObjectStore, OpenStore } from '../core/ports/object-store'
import type { Signals } from '../core/ports/signals'
import { relayEvents } from '../core/state/outbox'
import { writeRecord } from '../core/state/records'
import { doneParts, newestRun, readFailures, readFinal, readIntent, runPlace } from '../core/state/run-records'
import { newestAssetOf } from '../core/state/sources'
import { claimLastWord, codeOf, recordFailure, recordSuperseded } from './close'
import { lineOf } from './identity'
import { learnFromRun } from './learn'
import { eraseAsset, removeBelow } from './runs/erase'
import { claimOpening } from './runs/open-run'
import { stopEarly } from './runs/stop-early'
import { tellEarlier } from './runs/tell-earlier'
import { findingsIn } from './told-findings'
import { outputOf, requestOf } from './wish'

export interface ReconcileParts {
  store: ObjectStore
  state: Place
  storeOf: OpenStore['storeOf']
  queue: JobQueue
  signals: Signals
  sink: EventSink
  now: () => Date
  /** A sink that does not take events keeps them waiting in the state; work goes on. */
  onRelayFailure: (error: unknown, assetId: string) => void
  /** What a run says of the fleet's speeds is lost then, and nothing else. */
  onLearnFailure: (error: unknown, assetId: string) => void
}

/** Where an asset stands after a look at its records. */
export type AssetStanding =
  | { status: 'absent' }
  | { status: 'running'; intent: Intent }
  | { status: 'closed'; intent: Intent | null; final: FinalRecord }

/**
 * Looks at the newest run of an asset and does what is missing. Any number of times, in any number of places:
 * every write below is conditional or repeats itself.
 *
 * @throws What the sink throws when all that is left to do is to tell of the end; the asset stays open until it is told.
 */
export async function reconcileAsset(parts: ReconcileParts, assetId: string): Promise<AssetStanding> {
  const { store, state } = parts
  const run = await newestRun(store, state, assetId)
  const place = runPlace(state, assetId, run)
  const [intent, final] = await Promise.all([readIntent(store, place), readFinal(store, place)])
  if (intent === null) {
    // A reject has a last word but no plan; a crash before the plan leaves an entry that its intake brings again.
    if (final !== null) await tellAndClose(parts, assetId, { place, intent, final })
    return final === null ? { status: 'absent' } : { status: 'closed', intent, final }
  }
  // Before any end of the run, so that its story is whole.
  if ((await store.head(at(place, runKeys.event('asset.planned')))) === null) await claimOpening(store, place, intent)
  if (final !== null && (await isComplete(parts, place, intent, final))) {
    // Another process may have said it: its jobs are still in the queue, and workers have not heard.
    if (final.status !== 'published') {
      await dropWork(parts, intent)
      if (intent.packaging?.early === true) await stopEarly(parts.storeOf(intent.destination), intent)
    }
    if (intent.jobs.some(({ kind }) => kind === 'remux')) await removeCopies(store, place)
    await tellAndClose(parts, assetId, { place, intent, final })
    return { status: 'closed', intent, final }
  }
  if (final === null && (await endsHere(parts, intent, place))) {
    return reconcileAsset(parts, assetId)
  }
  // Work first: a sink that is down keeps events waiting, never encodes.
  await parts.queue.ensure(missingJobs(intent, await doneParts(store, place), final))
  try {
    await tellEarlier(parts, assetId, run)
    await relayEvents(store, place, parts.sink)
  } catch (error) {
    parts.onRelayFailure(error, assetId)
  }
  return { status: 'running', intent }
}

async function dropWork({ queue, signals }: ReconcileParts, { assetId, run, jobs }: Intent): Promise<void> {
  await queue.dropRun(jobs)
  signals.tell('run-closed', `${assetId}.${run}`)
}

/** Gives a run its last word when a newer master took its place or a part of it failed for good. */
async function endsHere(parts: ReconcileParts, intent: Intent, place: Place): Promise<boolean> {
  const { store } = parts
  const { assetId, run } = intent
  const told = { assetId, run, source: sourceOf(intent) }
  const atTime = parts.now().toISOString()
  const line = lineOf(outputOf(intent), requestOf(intent))
  const newest = await newestAssetOf(store, parts.state, told.source, line)
  if (newest !== null && newest !== assetId) {
    await recordSuperseded(store, place, { ...told, by: newest }, atTime)
    return true
  }
  const [failure] = await readFailures(store, place)
  if (failure === undefined) return false
  if (isReplaced(failure)) await recordSuperseded(store, place, { ...told, by: null }, atTime)
  else {
    const { message, jobId, details } = failure
    const findings = findingsIn(details)
    const ended = { ...told, code: codeOf(failure.code), message, jobId, ...(findings.length > 0 && { findings }) }
    await recordFailure(store, place, ended, atTime)
  }
  return true
}

/** The workers found another object under the key before its event came. */
function isReplaced(failure: FailureMarker): boolean {
  return failure.code === 'SOURCE_CHANGED'
}

/**
 * A published record counts once its multivariant playlist, and its MPD where it has one, are in place and its event is
 * in the outbox; until then the publish job runs again.
 */
async function isComplete(
  { store, storeOf }: ReconcileParts,
  run: Place,
  intent: Intent,
  final: FinalRecord,
): Promise<boolean> {
  if (final.status !== 'published') return true
  const event = await store.head(at(run, runKeys.event('asset.published')))
  if (event === null) return false
  const home = storeOf(intent.destination)
  for (const key of addressesOf(final)) if ((await home.head(at(intent.home, key))) === null) return false
  return true
}

function missingJobs(intent: Intent, done: Set<string>, final: FinalRecord | null): Intent['jobs'] {
  const missing = nextJobs(intent, done)
  if (missing.length > 0 || final?.status !== 'published') return missing
  return intent.jobs.filter((job) => job.kind === 'publish')
}

async function tellAndClose(
  parts: ReconcileParts,
  assetId: string,
  { place, intent, final }: { place: Place; intent: Intent | null; final: FinalRecord },
): Promise<void> {
  if (final.status === 'deleted') await eraseOnce(parts, place, final)
  await claimLastWord(parts.store, place, final)
  await tellEarlier(parts, assetId, final.run)
  await relayEvents(parts.store, place, parts.sink)
  if (intent !== null && final.status === 'published') {
    await learnFromRun(parts, intent, place).catch((error: unknown) => parts.onLearnFailure(error, assetId))
  }
  const { store, state } = parts
  await writeRecord(store, at(state, stateKeys.closed(Date.parse(final.at), assetId, final.run)), { v: 1 })
  const entry = at(state, stateKeys.open(assetId))
  await store.remove(entry)
  // Somebody who opens the next run writes the entry before the plan; the one that was removed may be that one.
  const newest = await newestRun(store, state, assetId)
  if (newest > final.run) await writeRecord(store, entry, { v: 1, run: newest })
}

/** The event is claimed when all is gone. */
async function eraseOnce({ store, storeOf }: ReconcileParts, place: Place, final: DeletedRecord): Promise<void> {
  if ((await store.head(at(place, runKeys.event('asset.deleted')))) === null) await eraseAsset(storeOf, final)
}

/** What the pieces were read from, also what dead attempts have left; before the asset leaves `open/`. */
async function removeCopies(store: ObjectStore, run: Place): Promise<void> {
  await removeBelow(store, { bucket: run.bucket, prefix: at(run, runKeys.copyPrefix).key })
}

function sourceOf({ source }: Intent): ObjectAt {
  return { bucket: source.bucket, key: source.key }
}

/** Assets with unfinished work, by listing `open/` only: finished ones cost nothing. */
export async function* openAssets(store: ObjectStore, state: Place): AsyncIterable<string> {
  const prefix = at(state, stateKeys.openPrefix).key
  for await (const { key } of store.list({ bucket: state.bucket, prefix })) yield key.slice(prefix.length)
}
