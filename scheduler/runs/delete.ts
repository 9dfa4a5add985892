/** Takes an asset away: what is public first, then all that its runs have stored. The records stay and say so. */
import { GantryError } from '../../core/contract/errors'
import type { AssetHome, DeletedRecord, FinalRecord, Intent } from '../../core/contract/intent'
import { at, runKeys } from '../../core/contract/keys'
import type { ObjectAt } from '../../core/contract/source'
import { writeRecordOnce } from '../../core/state/records'
import { runPlace } from '../../core/state/run-records'
import type { RunOutcome } from './cancel'
import { whileOpen } from './open-run'
import { readAsset, type StatePlace } from './read-asset'
import { statusOf, type AssetRecords } from './standing'

export type DeleteDecision =
  | { do: 'delete'; run: number; homes: readonly AssetHome[]; source: ObjectAt }
  /** It is deleted, or a deletion has begun. */
  | { do: 'nothing'; run: number }
  | { do: 'refuse'; message: string }

/** Pure. A deletion is the run after the last one, so that objects of a later submission never have the old addresses. */
export function decideDelete({ runs }: AssetRecords): DeleteDecision {
  const newest = runs.at(-1)
  if (newest === undefined) return { do: 'refuse', message: 'it has no run yet' }
  const { run, final } = newest
  if (final === null) return { do: 'refuse', message: `run ${run} is under way (${statusOf(newest)}); cancel it first` }
  if (final.status === 'deleted') return { do: 'nothing', run }
  const intents = runs.flatMap(({ intent }) => intent ?? [])
  const source = intents.at(-1)?.source ?? ('source' in final ? final.source : { bucket: '', key: '' })
  const { bucket, key } = source
  return { do: 'delete', run: run + 1, homes: homesOf(intents), source: { bucket, key } }
}

/** Runs of one asset may have been put into folders of different names, as routes change. */
function homesOf(intents: readonly Intent[]): AssetHome[] {
  const homes = intents.map(({ home, destination }) => ({ home, ...(destination !== undefined && { destination }) }))
  // What was said last counts, for a role that has changed.
  return homes.filter(({ home }, index) => homes.findLastIndex((other) => isSame(other.home, home)) === index)
}

function isSame(one: AssetHome['home'], other: AssetHome['home']): boolean {
  return one.bucket === other.bucket && one.prefix === other.prefix
}

/**
 * Says in the state that the asset is deleted; from that the reconciler removes it (erase.ts), however often it dies.
 *
 * @throws API_ASSET_UNKNOWN, API_ASSET_STATE while a run is under way or when another was opened meanwhile.
 */
export async function deleteAsset(place: StatePlace & { now: () => Date }, assetId: string): Promise<RunOutcome> {
  const { store, state } = place
  const records = await readAsset(place, assetId)
  if (records.runs.length === 0) throw new GantryError('API_ASSET_UNKNOWN', `nothing is known of asset ${assetId}`)
  const decision = decideDelete(records)
  if (decision.do === 'refuse') throw new GantryError('API_ASSET_STATE', `${assetId}: ${decision.message}`)
  const { run } = decision
  if (decision.do === 'nothing') return { assetId, run, outcome: 'known' }
  const { homes, source } = decision
  const record: DeletedRecord = {
    ...{ v: 1, status: 'deleted', assetId, run, homes, source, at: place.now().toISOString() },
  }
  const final = await whileOpen(place, record, () =>
    writeRecordOnce<FinalRecord>(store, at(runPlace(state, assetId, run), runKeys.final), record),
  )
  if (final.record.status !== 'deleted') {
    throw new GantryError(
      'API_ASSET_STATE',
      `${assetId}: run ${run} was opened meanwhile; it is ${final.record.status}`,
    )
  }
  return { assetId, run, outcome: final.written ? 'done' : 'known' }
}
