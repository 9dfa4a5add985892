import type { ReadSegment } from './playlists'

/** RFC 8216, 4.1, by trying every contiguous set of segments. */
export function peakSegmentBps(segments: readonly ReadSegment[], targetSeconds: number): number {
  let peak = 0
  for (let from = 0; from < segments.length; from += 1) {
    for (let to = from + 1; to <= segments.length; to += 1) {
      const set = segments.slice(from, to)
      const seconds = set.reduce((sum, segment) => sum + segment.durationSeconds, 0)
      const bits = set.reduce((sum, segment) => sum + segment.bytes * 8, 0)
      const counts = seconds >= 0.5 * targetSeconds && seconds <= 1.5 * targetSeconds
      if (counts || (set.length === 1 && seconds > 1.5 * targetSeconds)) peak = Math.max(peak, bits / seconds)
    }
  }
  return peak === 0 ? averageBps(segments) : peak
}

export function averageBps(segments: readonly ReadSegment[]): number {
  const seconds = segments.reduce((sum, segment) => sum + segment.durationSeconds, 0)
  return segments.reduce((sum, segment) => sum + segment.bytes * 8, 0) / seconds
}
