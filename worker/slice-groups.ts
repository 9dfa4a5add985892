/** Pure: rungs of one time slice that were encoded in two groups, as one piece again. */
import type { Intent } from '../core/contract/intent'
import type { VideoPieceMarker } from '../core/contract/markers'

/**
 * @param markers Of the video pieces, in the order of the plan.
 * @returns One for each slice, with tracks in the order of the plan's variants.
 */
export function joinGroups(markers: readonly VideoPieceMarker[], { jobs, variants }: Intent): VideoPieceMarker[] {
  const slices = new Map<number, VideoPieceMarker[]>()
  for (const job of jobs) {
    const marker = markers.find(({ part }) => part === job.part)
    if (job.kind !== 'video-piece' || marker === undefined) continue
    slices.set(job.slice.index, [...(slices.get(job.slice.index) ?? []), marker])
  }
  const place = ({ id }: { id: string }): number => variants.findIndex(({ rungId }) => rungId === id)
  return [...slices.values()]
    .map((groups) => groups.reduce(both))
    .map((piece) => {
      return { ...piece, tracks: piece.tracks.toSorted((a, b) => place(a) - place(b)) }
    })
}

function both(one: VideoPieceMarker, other: VideoPieceMarker): VideoPieceMarker {
  const decodeWarnings = Math.max(one.receipt.decodeWarnings, other.receipt.decodeWarnings)
  return {
    ...one,
    tracks: [...one.tracks, ...other.tracks],
    leftOut: bothLeftOut(one.leftOut, other.leftOut),
    // Both decode the same pictures, so damage counts once.
    receipt: { ...one.receipt, decodeWarnings },
  }
}

function bothLeftOut(
  one: VideoPieceMarker['leftOut'],
  other: VideoPieceMarker['leftOut'],
): VideoPieceMarker['leftOut'] {
  if (one === null || other === null) return one ?? other
  return { ...one, rungIds: [...one.rungIds, ...other.rungIds], message: `${one.message}; ${other.message}` }
}
