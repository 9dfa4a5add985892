/** What a retry or a redo of an asset comes to. Pure. */
import type { FinalRecord, Intent, RunOrigin } from '../../core/contract/intent'
import type { FailureMarker } from '../../core/contract/markers'
import type { Place } from '../../core/contract/source'
import { nextRun } from './next-run'
import { withReuse, type Earlier } from './reuse'
import { statusOf, type RunRecords } from './standing'

export type AgainDecision =
  | { do: 'open'; intent: Intent }
  /** The same was asked for before, and is under way. */
  | { do: 'nothing' }
  | { do: 'refuse'; code: 'API_ASSET_STATE' | 'API_REQUEST_INVALID'; message: string }

export interface AgainContext {
  state: Place
  /** ISO 8601. */
  at: string
}

/** A run that failed or was cancelled, once more by the same plan: what it has finished is taken over. */
export function decideRetry(records: RunRecords, context: AgainContext): AgainDecision {
  const { run, intent, final, done, failures } = records
  if (final === null) return underWay(records, 'retry', [])
  if (final.status === 'deleted') return refuse(`it is deleted; submit the master again`)
  if (final.status === 'superseded') return refuse(`run ${run} is superseded: a newer object is under the key`)
  if (final.status === 'published') return refuse(`run ${run} is published; a rung of it can be made anew with redo`)
  if (intent === null) return refuse(`run ${run} was refused before it had a plan; submit the master again`)
  const origin: RunOrigin = { operation: 'retry', run, rungIds: [] }
  const next = nextRun(intent, { ...context, origin })
  if (isDoubtful(failures)) return { do: 'open', intent: next }
  return { do: 'open', intent: withReuse(next, { intent, done, unwanted: () => false, anyBuild: false }) }
}

/** One rung of a published run anew; the others are taken over whatever ffmpeg made them. */
export function decideRedo(records: RunRecords, rungId: string, context: AgainContext): AgainDecision {
  const { run, intent, final, done } = records
  if (final === null) return underWay(records, 'redo', [rungId])
  if (final.status !== 'published' || intent === null) {
    return refuse(`run ${run} is ${final.status}; a rung can be made anew of what is published`)
  }
  const rungIds = intent.variants.flatMap((variant) => variant.rungId ?? [])
  if (!rungIds.includes(rungId)) {
    const allowed = rungIds.length === 0 ? 'it has none' : `it has ${rungIds.join(', ')}`
    return { do: 'refuse', code: 'API_REQUEST_INVALID', message: `there is no rung '${rungId}': ${allowed}` }
  }
  const origin: RunOrigin = { operation: 'redo', run, rungIds: [rungId] }
  const missing = missingRungs(intent, final)
  const unwanted = (id: string): boolean => id === rungId || missing.has(id)
  const next = nextRun(intent, { ...context, origin })
  return { do: 'open', intent: withReuse(next, { intent, done, unwanted, anyBuild: true }) }
}

/** What a plan of a submission may take over from the run before it; null for nothing. */
export function earlierOf({ intent, done, failures, final }: RunRecords, next: Intent): Earlier | null {
  if (intent === null || final === null || final.status === 'deleted' || isDoubtful(failures)) return null
  // Somebody wants it encoded anew on purpose.
  if ((next.request.force ?? null) !== (intent.request.force ?? null)) return null
  const missing = missingRungs(intent, final)
  return { intent, done, unwanted: (id) => missing.has(id), anyBuild: false }
}

/** Rungs that were optional and could not be encoded. */
function missingRungs(intent: Intent, final: FinalRecord): ReadonlySet<string> {
  if (final.status !== 'published') return new Set()
  const made = new Set(final.asset.video.map(({ id }) => id))
  return new Set(intent.variants.flatMap(({ rungId }) => (rungId === null || made.has(rungId) ? [] : [rungId])))
}

/** Pieces that each were right and do not go together, in the join or at the gate: nobody can say which is wrong. */
function isDoubtful(failures: readonly FailureMarker[]): boolean {
  return failures.some(({ part, code }) => part === 'join' || code === 'OUTPUT_INVALID')
}

function underWay(
  { run, intent, ...rest }: RunRecords,
  operation: RunOrigin['operation'],
  rungIds: readonly string[],
): AgainDecision {
  const origin = intent?.origin
  if (origin?.operation === operation && origin.rungIds.join() === rungIds.join()) return { do: 'nothing' }
  return refuse(`run ${run} is under way (${statusOf({ run, intent, ...rest })})`)
}

function refuse(message: string): AgainDecision {
  return { do: 'refuse', code: 'API_ASSET_STATE', message }
}
