/** Finds assets in the state and reads all that it holds of one. */
import { GantryError } from '../../core/contract/errors'
import { at, stateKeys } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { doneParts, newestRun, readFailures, readFinal, readIntent, runPlace } from '../../core/state/run-records'
import type { AssetRecords, RunRecords } from './standing'

export interface StatePlace {
  store: ObjectStore
  state: Place
}

/** The first characters of an id, alone or behind the name in a folder: `holiday-lqxk6odwgf`. */
const GIVEN = /^(?:.*-)?([a-z2-7]{4,20})$/

/** Candidates that a message names. */
const SHOWN = 5

/** Every asset with a record, in order of ids. Lists the records of all assets; none is read. */
export async function* allAssets({ store, state }: StatePlace, prefix = ''): AsyncIterable<string> {
  const folder = at(state, stateKeys.assetsPrefix).key
  let last = ''
  for await (const { key } of store.list({ bucket: state.bucket, prefix: `${folder}${prefix}` })) {
    const assetId = key.slice(folder.length).split('/')[0] ?? ''
    if (assetId !== last) yield assetId
    last = assetId
  }
}

/**
 * @param given As a person names it: the id, the first four characters of it or more, or the name of the output folder.
 * @throws API_ASSET_UNKNOWN when none or more than one is meant.
 */
export async function findAsset(place: StatePlace, given: string): Promise<string> {
  const prefix = GIVEN.exec(given)?.[1]
  const found: string[] = []
  if (prefix !== undefined) {
    for await (const assetId of allAssets(place, prefix)) {
      found.push(assetId)
      if (found.length > SHOWN) break
    }
  }
  const [only, ...others] = found
  if (only === undefined) throw new GantryError('API_ASSET_UNKNOWN', `no asset is called '${given}'`)
  if (others.length > 0) {
    throw new GantryError('API_ASSET_UNKNOWN', `'${given}' may be ${found.slice(0, SHOWN).join(', ')}`)
  }
  return only
}

/** All runs, oldest first. */
export async function readAsset(place: StatePlace, assetId: string): Promise<AssetRecords> {
  const { store, state } = place
  const newest = await newestRun(store, state, assetId)
  const runs: RunRecords[] = []
  for (let run = 1; run <= newest; run += 1) runs.push(await readRun(place, assetId, run))
  return { assetId, isOpen: (await store.head(at(state, stateKeys.open(assetId)))) !== null, runs }
}

/** The last run alone; null for an asset without one. */
export async function readNewestRun(place: StatePlace, assetId: string): Promise<RunRecords | null> {
  const newest = await newestRun(place.store, place.state, assetId)
  return newest === 0 ? null : readRun(place, assetId, newest)
}

export async function readRun({ store, state }: StatePlace, assetId: string, run: number): Promise<RunRecords> {
  const where = runPlace(state, assetId, run)
  const [intent, done, failures, final] = await Promise.all([
    readIntent(store, where),
    doneParts(store, where),
    readFailures(store, where),
    readFinal(store, where),
  ])
  return { run, intent, done, failures, final }
}
