/** Our own writer of media playlists: exact durations, nothing that was not measured. */
import { GantryError } from '../../core/contract/errors'
import type { StoredSegment } from '../../core/contract/markers'
import { count, decimal, quoted, refused, relativeUri } from './text'

export interface ByteRange {
  bytes: number
  /** From the beginning of the resource. */
  offset: number
}

/** One segment as a playlist names it. */
export interface PlaylistEntry {
  uri: string
  /** Where it is a part of the resource. */
  range?: ByteRange
  /** As written in EXTINF: whole microseconds, so that rounding does not add up over a title. */
  durationSeconds: number
  /** Init segment from this entry on, where it is another than before. */
  init?: string
  /** Timestamps or coding do not go on from the entry before. Never implied by another init segment. */
  discontinuity?: true
}

export interface PlaylistSegment extends PlaylistEntry {
  bytes: number
}

export interface MediaPlaylist {
  /** URI of the init segment of the first entry; null where segments need none, as text. */
  init: string | null
  segments: readonly PlaylistEntry[]
  /** Where other playlists of the asset need a longer one: all of them have the same. Source: RFC 8216, 6.2.4. */
  targetSeconds?: number
  /**
   * Of one that is played while it grows: more entries follow, or no more. Absent: it was whole from the beginning.
   * Source: RFC 8216, 4.3.3.5.
   */
  growth?: 'growing' | 'grown'
  /** Each entry is one picture, for winding and seeking. Source: RFC 8216, 4.3.3.6. */
  isIFramesOnly?: true
}

/** EXT-X-MAP outside I-frame playlists needs 6, and players of fragmented MP4 expect 7. Source: RFC 8216, 7. */
const VERSION = 7

type TimedObject = Pick<StoredSegment, 'key' | 'bytes' | 'startTicks' | 'endTicks'>

/**
 * A segment lasts until the next one begins, the last one until its last sample is over: the durations add up to the
 * measured timeline, also where the master has holes.
 *
 * Both ends of a segment are rounded to microseconds, not its length, so the sum is never off by more than one.
 *
 * @param segments In order, in ticks of one time scale.
 */
export function playlistSegments(segments: readonly TimedObject[], timescaleHz: number): PlaylistSegment[] {
  const microseconds = (ticks: number): number => Math.round((ticks / timescaleHz) * 1e6)
  return segments.map(({ key, bytes, startTicks, endTicks }, index) => {
    const until = segments[index + 1]?.startTicks ?? endTicks
    return { uri: key, bytes, durationSeconds: (microseconds(until) - microseconds(startTicks)) / 1e6 }
  })
}

/**
 * The smallest EXT-X-TARGETDURATION allowed: no EXTINF, rounded to the nearest integer, may be above it.
 * Source: RFC 8216, 4.3.3.1.
 */
export function targetDurationSeconds(segments: readonly Pick<PlaylistEntry, 'durationSeconds'>[]): number {
  const rounded = segments.map(({ durationSeconds }) => Math.round(Number(durationText(durationSeconds))))
  return rounded.reduce((longest, seconds) => Math.max(longest, seconds), 1)
}

/**
 * The text of a media playlist. One that grows begins at its beginning, where players of live streams would begin near its
 * end (EXT-X-START, RFC 8216, 4.3.5.2).
 *
 * @throws QUEUE_INTERNAL for no segment at all, a duration under a microsecond, an empty range, or a URI that is no
 * relative path.
 */
export function writeMediaPlaylist(playlist: MediaPlaylist): string {
  const { init, segments, targetSeconds = 1, growth, isIFramesOnly } = playlist
  if (segments.length === 0) throw new GantryError('QUEUE_INTERNAL', 'a media playlist needs a segment, got none')
  return `${[
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${count(Math.max(targetSeconds, targetDurationSeconds(segments)))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    `#EXT-X-PLAYLIST-TYPE:${growth === undefined ? 'VOD' : 'EVENT'}`,
    ...(isIFramesOnly === true ? ['#EXT-X-I-FRAMES-ONLY'] : []),
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(growth === undefined ? [] : ['#EXT-X-START:TIME-OFFSET=0']),
    ...entryLines(init, segments),
    ...(growth === 'growing' ? [] : [END_LINE]),
  ].join('\n')}\n`
}

const END_LINE = '#EXT-X-ENDLIST'

/** One that grew, where nothing more comes: players show what there is and stop. */
export function endedPlaylist(text: string): string {
  return text.endsWith(`${END_LINE}\n`) ? text : `${text}${END_LINE}\n`
}

function entryLines(init: string | null, segments: readonly PlaylistEntry[]): string[] {
  const lines = init === null ? [] : [mapLine(init)]
  let current = init
  for (const segment of segments) {
    if (segment.discontinuity === true) lines.push('#EXT-X-DISCONTINUITY')
    if (segment.init !== undefined && segment.init !== current) lines.push(mapLine(segment.init))
    current = segment.init ?? current
    lines.push(`#EXTINF:${durationText(segment.durationSeconds)},`)
    if (segment.range !== undefined) lines.push(rangeLine(segment.range))
    lines.push(relativeUri(segment.uri))
  }
  return lines
}

function mapLine(init: string): string {
  return `#EXT-X-MAP:URI=${quoted(relativeUri(init))}`
}

/** Source: RFC 8216, 4.3.2.2. */
function rangeLine({ bytes, offset }: ByteRange): string {
  return `#EXT-X-BYTERANGE:${count(bytes)}@${decimal(offset)}`
}

/** Longer than any title; above it six decimals are no longer exact. */
const MAX_SEGMENT_SECONDS = 1e9

function durationText(seconds: number): string {
  if (!(seconds >= 1e-6 && seconds <= MAX_SEGMENT_SECONDS)) {
    throw refused('the duration of a segment', `0.000001 to ${MAX_SEGMENT_SECONDS} s`, String(seconds))
  }
  return seconds.toFixed(6)
}
