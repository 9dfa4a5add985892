/** The commands on assets that exist: each finds what is meant, does one thing, and says what came of it. */
import { cancelAsset, type RunOutcome } from '../../scheduler/runs/cancel'
import { deleteAsset } from '../../scheduler/runs/delete'
import { allAssets, findAsset, readAsset } from '../../scheduler/runs/read-asset'
import { standingOf } from '../../scheduler/runs/standing'
import type { AgainOptions, AssetsOptions } from './arguments'
import { alone, closeHere } from './close-here'
import { assetLines, listLines } from './lines'
import type { AssetPlaces } from './open-places'
import { runAgain, type Again } from '../../scheduler/runs/retry'

export interface AssetsContext {
  places: AssetPlaces
  now: () => Date
  print: (text: string) => void
}

/** @throws API_ASSET_UNKNOWN, API_ASSET_STATE, STORE_ codes. */
export async function assetsCommand(options: AssetsOptions, context: AssetsContext): Promise<0> {
  switch (options.action) {
    case 'status':
      await status(options, context)
      return 0
    case 'cancel':
      await cancel(options, context)
      return 0
    case 'delete':
      await remove(options, context)
      return 0
    case 'retry':
    case 'redo':
      await again(options, context)
      return 0
  }
}

async function status(
  { assets, json }: Extract<AssetsOptions, { action: 'status' }>,
  { places, print }: AssetsContext,
): Promise<void> {
  const standings = []
  for await (const assetId of assets.length === 0 ? allAssets(places) : named(places, assets)) {
    const standing = standingOf(await readAsset(places, assetId))
    if (json) print(`${JSON.stringify({ v: 1, ...standing })}\n`)
    else standings.push(standing)
  }
  if (json) return
  const lines = assets.length === 0 ? listLines(standings) : standings.flatMap(assetLines)
  print(lines.length === 0 ? 'no assets yet\n' : `${lines.join('\n')}\n`)
}

async function* named(places: AssetPlaces, given: readonly string[]): AsyncIterable<string> {
  for (const word of given) yield await findAsset(places, word)
}

async function cancel(
  { asset, json }: Extract<AssetsOptions, { action: 'cancel' | 'delete' }>,
  { places, now, print }: AssetsContext,
): Promise<void> {
  const assetId = await findAsset(places, asset)
  const outcome = await cancelAsset({ ...places, now }, assetId)
  places.tellChanged(assetId)
  await closeHere(places, assetId)
  print(`${json ? JSON.stringify({ v: 1, ...outcome }) : cancelled(outcome)}\n`)
}

/** Alone in an output folder: nobody there may be about to publish. */
async function remove(
  { asset, json }: Extract<AssetsOptions, { action: 'cancel' | 'delete' }>,
  { places, now, print }: AssetsContext,
): Promise<void> {
  const assetId = await findAsset(places, asset)
  await alone(places, async (close) => {
    const outcome = await deleteAsset({ ...places, now }, assetId)
    places.tellChanged(assetId)
    await close(assetId)
    print(`${json ? JSON.stringify({ v: 1, ...outcome }) : `${assetId}: deleted`}\n`)
  })
}

/** For the services, whose scheduler sees to it. */
async function again(
  { asset, json, ...asked }: Extract<AssetsOptions, { action: 'retry' | 'redo' }>,
  { places, now, print }: AssetsContext,
): Promise<void> {
  const assetId = await findAsset(places, asset)
  const outcome = await runAgain({ ...places, now }, assetId, askedAgain(asked))
  places.tellChanged(assetId)
  print(`${json ? JSON.stringify({ v: 1, ...outcome }) : opened(outcome)}\n`)
}

export function askedAgain(options: Pick<AgainOptions, 'action'> & { rungId?: string }): Again {
  return options.action === 'redo' ? { operation: 'redo', rungId: options.rungId ?? '' } : { operation: 'retry' }
}

function opened({ assetId, run, outcome }: RunOutcome): string {
  return outcome === 'done' ? `${assetId}: run ${run} is opened` : `${assetId}: run ${run} is under way already`
}

function cancelled({ assetId, run, outcome }: RunOutcome): string {
  return outcome === 'done' ? `${assetId}: run ${run} is cancelled` : `${assetId}: run ${run} was cancelled before`
}
