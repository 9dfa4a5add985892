/** Ends the newest run of an asset before it is through. */
import { GantryError } from '../../core/contract/errors'
import { at, stateKeys } from '../../core/contract/keys'
import type { Intent } from '../../core/contract/intent'
import { writeRecord } from '../../core/state/records'
import { runPlace } from '../../core/state/run-records'
import { recordCancelled } from '../close'
import { readNewestRun, type StatePlace } from './read-asset'
import type { RunRecords } from './standing'

/** What an operation on an asset came to. */
export interface RunOutcome {
  assetId: string
  run: number
  /** `known`: it was done before, or is under way; this call changed nothing. */
  outcome: 'done' | 'known'
}

export type CancelDecision = { do: 'end'; intent: Intent } | { do: 'nothing' } | { do: 'refuse'; message: string }

/** Pure. A run that was cancelled is so for whoever asks again; another last word stays. */
export function decideCancel({ run, intent, final }: RunRecords): CancelDecision {
  if (final?.status === 'cancelled') return { do: 'nothing' }
  if (final !== null) return { do: 'refuse', message: `run ${run} is over: it is ${final.status}` }
  if (intent === null) return { do: 'refuse', message: `run ${run} has no plan yet` }
  return { do: 'end', intent }
}

/**
 * Gives the run its last word, from which the reconciler clears the queue, stops the workers and tells of it. The record
 * is a conditional write, so of a publication and this one wins.
 *
 * @throws API_ASSET_UNKNOWN, API_ASSET_STATE (also when a publication came first), STORE_ codes.
 */
export async function cancelAsset(place: StatePlace & { now: () => Date }, assetId: string): Promise<RunOutcome> {
  const { store, state } = place
  const records = await readNewestRun(place, assetId)
  if (records === null) throw new GantryError('API_ASSET_UNKNOWN', `nothing is known of asset ${assetId}`)
  const { run } = records
  const decision = decideCancel(records)
  if (decision.do === 'refuse') throw new GantryError('API_ASSET_STATE', `${assetId}: ${decision.message}`)
  if (decision.do === 'nothing') return { assetId, run, outcome: 'known' }
  const { bucket, key } = decision.intent.source
  await writeRecord(store, at(state, stateKeys.open(assetId)), { v: 1, run })
  const told = { assetId, run, source: { bucket, key } }
  const final = await recordCancelled(store, runPlace(state, assetId, run), told, place.now().toISOString())
  if (final.status === 'cancelled') return { assetId, run, outcome: 'done' }
  throw new GantryError('API_ASSET_STATE', `${assetId}: run ${run} is over: it is ${final.status}`)
}
