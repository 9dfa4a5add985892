/** Judges a soak from what is left of it: records, outputs, events, processes, jobs. */
import type { AnyEvent } from '../../../core/contract/event'
import { at, stateKeys } from '../../../core/contract/keys'
import { allAssets, readAsset, type StatePlace } from '../../../scheduler/runs/read-asset'
import { leftOf, piecesOf, STATE, storeOf } from '../faults/service-traces'
import { brokenInvariants } from '../invariants'
import type { SoakFleet } from './fleet'
import { countOf, type SoakResult } from './report'

type Judgement = Pick<SoakResult, 'ends' | 'runs' | 'pieces' | 'lifecycleEvents' | 'staleUploads' | 'breaks'>

export async function judged(fleet: SoakFleet): Promise<Judgement> {
  const { services, workers } = fleet
  const place = { store: storeOf(services), state: STATE }
  const [events, left] = [await services.lifecycle(), await leftOf(services, workers)]
  const breaks = [...(await brokenInvariants({ ...place, events, left })), ...(await untold(place, events))]
  const ends: string[] = []
  const pieces = { made: 0, redone: 0 }
  let runs = 0
  for await (const assetId of allAssets(place)) {
    const asset = await readAsset(place, assetId)
    const final = asset.runs.at(-1)?.final ?? null
    ends.push(final === null ? 'none' : final.status === 'failed' ? `failed, ${final.code}` : final.status)
    runs += asset.runs.length
    const { made, redone } = piecesOf(workers, assetId)
    pieces.made += made
    pieces.redone += redone
  }
  const staleUploads = await services.openUploads()
  return { ends: countOf(ends), runs, pieces, lifecycleEvents: events.length, staleUploads, breaks }
}

/** Events that wait in the state and are in no topic. */
async function untold({ store, state }: StatePlace, events: readonly AnyEvent[]): Promise<string[]> {
  const told = new Set(events.map(({ assetId, run, type }) => `${assetId}.${run} ${type}`))
  const broken: string[] = []
  for await (const { key } of store.list({ bucket: state.bucket, prefix: at(state, stateKeys.assetsPrefix).key })) {
    const [, assetId, run, type] = /([^/]+)\/runs\/(\d+)\/events\/([^/]+)\.json$/.exec(key) ?? []
    const name = `${String(assetId)}.${String(run)} ${String(type)}`
    if (assetId !== undefined && !told.has(name)) broken.push(`in no topic: ${name}`)
  }
  return broken
}
