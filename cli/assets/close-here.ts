/** On one machine nobody may be running who closes what was ended; then the command does it itself. */
import { asGantryError } from '../../core/contract/errors'
import { reconcileAsset, type ReconcileParts } from '../../scheduler/reconcile'
import { lockOutput } from '../run/out-lock'
import type { AssetPlaces } from './open-places'

/** Without a `gantry run` there is no Redis, so nothing is queued and nobody hears. */
const NOBODY: Pick<ReconcileParts, 'queue' | 'signals' | 'sink'> = {
  sink: { emit: () => Promise.resolve(), close: () => Promise.resolve() },
  queue: {
    ...{ addRun: () => Promise.resolve(), ensure: () => Promise.resolve(), addChildren: () => Promise.resolve() },
    ...{ dropRun: () => Promise.resolve(), counts: () => Promise.resolve([]), onSettled: () => undefined },
    ...{ assetsAtWork: () => Promise.resolve(new Set<string>()), close: () => Promise.resolve() },
  },
  signals: { tell: () => undefined, hear: () => undefined, close: () => Promise.resolve() },
}

/** A Gantry that works in the folder closes it by itself, as the services do. */
export async function closeHere(places: AssetPlaces, assetId: string): Promise<void> {
  try {
    await alone(places, (close) => close(assetId))
  } catch (thrown) {
    if (asGantryError(thrown).code !== 'CONFIG_OUT_BUSY') throw thrown
  }
}

/**
 * Work during which no other Gantry is in the folder; with the services it is the scheduler that closes.
 *
 * @throws CONFIG_OUT_BUSY; what `work` throws.
 */
export async function alone(
  { store, state, storeOf, outFolder }: AssetPlaces,
  work: (close: (assetId: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  if (outFolder === null) return work(() => Promise.resolve())
  const lock = await lockOutput(store, state, outFolder)
  try {
    const parts = {
      ...NOBODY,
      ...{ store, state, storeOf, now: () => new Date() },
      onRelayFailure: () => undefined,
      onLearnFailure: () => undefined,
    }
    await work(async (assetId) => void (await reconcileAsset(parts, assetId)))
  } finally {
    await lock.release()
  }
}
