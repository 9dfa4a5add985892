/** Bit rates of a rendition, from the bytes as stored and the durations as written. */
import type { PlaylistSegment } from './media-playlist'

type Measured = Pick<PlaylistSegment, 'bytes' | 'durationSeconds'>

/**
 * The peak segment bit rate in bits per second, rounded up.
 *
 * The largest rate of any contiguous set of segments that lasts 0.5 to 1.5 target durations; so one short last segment
 * does not inflate it. A segment longer than that counts alone, and a title too short for any such set counts whole.
 *
 * Source: RFC 8216, 4.1.
 *
 * @param targetSeconds EXT-X-TARGETDURATION of the playlist.
 */
export function peakBps(segments: readonly Measured[], targetSeconds: number): number {
  const shortest = 0.5 * targetSeconds
  const longest = 1.5 * targetSeconds
  let peak = 0
  for (let from = 0; from < segments.length; from += 1) {
    let bytes = 0
    let seconds = 0
    for (let to = from; to < segments.length; to += 1) {
      const segment = segments[to]
      if (segment === undefined) break
      bytes += segment.bytes
      seconds += segment.durationSeconds
      if (seconds > longest && to > from) break
      if (seconds >= shortest) peak = Math.max(peak, (bytes * 8) / seconds)
      if (seconds > longest) break
    }
  }
  return peak === 0 ? averageBps(segments) : Math.ceil(peak)
}

/** All bits over the whole duration, in bits per second, rounded up. */
export function averageBps(segments: readonly Measured[]): number {
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  const seconds = segments.reduce((sum, segment) => sum + segment.durationSeconds, 0)
  return seconds === 0 ? 0 : Math.ceil((bytes * 8) / seconds)
}
