/** How ffmpeg is told to give a slice of a master, and where a slice may begin. All times as in the picture index. */
import type { IndexedPictures } from '../../core/contract/picture-index'

/**
 * Words that must stand before the `-i` of the master. ffmpeg then gives the pictures from `fromPts` to before `toPts`,
 * the first of them at time 0.
 *
 * - `-seek_timestamp 1`: else the container's start time is added to `-ss`, which sound with a delay changes.
 * - `-t` counts from the first picture that is given, so both ends must be times of pictures, exactly.
 * - The first slice has no `-ss`: nothing before its first picture is to be left out.
 *
 * @param fromPts A picture at which `canBeginAt` holds; null for the beginning of the master.
 * @param toPts Where the next slice begins; null for the end.
 */
export function sliceWords(index: IndexedPictures, fromPts: number | null, toPts: number | null): string[] {
  const { timescaleHz, firstPts } = index
  const start = fromPts === null ? [] : ['-seek_timestamp', '1', '-ss', secondsText(fromPts, timescaleHz)]
  const length = toPts === null ? [] : ['-t', secondsText(toPts - (fromPts ?? firstPts), timescaleHz)]
  return [...start, ...length]
}

/**
 * Whether ffmpeg's seek gives all pictures from this one on.
 *
 * @param pts When a picture is shown, exactly. That there is one only the index of keyframes or its grid can tell.
 */
export function canBeginAt({ keyframePts, blindTicks, complete, lastCutPts }: IndexedPictures, pts: number): boolean {
  if (pts > lastCutPts) return false
  const next = firstAtOrAfter(keyframePts, pts)
  const keyframe = keyframePts[next]
  if (keyframe === pts) return true
  if (next === 0) return false
  if (blindTicks === 0) return true
  return complete && (keyframe === undefined || pts + blindTicks < keyframe)
}

const MICROSECONDS = 1_000_000n

/**
 * ffmpeg reads microseconds and rounds them to the track's ticks. Up to a million ticks a second the nearest microsecond
 * comes back as the same tick; of finer ticks the microsecond before is taken, so that no picture is lost.
 */
function secondsText(ticks: number, timescaleHz: number): string {
  const scaled = BigInt(Math.abs(ticks)) * MICROSECONDS
  const hz = BigInt(timescaleHz)
  const nearest = (2n * scaled + hz) / (2n * hz)
  const before = ticks < 0 ? (scaled + hz - 1n) / hz : scaled / hz
  const micros = hz <= MICROSECONDS ? nearest : before
  return `${ticks < 0 ? '-' : ''}${micros / MICROSECONDS}.${String(micros % MICROSECONDS).padStart(6, '0')}`
}

/** Index of the first number that is not below; the length where there is none. */
function firstAtOrAfter(rising: readonly number[], value: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rising[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}
