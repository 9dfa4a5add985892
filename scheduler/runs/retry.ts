/** Opens the next run of an asset: all of it that failed once more, or one rung of it anew. */
import { GantryError } from '../../core/contract/errors'
import { decideRedo, decideRetry, type AgainDecision } from './again'
import type { RunOutcome } from './cancel'
import { openRun } from './open-run'
import { readNewestRun, type StatePlace } from './read-asset'
import type { RunRecords } from './standing'

export type Again = { operation: 'retry' } | { operation: 'redo'; rungId: string }

/**
 * Twice is once: the plan is a conditional write, and what is under way already is left alone. The reconciler queues it.
 *
 * @throws API_ASSET_UNKNOWN; API_ASSET_STATE where it cannot be done; API_REQUEST_INVALID for a rung that is not there.
 */
export async function runAgain(
  place: StatePlace & { now: () => Date },
  assetId: string,
  asked: Again,
): Promise<RunOutcome> {
  const records = await readNewestRun(place, assetId)
  if (records === null) throw new GantryError('API_ASSET_UNKNOWN', `nothing is known of asset ${assetId}`)
  const decision = decide(records, asked, { state: place.state, at: place.now().toISOString() })
  if (decision.do === 'refuse') throw new GantryError(decision.code, `${assetId}: ${decision.message}`)
  if (decision.do === 'nothing') return { assetId, run: records.run, outcome: 'known' }
  const { intent, written } = await openRun(place, decision.intent)
  if (!written) await checkWinner(place, assetId, asked)
  return { assetId, run: intent.run, outcome: written ? 'done' : 'known' }
}

function decide(records: RunRecords, asked: Again, context: { state: StatePlace['state']; at: string }): AgainDecision {
  return asked.operation === 'retry' ? decideRetry(records, context) : decideRedo(records, asked.rungId, context)
}

/** Somebody opened that run at the same time; it may be for something else. */
async function checkWinner(place: StatePlace & { now: () => Date }, assetId: string, asked: Again): Promise<void> {
  const records = await readNewestRun(place, assetId)
  if (records === null) return
  const decision = decide(records, asked, { state: place.state, at: place.now().toISOString() })
  if (decision.do === 'refuse') throw new GantryError(decision.code, `${assetId}: ${decision.message}`)
}
