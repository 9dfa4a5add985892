/** Pure: a playlist that is played while it grows, and what has been made of its rendition meanwhile, to a longer one. */
import type { SegmentGrid, TimeSlice } from '../core/contract/job'
import { outputKeys } from '../core/contract/keys'
import type { StoredObject, StoredSegment } from '../core/contract/markers'
import { toNumber } from '../core/contract/rational'
import {
  playlistSegments,
  targetDurationSeconds,
  writeMediaPlaylist,
  type PlaylistEntry,
} from '../media/hls/media-playlist'
import { parseMediaPlaylist } from '../media/hls/parse-media'

/** What there is of a rendition, from some segment on to the first one that is missing. */
export interface MadeTrack {
  id: string
  kind: 'video' | 'audio'
  init: StoredObject
  timescaleHz: number
  segments: readonly StoredSegment[]
  /** Whether what follows the last segment begins where its last sample ends, or nothing follows. */
  endIsKnown: boolean
}

/** A playlist as it is public. */
export interface ListedTrack {
  init: string | null
  entries: readonly PlaylistEntry[]
  targetSeconds: number
  hasEnd: boolean
}

/** What is listed where nothing is. */
export const NOTHING_LISTED: ListedTrack = { init: null, entries: [], targetSeconds: 0, hasEnd: false }

/** @throws SOURCE_UNREADABLE for a text that is not ours. */
export function readListed(text: string): ListedTrack {
  const { init, segments, targetDurationSeconds: targetSeconds, hasEnd } = parseMediaPlaylist(text)
  return { init, entries: segments, targetSeconds, hasEnd }
}

export interface Grown {
  key: string
  text: string
  /** What was not listed before. */
  added: readonly StoredObject[]
}

/**
 * What is listed stays as it is, to the letter; segments are added as long as it is known how long each lasts, which is
 * until the next one begins.
 *
 * @param targetSeconds What the plan makes the longest segment. A longer one, where the master has a hole, and all behind it
 * are not added: the target duration of a playlist must not change. Source: RFC 8216, 6.2.1.
 * @returns Null where there is nothing to add.
 */
export function grow(listed: ListedTrack, made: MadeTrack, targetSeconds: number): Grown | null {
  const key = outputKeys.earlyPlaylist(made.kind, made.id)
  const prefix = outputKeys.trackFolder(made.kind, made.id)
  const init = made.init.key.slice(prefix.length)
  if (listed.hasEnd || (listed.init !== null && listed.init !== init)) return null
  const segments = made.segments.slice(firstUnlisted(listed, made, prefix))
  const timed = playlistSegments(segments, made.timescaleHz)
  const known = made.endIsKnown ? timed : timed.slice(0, -1)
  const tooLong = known.findIndex((entry) => targetDurationSeconds([entry]) > targetSeconds)
  const fitting = tooLong < 0 ? known : known.slice(0, tooLong)
  if (fitting.length === 0) return null
  const entries = [...listed.entries, ...fitting.map((entry) => ({ ...entry, uri: entry.uri.slice(prefix.length) }))]
  const added = [...(listed.init === null ? [made.init] : []), ...segments.slice(0, fitting.length)]
  return { key, text: writeMediaPlaylist({ init, segments: entries, targetSeconds, growth: 'growing' }), added }
}

/**
 * Sound is always known from its beginning, and another attempt at it cuts it into the same segments; the picture is
 * known from the piece on in which the last listed segment is.
 *
 * @returns Behind the last one where what is listed is not of what was made.
 */
function firstUnlisted({ entries }: ListedTrack, { kind, segments }: MadeTrack, prefix: string): number {
  const last = entries.at(-1)
  if (last === undefined) return 0
  if (kind === 'audio') return entries.length
  const place = segments.findIndex(({ key }) => key === prefix + last.uri)
  return place < 0 ? segments.length : place + 1
}

/** Position of the piece in which the last listed segment is; its folder begins with it. */
export function lastListedPiece({ entries }: ListedTrack): number {
  const [, index = '0'] = /^(\d+)-/.exec(entries.at(-1)?.uri ?? '') ?? []
  return Number(index)
}

/** Pictures that are evenly spaced end just where the next piece's begin; of others the last one's length is a guess. */
export function endsWhereNextBegins(
  { pictures, endTicks }: TimeSlice,
  { constantRate }: { constantRate: boolean },
): boolean {
  return endTicks === null || pictures !== null || constantRate
}

/** The longest segment by plan, in whole seconds. */
export function plannedTargetSeconds({ fps, gopFrames, gopsPerSegment }: SegmentGrid): number {
  return Math.round((gopFrames * gopsPerSegment) / toNumber(fps))
}
