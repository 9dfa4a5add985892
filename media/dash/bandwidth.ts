/** @bandwidth of a Representation, from the bytes as stored and the times as written. */
import { peakBps, type MeasuredSegment } from '../hls/bandwidth'

/**
 * In bits per second, rounded up: whoever loads at this rate from any segment on, and begins to play when the longest
 * segment's time is over, has each segment whole when its turn comes. Never below the peak that HLS tells (RFC 8216,
 * 4.1), which leaves out what lasts less than half a target duration.
 *
 * Source: ISO/IEC 23009-1:2022, 5.3.5.2 (@bandwidth, with @minBufferTime of at least the longest segment).
 *
 * @param segments In order, each at least a microsecond long.
 * @param targetSeconds EXT-X-TARGETDURATION of the same rendition's playlist.
 * @throws QUEUE_INTERNAL when there is no segment.
 */
export function bandwidthBps(segments: readonly MeasuredSegment[], targetSeconds: number): number {
  const bufferSeconds = segments.reduce((longest, { durationSeconds }) => Math.max(longest, durationSeconds), 0)
  const peak = peakBps(segments, targetSeconds)
  if (isEnough(peak, segments, bufferSeconds)) return peak
  let [low, high] = [peak, 2 * peak]
  while (!isEnough(high, segments, bufferSeconds)) [low, high] = [high, 2 * high]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isEnough(middle, segments, bufferSeconds)) high = middle
    else low = middle
  }
  return high
}

/**
 * Of every stretch of segments the bits must have come when its last one begins. The worst stretch that ends with a
 * segment begins where the bits before are fewest beside what the rate gives, so one pass sees them all.
 */
function isEnough(rateBps: number, segments: readonly MeasuredSegment[], bufferSeconds: number): boolean {
  let [bits, seconds, least] = [0, 0, Infinity]
  for (const { bytes, durationSeconds } of segments) {
    least = Math.min(least, bits - rateBps * seconds)
    bits += bytes * 8
    if (bits - rateBps * seconds - least > rateBps * bufferSeconds) return false
    seconds += durationSeconds
  }
  return true
}
