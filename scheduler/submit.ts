/** A master that arrived, to work in the queue: admit, probe, select, plan, record the intent, queue. */
import { destinationIdOf } from '../core/contract/destination'
import { asGantryError, GantryError } from '../core/contract/errors'
import type { FinalRecord, Intent } from '../core/contract/intent'
import { addressesOf, at, stateKeys } from '../core/contract/keys'
import type { SourceArrived } from '../core/contract/source'
import { relayEvents } from '../core/state/outbox'
import { writeRecord } from '../core/state/records'
import { newestRun, readFinal, readIntent, runPlace } from '../core/state/run-records'
import { noteArrival } from '../core/state/sources'
import { admit, type AdmissionLimits, type Lane } from './admit'
import { recordFailure, recordSuperseded } from './close'
import type { KnownSpeeds } from './cost/known-speeds'
import { examine, type ExamineParts } from './examine'
import { assetIdOf, lineOf } from './identity'
import { intentOf } from './intent-of'
import type { PlanLimits } from './plan'
import type { ReconcileParts } from './reconcile'
import { earlierOf } from './runs/again'
import { openRun } from './runs/open-run'
import { readRun } from './runs/read-asset'
import { withReuse } from './runs/reuse'
import { isWishOf, type Wish } from './wish'

export interface SubmitParts extends ReconcileParts, ExamineParts {
  admission: AdmissionLimits
  limits: PlanLimits
  /** What is known of the fleet's speeds by now; never rejects. */
  speeds: () => Promise<KnownSpeeds>
}

export interface Submission extends Wish {
  source: SourceArrived
  lane: Lane
  /**
   * What a second submission of a finished master does. `same`: nothing, as for a repeated event. `renew`: a failed
   * run, another wish, or published files that are gone open the next run, as for a person who asks again. `once`: a
   * wish that no run of the asset had opens the next one, and so does the last one's where it failed: for requests,
   * which may come twice and in any order.
   */
  again: 'same' | 'renew' | 'once'
  /** Which events of a master that is known already are told: none twice, or all once more, for a new listener. */
  retell: boolean
}

export interface Submitted {
  assetId: string
  run: number
  /**
   * `planned`: this call made the plan. `known`: there was one, and its work goes on or is finished. `stale`: a newer
   * object is under the key by now; nothing was done.
   */
  outcome: 'planned' | 'known' | 'rejected' | 'stale'
  /** An asset of an older object under the same key, whose work may be in vain now. */
  replaced: string | null
}

/**
 * Takes a master. Twice is the same as once: the plan is a conditional write, and whoever loses it uses the winner's.
 *
 * Rejects are recorded and told (`asset.failed`), not thrown.
 *
 * @throws STORE_ and QUEUE_ codes when nothing is recorded yet or the record could not be queued; try again.
 */
export async function submit(parts: SubmitParts, submission: Submission, signal: AbortSignal): Promise<Submitted> {
  const { source } = submission
  const { place } = submission.target
  const assetId = assetIdOf(source, destinationIdOf(place), submission.request.clip)
  const line = lineOf(place, submission.request)
  const arrival = await noteArrival(parts.store, parts.state, { source, assetId, line })
  if (!arrival.isNewest) {
    await endUnplanned(parts, source, { assetId, by: arrival.other })
    return { assetId, run: 0, outcome: 'stale', replaced: null }
  }
  const newest = await newestRun(parts.store, parts.state, assetId)
  if (newest > 0 && !(await opensNextRun(parts, submission, assetId, newest))) {
    if (submission.retell) await relayEvents(parts.store, runPlace(parts.state, assetId, newest), parts.sink, 'all')
    return { assetId, run: newest, outcome: 'known', replaced: arrival.other }
  }
  const made = await plan(parts, submission, { assetId, run: newest + 1 }, signal)
  return { ...made, replaced: arrival.other }
}

/** After a death between the open entry and the plan nobody plans an older object any more: its end is told instead. */
async function endUnplanned(
  { store, state, now }: SubmitParts,
  { bucket, key }: SourceArrived,
  { assetId, by }: { assetId: string; by: string | null },
): Promise<void> {
  if ((await store.head(at(state, stateKeys.open(assetId)))) === null) return
  if ((await newestRun(store, state, assetId)) > 0) return
  const told = { assetId, run: 1, by, source: { bucket, key } }
  await recordSuperseded(store, runPlace(state, assetId, 1), told, now().toISOString())
}

async function plan(
  parts: SubmitParts,
  submission: Submission,
  { assetId, run }: { assetId: string; run: number },
  signal: AbortSignal,
): Promise<Omit<Submitted, 'replaced'>> {
  try {
    const intent = await makeIntent(parts, submission, assetId, run, signal)
    await start(parts, intent)
    return { assetId, run, outcome: 'planned' }
  } catch (thrown) {
    const error = asGantryError(thrown)
    if (error.retryable || signal.aborted) throw error
    const { bucket, key } = submission.source
    const failure = { assetId, run, code: error.code, message: error.message, source: { bucket, key } }
    // The entry keeps the asset in sight until its event has left the outbox.
    await writeRecord(parts.store, at(parts.state, stateKeys.open(assetId)), { v: 1, run })
    await recordFailure(parts.store, runPlace(parts.state, assetId, run), failure, parts.now().toISOString())
    return { assetId, run, outcome: 'rejected' }
  }
}

async function opensNextRun(
  parts: SubmitParts,
  submission: Submission,
  assetId: string,
  run: number,
): Promise<boolean> {
  const place = runPlace(parts.state, assetId, run)
  const [intent, final] = await Promise.all([readIntent(parts.store, place), readFinal(parts.store, place)])
  if (final === null) {
    if (submission.again === 'once' && intent !== null && !isWishOf(intent, submission)) throw busy(submission.source)
    return false
  }
  // The same bytes are back under the key after others were there.
  if (final.status === 'superseded') return true
  if (submission.again === 'same') return false
  if (submission.again === 'once') return !(await isDone(parts, submission, { assetId, newest: run, final }))
  if (['failed', 'cancelled', 'deleted'].includes(final.status)) return true
  if (intent !== null && !isWishOf(intent, submission)) return true
  return intent !== null && !(await filesArePresent(parts, intent, final))
}

/** The earlier request is finished first: of two that were told at once both are done. */
function busy({ key }: SourceArrived): GantryError {
  return new GantryError('API_ASSET_BUSY', `'${key}' is being made as an earlier request asked for`)
}

/** Whether some run was made for this wish; the newest one counts only while it has not failed. */
async function isDone(
  { store, state }: SubmitParts,
  submission: Submission,
  { assetId, newest, final }: { assetId: string; newest: number; final: FinalRecord },
): Promise<boolean> {
  for (let run = newest; run > 0; run -= 1) {
    const intent = await readIntent(store, runPlace(state, assetId, run))
    // A master that was refused had no plan; the same request may be told again after that was mended.
    if (intent !== null && isWishOf(intent, submission)) return run < newest || final.status !== 'failed'
  }
  return false
}

/** Looks for what players open; a user may have deleted the folder of an asset that the state calls published. */
async function filesArePresent(parts: SubmitParts, intent: Intent, final: FinalRecord): Promise<boolean> {
  if (final.status !== 'published') return false
  const playlists = [...final.asset.video, ...final.asset.audio].flatMap(({ playlist, iFrames }) => [
    playlist,
    ...(iFrames === undefined ? [] : [iFrames]),
  ])
  const store = parts.storeOf(intent.destination)
  for (const key of [...addressesOf(final), ...playlists]) {
    if ((await store.head(at(intent.home, key))) === null) return false
  }
  return true
}

async function makeIntent(
  parts: SubmitParts,
  { source, lane, ladder, request, target }: Submission,
  assetId: string,
  run: number,
  signal: AbortSignal,
): Promise<Intent> {
  const priority = admit(source, lane, parts.admission)
  const [{ facts, times }, speeds] = await Promise.all([examine(parts, source, ladder, signal), parts.speeds()])
  const { state, limits } = parts
  const at = parts.now().toISOString()
  const planned = intentOf({
    ...{ assetId, run, source, facts, times, speeds, ladder, request, target },
    ...{ priority, state, limits, at },
  })
  return run === 1 ? planned : afterEarlier(parts, planned)
}

/** What the run before has made of the same numbers is not made again. */
async function afterEarlier(parts: SubmitParts, planned: Intent): Promise<Intent> {
  const run = planned.run - 1
  const earlier = earlierOf(await readRun(parts, planned.assetId, run), planned)
  const origin = { operation: 'submit', run, rungIds: [] } as const
  return { ...(earlier === null ? planned : withReuse(planned, earlier)), origin }
}

/** The queue last: a crash at any point leaves an entry that the reconciler finds. */
async function start(parts: SubmitParts, planned: Intent): Promise<void> {
  const { intent } = await openRun(parts, planned)
  await parts.queue.addRun(intent.jobs)
}
