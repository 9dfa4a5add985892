/** The samples of a track one after the other, as ffmpeg's demuxer sees them. */
import { refused } from './refused'
import { numberCursor, runCursor } from './run-table'
import type { TrackTables } from './mp4-tables'

export type VisitSample = (decodeTicks: number, compositionTicks: number, isKeyframe: boolean) => void

/** 240 pictures a second for 12 hours. */
const SAMPLES_MAX = 240 * 12 * 3_600

/** In the order of decoding, without keeping any. */
export function visitSamples(tables: TrackTables, visit: VisitSample): void {
  const { samples } = tables
  if (samples > SAMPLES_MAX) throw refused(`its index claims ${samples} pictures, at most ${SAMPLES_MAX} are followed`)
  const durations = runCursor(tables.durations, false)
  const compositions = tables.compositions === null ? null : runCursor(tables.compositions, true)
  const isKeyframe = keyframeTest(tables)
  let decodeTicks = 0
  for (let number = 1; number <= samples; number += 1) {
    const duration = durations.next()
    const offset = compositions === null ? 0 : compositions.next()
    if (duration === null || offset === null) throw refused('its tables of times end before its pictures do')
    // ffmpeg reads larger ones as negative, and repairs them in its own way.
    if (duration > MAX_INT32) throw refused('its pictures have durations that run backwards')
    if (Math.abs(offset) > OFFSET_MAX) throw refused(`a picture is shown ${offset} ticks after it is decoded`)
    visit(decodeTicks, decodeTicks + offset, isKeyframe(number))
    decodeTicks += duration
  }
}

const MAX_INT32 = 0x7fff_ffff

/** ffmpeg drops the whole table when an offset is beyond this, either way. */
const OFFSET_MAX = 2 ** 28

function keyframeTest(tables: TrackTables): (number: number) => boolean {
  if (tables.keyframes === null) return () => true
  if (tables.keyframes.byteLength === 0) throw refused('its table of keyframes is empty')
  const whole = numberCursor(tables.keyframes)
  const partial = numberCursor(tables.partialKeyframes)
  const groups = runCursor(tables.accessGroups, false)
  return (number) => {
    const inGroup = (groups.next() ?? 0) > 0
    return whole.has(number) || partial.has(number) || inGroup
  }
}
