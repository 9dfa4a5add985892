/**
 * The segments of a Representation, each with its time and its name: attempts have random names, which follow no template.
 * Source: ISO/IEC 23009-1:2022, 5.3.9.3 and 5.3.9.6.
 */
import { GantryError } from '../../core/contract/errors'
import { count, decimal, relativeUri } from '../hls/text'
import type { SegmentTimes } from './segment-timeline'
import { element } from './xml'

export interface SegmentList {
  /** Relative to the MPD, without the slash at its end; the URIs below are relative to it. */
  folder: string
  timescaleHz: number
  /** The tick that is shown when the Period begins. */
  offsetTicks: number
  init: string
  uris: readonly string[]
  times: SegmentTimes
}

/**
 * One S for each segment, none with @r: dash.js (5.2) counts S elements where it looks for the SegmentURL, so behind a
 * repeated one it would play the wrong segment.
 */
export function segmentList({ folder, timescaleHz, offsetTicks, init, uris, times }: SegmentList): string[] {
  const { startTicks, durations } = times
  if (uris.length === 0 || durations.length !== uris.length) {
    const message = `a SegmentList needs a time for each segment, got ${durations.length} of ${uris.length}`
    throw new GantryError('QUEUE_INTERNAL', message)
  }
  const list = { timescale: count(timescaleHz), presentationTimeOffset: decimal(offsetTicks) }
  return [
    ...element('BaseURL', {}, `${relativeUri(folder)}/`),
    ...element('SegmentList', list, [
      ...element('Initialization', { sourceURL: relativeUri(init) }),
      ...element(
        'SegmentTimeline',
        {},
        durations.flatMap((ticks, index) =>
          element('S', { ...(index === 0 && { t: decimal(startTicks) }), d: count(ticks) }),
        ),
      ),
      ...uris.flatMap((uri) => element('SegmentURL', { media: relativeUri(uri) })),
    ]),
  ]
}
