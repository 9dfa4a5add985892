/** Bit rates of a rendition, from the bytes as stored and the durations as written. */
import { GantryError } from '../../core/contract/errors'
import type { PlaylistSegment } from './media-playlist'

export type MeasuredSegment = Pick<PlaylistSegment, 'bytes' | 'durationSeconds'>

/** Microseconds, as EXTINF has them: whole numbers, so that sums and limits are exact. */
interface Stretch {
  bytes: number
  microseconds: number
}

/**
 * The peak segment bit rate in bits per second, rounded up.
 *
 * The largest rate of any contiguous set of segments that lasts 0.5 to 1.5 target durations, both included; so one
 * short last segment does not inflate it. A segment longer than that counts alone, and a title too short for any such
 * set counts whole.
 *
 * Source: RFC 8216, 4.1.
 *
 * @param segments In playlist order, each at least a microsecond long.
 * @param targetSeconds EXT-X-TARGETDURATION of the playlist.
 * @throws QUEUE_INTERNAL when there is no segment.
 */
export function peakBps(segments: readonly MeasuredSegment[], targetSeconds: number): number {
  const parts = segments.map(stretchOf)
  const shortest = 0.5e6 * targetSeconds
  const longest = 1.5e6 * targetSeconds
  let peak: Stretch | null = null
  for (let from = 0; from < parts.length; from += 1) {
    let set: Stretch = { bytes: 0, microseconds: 0 }
    // Stops after 1.5 target durations, so this is not quadratic.
    for (let to = from; to < parts.length; to += 1) {
      set = sum(set, parts[to])
      if (to > from && set.microseconds > longest) break
      if (set.microseconds >= shortest && (peak === null || isFaster(set, peak))) peak = set
    }
  }
  return rateBps(peak ?? whole(parts))
}

/** All bits over the whole time, in bits per second, rounded up. @throws QUEUE_INTERNAL when there is no segment. */
export function averageBps(segments: readonly MeasuredSegment[]): number {
  return rateBps(whole(segments.map(stretchOf)))
}

function stretchOf({ bytes, durationSeconds }: MeasuredSegment): Stretch {
  return { bytes, microseconds: Math.round(durationSeconds * 1e6) }
}

function whole(parts: readonly Stretch[]): Stretch {
  return parts.reduce(sum, { bytes: 0, microseconds: 0 })
}

function sum(one: Stretch, { bytes, microseconds }: Stretch = { bytes: 0, microseconds: 0 }): Stretch {
  return { bytes: one.bytes + bytes, microseconds: one.microseconds + microseconds }
}

function isFaster(one: Stretch, other: Stretch): boolean {
  return one.bytes * other.microseconds > other.bytes * one.microseconds
}

/** Exact: bits times a million leave the range of a double at about a gigabyte. */
function rateBps({ bytes, microseconds }: Stretch): number {
  if (microseconds <= 0) throw new GantryError('QUEUE_INTERNAL', 'a bit rate needs segments with a duration, got none')
  const [dividend, divisor] = [BigInt(bytes) * 8_000_000n, BigInt(microseconds)]
  return Number((dividend + divisor - 1n) / divisor)
}
