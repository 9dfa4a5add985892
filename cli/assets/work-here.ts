/** A retry or a redo on one machine: the fleet of `gantry run` for the time of one asset. */
import { exitCodeOf } from '../view/end-report'
import { fleetOptions, type RunContext } from '../run/command'
import { startFleet } from '../run/fleet'
import { findAsset, type StatePlace } from '../../scheduler/runs/read-asset'
import type { RunOutcome } from '../../scheduler/runs/cancel'

export interface WorkHere extends Omit<RunContext, 'asked' | 'options'> {
  options: { outFolder: string; workers: number | null }
}

/**
 * @param open Opens the next run.
 * @returns 0: published; 1: it failed.
 * @throws CONFIG_OUT_BUSY while a Gantry works in the folder; API_ codes.
 */
export async function workHere(
  context: WorkHere,
  asset: string,
  open: (place: StatePlace, assetId: string) => Promise<RunOutcome>,
): Promise<0 | 1> {
  const { display, signal } = context
  let told: () => void = () => undefined
  const closed = new Promise<void>((resolve) => (told = resolve))
  const fleet = await startFleet({ ...fleetOptions(context), again: 'same', resumeAll: false, onClosed: () => told() })
  try {
    const assetId = await findAsset(fleet.places, asset)
    await open(fleet.places, assetId)
    await fleet.bringOn(assetId)
    await Promise.race([closed, new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))])
  } finally {
    display.stop()
    await fleet.close()
  }
  return exitCodeOf(display.view())
}
