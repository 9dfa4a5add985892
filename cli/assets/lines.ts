/** How assets stand, in words. Pure. */
import type { AssetStanding, RunStanding } from '../../scheduler/runs/standing'
import { padColumns, printable, textWidth } from '../view/text-width'

const GAP = '  '
/** Parts that a line names before it only counts. */
const SHOWN_PARTS = 6

/** A line an asset: id, how it stands, what it is of. */
export function listLines(assets: readonly AssetStanding[]): string[] {
  const rows = assets.map((asset) => [asset.assetId, shortStatus(asset), printable(asset.source?.key ?? '')])
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => textWidth(row[column] ?? ''))))
  return rows.map((row) =>
    row
      .map((cell, column) => padColumns(cell, widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  )
}

function shortStatus({ status, runs }: AssetStanding): string {
  const newest = runs.at(-1)
  if (newest === undefined) return status
  const { code, parts, run } = newest
  const counted = newest.waiting.length > 0 ? ` ${parts.done}/${parts.total}` : ''
  return `${status}${counted}${code === null ? '' : ` ${code}`} (run ${run})`
}

/** All that is known of one asset: a line for itself, then each run. */
export function assetLines(asset: AssetStanding): string[] {
  const { assetId, source, name, isOpen, runs } = asset
  return [
    printable(`${assetId}  ${name ?? 'without a plan'}`),
    ...(source === null ? [] : [printable(`${GAP}master: ${source.bucket}/${source.key}`)]),
    ...(isOpen ? [`${GAP}open: somebody still has work for it`] : []),
    ...runs.flatMap(runLines),
  ]
}

function runLines({ run, status, at, parts, waiting, failures, code, message }: RunStanding): string[] {
  const rest = waiting.length > SHOWN_PARTS ? ` and ${waiting.length - SHOWN_PARTS} more` : ''
  return [
    `${GAP}run ${run}: ${status}, ${parts.done} of ${parts.total} parts${at === null ? '' : `, ${at}`}`,
    ...(waiting.length === 0 ? [] : [`${GAP}${GAP}now: ${waiting.slice(0, SHOWN_PARTS).join(', ')}${rest}`]),
    ...failures.map((one) => printable(`${GAP}${GAP}${one.part}: ${one.code}: ${one.message}`)),
    ...(code === null || failures.length > 0 ? [] : [printable(`${GAP}${GAP}${code}: ${message ?? ''}`)]),
  ]
}
