/** Judges a soak from what is left of it: records, outputs, events, processes, jobs. */
import type { AnyEvent } from '../../../core/contract/event'
import type { FailedRecord } from '../../../core/contract/intent'
import { at, stateKeys } from '../../../core/contract/keys'
import { allAssets, readAsset, type StatePlace } from '../../../scheduler/runs/read-asset'
import { LOST_AFTER_MS, sweepLost } from '../../../scheduler/sweeper/sweep'
import { leftOf, piecesOf, STATE, storeOf } from '../faults/service-traces'
import { brokenInvariants } from '../invariants'
import { BUCKETS } from '../services'
import type { SoakFleet } from './fleet'
import { countOf, type SoakResult } from './report'

type Judgement = Pick<SoakResult, 'ends' | 'runs' | 'pieces' | 'lifecycleEvents' | 'staleUploads' | 'swept' | 'breaks'>

export async function judged(fleet: SoakFleet): Promise<Judgement> {
  const { services, workers } = fleet
  const place = { store: storeOf(services), state: STATE }
  const [events, left] = [await services.lifecycle(), await leftOf(services, workers)]
  const staleUploads = await services.openUploads()
  // Before the judge looks, so that it sees what would be there a day later.
  const swept = await sweptADayLater(place)
  if ((await services.openUploads()) > 0) left.push('uploads that the sweeper did not end')
  const breaks = [...(await brokenInvariants({ ...place, events, left })), ...(await untold(place, events))]
  const ends: string[] = []
  const pieces = { made: 0, redone: 0 }
  let runs = 0
  for await (const assetId of allAssets(place)) {
    const asset = await readAsset(place, assetId)
    const final = asset.runs.at(-1)?.final ?? null
    ends.push(final === null ? 'none' : final.status === 'failed' ? `failed, ${final.code}` : final.status)
    if (final?.status === 'failed' && !mayFail(final)) breaks.push(`${final.source.key} failed: ${final.message}`)
    runs += asset.runs.length
    const { made, redone } = piecesOf(workers, assetId)
    pieces.made += made
    pieces.redone += redone
  }
  return { ends: countOf(ends), runs, pieces, lifecycleEvents: events.length, staleUploads, swept, breaks }
}

/** By its name no media, or none that can be decoded; or it was replaced before a worker could read it. */
function mayFail({ source, code }: FailedRecord): boolean {
  return /\/(no-media|not-encodable)-/.test(source.key) || code === 'SOURCE_CHANGED' || code === 'SOURCE_NOT_FOUND'
}

/** @returns Objects of attempts that lost, which are gone now. */
async function sweptADayLater(place: StatePlace): Promise<number> {
  const { objects } = await sweepLost(
    {
      ...{ ...place, storeOf: () => place.store, outputs: [{ place: { bucket: BUCKETS.output, prefix: '' } }] },
      now: () => new Date(Date.now() + LOST_AFTER_MS + 60_000),
      onTrouble: (error) => {
        throw error
      },
    },
    new AbortController().signal,
  )
  return objects
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
