/** What attempts that lost have left, told from what counts. Pure. */
import { isAssetId } from '../../core/contract/ids'
import { isBelow, stateKeys } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { UnfinishedWrite } from '../../core/ports/object-store'

export interface ClosedRun {
  atMs: number
  assetId: string
  run: number
}

/** @param key Of an entry in `closed/`, relative to the state. @returns Null for what Gantry did not write. */
export function closedRun(key: string): ClosedRun | null {
  if (!key.startsWith(stateKeys.closedPrefix)) return null
  const [atMs = '', assetId = '', run = '', ...more] = key.slice(stateKeys.closedPrefix.length).split('.')
  const isEntry = /^\d{13}$/.test(atMs) && isAssetId(assetId) && /^[1-9]\d*$/.test(run) && more.length === 0
  return isEntry ? { atMs: Number(atMs), assetId, run: Number(run) } : null
}

/**
 * Whether an object is an attempt's own and no marker names it: a segment or a table in the attempt's folder, or an init
 * segment, whose name is its content's. Playlists and what all attempts share are never lost.
 *
 * @param key Relative to the output of the run.
 * @param marked Keys that the markers of the run name.
 */
export function isLost(key: string, marked: ReadonlySet<string>): boolean {
  const isOfAttempt = /^(video|audio)\/[^/]+\/([^/]+\/[^/]+|init-[^/]+)$/.test(key)
  return isOfAttempt && !marked.has(key)
}

/** Whether Gantry begins writes of such keys: in its state any, in an output those of runs; others may write there too. */
export function isOurWrite(
  write: UnfinishedWrite,
  { state, outputs }: { state: Place; outputs: readonly Place[] },
): boolean {
  if (isBelow(state, write)) return true
  return outputs.some((place) => isBelow(place, write)) && OF_A_RUN.test(write.key)
}

const OF_A_RUN = /\/r[1-9]\d*\/(video|audio|captions|mp4|thumbs)\//
