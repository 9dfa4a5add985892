/** Pure: what a ladder makes of a master's text tracks. */
import type { RungDecision } from '../core/contract/intent'
import type { CaptionTrack } from '../core/contract/job'
import type { CaptionFacts, SourceFacts } from '../core/contract/source'
import { freeId } from './select-sound'
import type { Ladder } from './schema'

export interface SelectedCaptions extends CaptionTrack, Pick<CaptionFacts, 'language' | 'isForced' | 'isForDeaf'> {}

export interface CaptionsSelection {
  tracks: SelectedCaptions[]
  /** Tracks that are not made. */
  decisions: RungDecision[]
}

/** Each text track becomes a rendition, or none where the ladder drops them; ids begin with `captions-`. */
export function selectCaptions({ captions }: Pick<Ladder, 'captions'>, facts: SourceFacts): CaptionsSelection {
  const ids = new Set<string>()
  const tracks = facts.captions.map((track) => ({
    id: freeId(ids, `captions-${track.language ?? 'text'}`),
    ...track,
  }))
  if (captions === 'keep') return { tracks, decisions: [] }
  const reason = 'the ladder drops captions'
  return { tracks: [], decisions: tracks.map(({ id }) => ({ id, kept: false, reason })) }
}
