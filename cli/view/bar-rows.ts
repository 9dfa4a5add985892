import { stagesText } from './stage-counts'
import type { RenditionView } from './rendition-view'
import type { AssetView, Stage } from './run-view'

/** One line of a frame: an asset, or one rendition of it. */
export interface BarRow {
  asset: AssetView
  rendition: RenditionView | null
}

export interface Chosen {
  rows: readonly BarRow[]
  /** What has no line of its own: `12 more waiting, 3 published`; empty when all have one. */
  hidden: string
  /** Whether there is room for a last line with the totals. */
  withTotals: boolean
}

/** Below this height each line is needed for an asset. */
const TOTALS_FROM_LINES = 4

/** What matters most to someone who waits comes first. */
const ORDER: Record<Stage, number> = { encoding: 0, finishing: 0, failed: 1, planned: 2, accepted: 3, published: 4 }

/**
 * Which assets and renditions get a line when there are `lines`.
 *
 * With room for all they stay in order of acceptance, the renditions of each running asset below it. Otherwise running
 * assets come first, then their renditions, then the other assets by what they matter; the rest is counted.
 */
export function chooseRows(assets: readonly AssetView[], lines: number): Chosen {
  const withTotals = assets.length > 1 && lines >= TOTALS_FROM_LINES
  const room = lines - (withTotals ? 1 : 0)
  const all = assets.flatMap((asset) => rowsOf(asset, true))
  if (all.length <= room) return { rows: all, hidden: '', withTotals }

  const sorted = [...assets].sort((a, b) => ORDER[a.stage] - ORDER[b.stage])
  const whole = fill(sorted, room)
  if (whole.hidden === '' || room === 1) return { rows: whole.rows, hidden: '', withTotals }
  return { ...fill(sorted, room - 1), withTotals }
}

function fill(sorted: readonly AssetView[], room: number): { rows: BarRow[]; hidden: string } {
  const running = sorted.filter((asset) => ORDER[asset.stage] === 0).slice(0, room)
  let free = room - running.length
  const open = new Set<AssetView>()
  for (const asset of running.filter(hasRows)) {
    if (asset.renditions.length > free) continue
    open.add(asset)
    free -= asset.renditions.length
  }
  const others = sorted.filter((asset) => ORDER[asset.stage] > 0).slice(0, free)
  const shown = new Set([...running, ...others])
  return {
    rows: [...shown].flatMap((asset) => rowsOf(asset, open.has(asset))),
    hidden: stagesText(sorted.filter((asset) => !shown.has(asset))),
  }
}

function rowsOf(asset: AssetView, withRenditions: boolean): BarRow[] {
  const own: BarRow = { asset, rendition: null }
  if (!withRenditions || !hasRows(asset)) return [own]
  return [own, ...asset.renditions.map((rendition) => ({ asset, rendition }))]
}

/** Once all renditions are done their bars say nothing more. */
function hasRows(asset: AssetView): boolean {
  return asset.stage === 'encoding'
}
