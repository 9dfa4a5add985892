/** A master that arrived, to work in the queue: admit, probe, select, plan, record the intent, queue. */
import { isDeepStrictEqual } from 'node:util'
import { asGantryError } from '../core/contract/errors'
import type { FinalRecord, Intent } from '../core/contract/intent'
import type { AudioEncode } from '../core/contract/job'
import { at, homeKeys, runKeys, stateKeys } from '../core/contract/keys'
import type { MasterRequest } from '../core/contract/request'
import type { SourceArrived } from '../core/contract/source'
import { claimEvent, relayEvents } from '../core/state/outbox'
import { writeRecord, writeRecordOnce } from '../core/state/records'
import { newestRun, readFinal, readIntent, runPlace } from '../core/state/run-records'
import { noteArrival } from '../core/state/sources'
import type { Ladder } from '../ladders/schema'
import { canonicalLadder } from '../ladders/digest'
import { admit, type AdmissionLimits, type Lane } from './admit'
import { recordFailure } from './close'
import { examine, type ExamineParts } from './examine'
import { assetIdOf, destinationIdOf, digestOf } from './identity'
import { intentOf } from './intent-of'
import type { PlanLimits } from './plan'
import type { ReconcileParts } from './reconcile'

export interface SubmitParts extends ReconcileParts, ExamineParts {
  admission: AdmissionLimits
  limits: PlanLimits
}

export interface Submission {
  source: SourceArrived
  lane: Lane
  ladder: Ladder
  /** Beside the ladder; NO_REQUEST for events, which cannot ask. */
  request: MasterRequest
  /**
   * What a second submission of a finished master does. `same`: nothing, as for a repeated event. `renew`: a failed
   * run, another ladder, or published files that are gone open the next run, as for a person who asks again.
   */
  again: 'same' | 'renew'
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
  const destinationId = destinationIdOf(parts.output)
  const assetId = assetIdOf(source, destinationId, submission.request.clip)
  const arrival = await noteArrival(parts.store, parts.state, { source, assetId, destinationId })
  if (!arrival.isNewest) return { assetId, run: 0, outcome: 'stale', replaced: null }
  const newest = await newestRun(parts.store, parts.state, assetId)
  if (newest > 0 && !(await opensNextRun(parts, submission, assetId, newest))) {
    if (submission.retell) await relayEvents(parts.store, runPlace(parts.state, assetId, newest), parts.sink, 'all')
    return { assetId, run: newest, outcome: 'known', replaced: arrival.other }
  }
  const made = await plan(parts, submission, { assetId, run: newest + 1 }, signal)
  return { ...made, replaced: arrival.other }
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
  if (final === null) return false
  // The same bytes are back under the key after others were there.
  if (final.status === 'superseded') return true
  if (submission.again === 'same') return false
  if (final.status === 'failed') return true
  if (intent !== null && intent.ladder.digest !== digestOf(canonicalLadder(submission.ladder))) return true
  if (intent !== null && !isDeepStrictEqual(intent.request, submission.request)) return true
  return intent !== null && !(await filesArePresent(parts, intent, final))
}

/** Looks for what players open; a user may have deleted the folder of an asset that the state calls published. */
async function filesArePresent(parts: SubmitParts, intent: Intent, final: FinalRecord): Promise<boolean> {
  if (final.status !== 'published') return false
  const playlists = [...final.asset.video, ...final.asset.audio].map((rendition) => rendition.playlist)
  for (const key of [homeKeys.master, ...playlists]) {
    if ((await parts.store.head(at(intent.home, key))) === null) return false
  }
  return true
}

async function makeIntent(
  parts: SubmitParts,
  { source, lane, ladder, request }: Submission,
  assetId: string,
  run: number,
  signal: AbortSignal,
): Promise<Intent> {
  const priority = admit(source, lane, parts.admission)
  const { facts, times } = await examine(parts, source, signal)
  const { output, state, limits } = parts
  const at = parts.now().toISOString()
  return intentOf({ ...{ assetId, run, source, facts, ladder, request, times }, priority, output, state, limits, at })
}

/** `open/` first and the queue last: a crash at any point leaves an entry that the reconciler finds. */
async function start(parts: SubmitParts, planned: Intent): Promise<void> {
  const { assetId, run } = planned
  const place = runPlace(parts.state, assetId, run)
  await writeRecord(parts.store, at(parts.state, stateKeys.open(assetId)), { v: 1, run })
  const { record: intent } = await writeRecordOnce(parts.store, at(place, runKeys.intent), planned)
  const { bucket, key, bytes } = intent.source
  await claimEvent(parts.store, place, 'asset.accepted', intent, { source: { bucket, key, bytes }, name: intent.name })
  await claimEvent(parts.store, place, 'asset.planned', intent, plannedData(intent))
  await parts.queue.addRun(intent.jobs)
}

const LAYOUTS: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo', 6: '5.1' }

function soundLabel({ id, channels }: AudioEncode): string {
  return `${id} (${LAYOUTS[channels] ?? `${channels} channels`})`
}

function plannedData(intent: Intent): Parameters<typeof claimEvent<'asset.planned'>>[4] {
  const video = intent.variants.flatMap(({ rungId, widthPx, heightPx }) =>
    rungId === null ? [] : [{ id: rungId, kind: 'video' as const, label: `${rungId} (${widthPx}x${heightPx})` }],
  )
  const audio = intent.jobs.flatMap((job) =>
    job.kind === 'audio'
      ? [
          {
            id: job.encode.id,
            kind: 'audio' as const,
            label: soundLabel(job.encode),
          },
        ]
      : [],
  )
  return {
    durationSeconds: intent.facts.durationSeconds,
    renditions: [...video, ...audio],
    decisions: intent.decisions,
    jobs: intent.jobs.length,
  }
}
