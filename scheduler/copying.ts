/** Pure: which runs copy the master's pictures before they are cut. */
import type { RemuxJob, SegmentGrid } from '../core/contract/job'
import type { PictureTimes, PlannedPiece } from './pieces'

export const COPY_PART = 'remux'

/** @returns Where the pieces meet, and where the last one ends; null where the master itself is read. */
export function copyLines(
  pieces: readonly PlannedPiece[],
  { timescaleHz }: SegmentGrid,
  times: PictureTimes | null,
): RemuxJob['lines'] | null {
  if (times?.isCopied !== true) return null
  const starts = pieces.flatMap(({ slice }) => (slice.index > 0 ? [slice.startTicks] : []))
  if (starts.length === 0) return null
  const end = pieces.at(-1)?.slice.endTicks ?? null
  // Groups of rungs share a slice.
  return { timescaleHz, ticks: [...new Set([...starts, ...(end === null ? [] : [end])])] }
}
