/** When each segment of a Representation is shown, as SegmentTimeline says it. Source: ISO/IEC 23009-1:2022, 5.3.9.6. */
import type { StoredSegment } from '../../core/contract/markers'

/** Of one Representation, in ticks of its time scale. */
export interface SegmentTimes {
  startTicks: number
  /** Of each segment, which begins where the one before it ends. */
  durations: readonly number[]
}

/**
 * A segment lasts until the next one begins, the last one until its last sample is over, as in the playlists of HLS
 * (media/hls/media-playlist.ts): so there is no gap in it, also where the master has holes.
 *
 * @param segments In order, in ticks of one time scale.
 */
export function segmentTimes(segments: readonly Pick<StoredSegment, 'startTicks' | 'endTicks'>[]): SegmentTimes {
  return {
    startTicks: segments[0]?.startTicks ?? 0,
    durations: segments.map(
      ({ startTicks, endTicks }, index) => (segments[index + 1]?.startTicks ?? endTicks) - startTicks,
    ),
  }
}
