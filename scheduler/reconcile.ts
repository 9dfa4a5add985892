/** Brings one asset a step on: what is missing is queued again, what is finished is told and closed. */
import type { FinalRecord, Intent } from '../core/contract/intent'
import { at, homeKeys, runKeys, stateKeys } from '../core/contract/keys'
import { nextJobs } from '../core/contract/next-jobs'
import type { ObjectAt, Place } from '../core/contract/source'
import type { EventSink } from '../core/ports/event-sink'
import type { JobQueue } from '../core/ports/job-queue'
import type { ObjectStore } from '../core/ports/object-store'
import { relayEvents } from '../core/state/outbox'
import { doneParts, newestRun, readFailures, readFinal, readIntent, runPlace } from '../core/state/run-records'
import { claimFailure, codeOf, recordFailure } from './close'

export interface ReconcileParts {
  store: ObjectStore
  state: Place
  queue: JobQueue
  sink: EventSink
  now: () => Date
}

/** Where an asset stands after a look at its records. */
export type AssetStanding =
  | { status: 'absent' }
  | { status: 'running'; intent: Intent }
  | { status: 'closed'; intent: Intent | null; final: FinalRecord }

/**
 * Looks at the newest run of an asset and does what is missing. Any number of times, in any number of places:
 * every write below is conditional or repeats itself.
 */
export async function reconcileAsset(parts: ReconcileParts, assetId: string): Promise<AssetStanding> {
  const { store, state } = parts
  const run = await newestRun(store, state, assetId)
  const place = runPlace(state, assetId, run)
  const intent = await readIntent(store, place)
  const final = await readFinal(store, place)
  if (intent === null) {
    // A reject has a last word but no plan; a crash before the plan leaves an entry that its intake brings again.
    if (final !== null) await tellAndClose(parts, assetId, place, final)
    return final === null ? { status: 'absent' } : { status: 'closed', intent, final }
  }
  if (final !== null && (await isComplete(store, place, intent, final))) {
    await tellAndClose(parts, assetId, place, final)
    return { status: 'closed', intent, final }
  }
  const [failure] = final === null ? await readFailures(store, place) : []
  if (failure !== undefined) {
    const { message, jobId } = failure
    const told = { assetId, run, code: codeOf(failure.code), message, jobId, source: sourceOf(intent) }
    await recordFailure(store, place, told, parts.now().toISOString())
    await parts.queue.dropRun(intent.jobs)
    return reconcileAsset(parts, assetId)
  }
  // Work first: a sink that is down keeps events waiting, never encodes.
  await parts.queue.ensure(missingJobs(intent, await doneParts(store, place), final))
  await relayEvents(store, place, parts.sink)
  return { status: 'running', intent }
}

/**
 * A published record counts once its multivariant playlist is in place and its event is in the outbox; until then the
 * publish job runs again.
 */
async function isComplete(store: ObjectStore, run: Place, intent: Intent, final: FinalRecord): Promise<boolean> {
  if (final.status === 'failed') return true
  const event = await store.head(at(run, runKeys.event('asset.published')))
  return event !== null && (await store.head(at(intent.home, homeKeys.master))) !== null
}

function missingJobs(intent: Intent, done: Set<string>, final: FinalRecord | null): Intent['jobs'] {
  const missing = nextJobs(intent, done)
  if (missing.length > 0 || final?.status !== 'published') return missing
  return intent.jobs.filter((job) => job.kind === 'publish')
}

async function tellAndClose(parts: ReconcileParts, assetId: string, place: Place, final: FinalRecord): Promise<void> {
  if (final.status === 'failed') await claimFailure(parts.store, place, final)
  await relayEvents(parts.store, place, parts.sink)
  await parts.store.remove(at(parts.state, stateKeys.open(assetId)))
}

function sourceOf({ source }: Intent): ObjectAt {
  return { bucket: source.bucket, key: source.key }
}

/** Assets with unfinished work, by listing `open/` only: finished ones cost nothing. */
export async function* openAssets(store: ObjectStore, state: Place): AsyncIterable<string> {
  const prefix = at(state, stateKeys.openPrefix).key
  for await (const { key } of store.list({ bucket: state.bucket, prefix })) yield key.slice(prefix.length)
}
