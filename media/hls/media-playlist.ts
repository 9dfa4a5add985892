/** Our own writer of media playlists: exact durations, nothing that was not measured. */
import { GantryError } from '../../core/contract/errors'
import type { StoredSegment } from '../../core/contract/markers'
import { decimal, playlistUri, quoted } from './text'

export interface PlaylistSegment {
  uri: string
  /** As written in EXTINF: whole microseconds, so that rounding does not add up over a title. */
  durationSeconds: number
  bytes: number
}

export interface MediaPlaylist {
  /** URI of the init segment. */
  init: string
  segments: readonly PlaylistSegment[]
}

/** EXT-X-MAP outside I-frame playlists needs 6, and fragmented MP4 players expect 7. Source: RFC 8216, 7. */
const VERSION = 7

/**
 * A segment lasts until the next one begins, the last one until its last sample is over: the durations add up to the
 * measured timeline, also where the master has holes.
 *
 * @param segments In order, at least one, in ticks of one time scale.
 */
export function playlistSegments(segments: readonly StoredSegment[], timescaleHz: number): PlaylistSegment[] {
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
export function targetDurationSeconds(segments: readonly PlaylistSegment[]): number {
  return segments.reduce((longest, { durationSeconds }) => Math.max(longest, Math.round(durationSeconds)), 1)
}

/**
 * The text of a finished (VOD) media playlist.
 *
 * @throws QUEUE_INTERNAL for a list without segments, a duration that is not positive, or a URI that could break a line.
 */
export function writeMediaPlaylist({ init, segments }: MediaPlaylist): string {
  if (segments.length === 0) throw new GantryError('QUEUE_INTERNAL', 'a media playlist needs a segment, got none')
  const lines = segments.flatMap(({ uri, durationSeconds }) => [
    `#EXTINF:${duration(durationSeconds)},`,
    playlistUri(uri),
  ])
  return `${[
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${decimal(targetDurationSeconds(segments))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI=${quoted(playlistUri(init))}`,
    ...lines,
    '#EXT-X-ENDLIST',
  ].join('\n')}\n`
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new GantryError('QUEUE_INTERNAL', `the duration of a segment must be above 0 s, got ${seconds}`)
  }
  return seconds.toFixed(6)
}
