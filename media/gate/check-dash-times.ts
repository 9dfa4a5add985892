/** Rules on the times of an MPD. Source: ISO/IEC 23009-1:2022, 5.3.9. */
import type { GateAsset, GateTrack } from './asset'
import { measureOf } from './asset'
import type { Report } from './findings'
import type { GateList, GateMpd, GateRepresentation } from './mpd'

/** A Representation with the playlist of the same segments, where there is one. */
export interface Matched {
  one: GateRepresentation
  where: string
  list: GateList | null
  track: GateTrack | null
}

/** Less is heard and seen by nobody, and whole ticks of the coarsest time scale. */
const EXACT_SECONDS = 0.002
const NEAR_SECONDS = 0.1

/** @param sets The Representations of each AdaptationSet. */
export function checkDashTimes(
  asset: GateAsset,
  mpd: GateMpd,
  sets: readonly (readonly Matched[])[],
  report: Report,
): void {
  for (const one of sets.flat()) checkList(asset, one, report)
  sets.forEach((set, index) => {
    if (mpd.sets[index]?.isAligned === true) checkAligned(set, report)
  })
  checkWhole(mpd, sets.flat(), report)
}

function checkList({ description }: GateAsset, { where, list, track }: Matched, report: Report): void {
  if (list === null || track === null) return
  const said = list.segments.findIndex(({ durationTicks }, index) => {
    const seconds = track.playlist.segments[index]?.seconds
    return seconds !== undefined && Math.abs(durationTicks / list.timescaleHz - seconds) > EXACT_SECONDS
  })
  if (said >= 0) {
    const figures = `${secondsOf(list, said)} s, ${track.playlist.path} has ${track.playlist.segments[said]?.seconds ?? 0} s`
    report('dash-timeline', where, `segment ${said} lasts ${figures}`)
  }
  const { mediaZeroSeconds = 0 } = description
  const late = list.segments.findIndex(({ startTicks }, index) => {
    const measure = measureOf(track, index)
    if (measure === null) return false
    return Math.abs(startTicks / list.timescaleHz - measure.startSeconds - mediaZeroSeconds) > EXACT_SECONDS
  })
  if (late < 0) return
  const begins = (measureOf(track, late)?.startSeconds ?? 0) + mediaZeroSeconds
  const start = (list.segments[late]?.startTicks ?? 0) / list.timescaleHz
  report(
    'dash-times',
    where,
    `segment ${late} is said to begin at ${start.toFixed(3)} s, it does at ${begins.toFixed(3)} s`,
  )
}

function secondsOf({ segments, timescaleHz }: GateList, index: number): number {
  return (segments[index]?.durationTicks ?? 0) / timescaleHz
}

function checkAligned(set: readonly Matched[], report: Report): void {
  const [first, ...others] = set.flatMap(({ list, where }) => (list === null ? [] : [{ list, where }]))
  for (const { list, where } of others) {
    if (first === undefined) return
    const differs = list.segments.findIndex(({ startTicks }, index) => {
      const start = first.list.segments[index]?.startTicks
      return (
        start === undefined || Math.abs(startTicks / list.timescaleHz - start / first.list.timescaleHz) > EXACT_SECONDS
      )
    })
    if (differs < 0 && list.segments.length === first.list.segments.length) continue
    report('dash-alignment', where, `it parts from the first of its set at segment ${Math.max(differs, 0)}`)
  }
}

/** The whole as a player shows it: where it begins, and when it is over. */
function checkWhole(mpd: GateMpd, all: readonly Matched[], report: Report): void {
  const lists = all.flatMap(({ one, list, where }) =>
    list === null || list.segments.length === 0 ? [] : [{ kind: one.kind, list, where }],
  )
  const [leading] = [...lists.filter(({ kind }) => kind === 'video'), ...lists]
  if (leading === undefined) return
  const offsetOf = ({ offsetTicks, timescaleHz }: GateList): number => offsetTicks / timescaleHz
  const begins = (leading.list.segments[0]?.startTicks ?? 0) / leading.list.timescaleHz
  for (const { list, where } of lists) {
    const offset = offsetOf(list)
    const isSame = Math.abs(offset - offsetOf(leading.list)) <= EXACT_SECONDS
    // Sound alone may begin late; where more than a segment is empty, the offset is of something else.
    const isNear = begins - offset >= -NEAR_SECONDS && begins - offset <= longestOf(leading.list) + NEAR_SECONDS
    if (isSame && isNear) continue
    const figures = `${offset.toFixed(3)} s, the first segment begins at ${begins.toFixed(3)} s`
    report('dash-offset', where, `presentationTimeOffset is ${figures}`)
  }
  const last = leading.list.segments.at(-1)
  const ends =
    ((last?.startTicks ?? 0) + (last?.durationTicks ?? 0)) / leading.list.timescaleHz - offsetOf(leading.list)
  if (mpd.durationSeconds !== null && Math.abs(mpd.durationSeconds - ends) > NEAR_SECONDS) {
    const figures = `${mpd.durationSeconds} s, the segments end at ${ends.toFixed(3)} s`
    report('dash-duration', mpd.path, `mediaPresentationDuration is ${figures}`)
  }
  const longest = Math.max(...lists.map(({ list }) => longestOf(list)))
  if (mpd.longestSeconds === null || longest <= mpd.longestSeconds + 1e-6) return
  report(
    'dash-longest',
    mpd.path,
    `maxSegmentDuration is ${mpd.longestSeconds} s, a segment lasts ${longest.toFixed(3)} s`,
  )
}

export function longestOf({ segments, timescaleHz }: GateList): number {
  return segments.reduce((longest, { durationTicks }) => Math.max(longest, durationTicks), 0) / timescaleHz
}
