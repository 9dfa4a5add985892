/** From the tables of an MP4 track to the times at which ffmpeg shows its pictures, and where its seek lands. */
import type { IndexedPictures } from '../../core/contract/picture-index'
import { viewOf } from '../mp4/boxes'
import { shownPart, type ShownPart } from './mp4-edits'
import { visitSamples } from './mp4-samples'
import type { TrackTables } from './mp4-tables'
import { refused } from './refused'

export function indexedPictures(tables: TrackTables): IndexedPictures {
  const part = shownPart(tables)
  const shown = surveyShown(tables, part)
  return {
    kind: 'indexed',
    timescaleHz: tables.timescaleHz,
    ...readKeyframes(tables, part, shown),
    firstPts: shown.firstTicks + originOf(shown, part).shownShift,
    frames: shown.frames,
    constantFrameTicks: constantTicks(tables, part, shown),
    lastCutPts: shown.lastCutTicks + originOf(shown, part).shownShift,
  }
}

/** In ticks of the media, before the edit list moves them. */
interface Shown {
  frames: number
  /** Shown first. */
  firstTicks: number
  /** Decoded first among what is shown. */
  firstDecodeTicks: number
  /** The last picture that has `PICTURES_AFTER_CUT` behind it, or the first. */
  lastCutTicks: number
}

/** Fewer than 7 were lost (measured); a decoder of H.264 or HEVC never holds back more than 16. */
const PICTURES_AFTER_CUT = 17
/** So many last ones are kept, in the order of decoding, that the last 17 to be shown are among them. */
const TAIL_PICTURES = 64

function isShown(compositionTicks: number, part: ShownPart | null): boolean {
  return part === null || (compositionTicks >= part.fromTicks && compositionTicks < part.toTicks)
}

function surveyShown(tables: TrackTables, part: ShownPart | null): Shown {
  const shown = { frames: 0, firstTicks: Infinity, firstDecodeTicks: 0 }
  const tail = new Float64Array(TAIL_PICTURES)
  visitSamples(tables, (decodeTicks, compositionTicks) => {
    if (!isShown(compositionTicks, part)) return
    if (shown.frames === 0) shown.firstDecodeTicks = decodeTicks
    tail[shown.frames % TAIL_PICTURES] = compositionTicks
    shown.frames += 1
    shown.firstTicks = Math.min(shown.firstTicks, compositionTicks)
  })
  if (shown.frames === 0) throw refused('none of its pictures is shown')
  const last = tail.subarray(0, shown.frames).sort()
  return { ...shown, lastCutTicks: last.at(-1 - PICTURES_AFTER_CUT) ?? shown.firstTicks }
}

/** What is added to times of the media. */
interface Origin {
  /** Gives the time at which a sample is shown. */
  shownShift: number
  /** Gives, from a keyframe's decode time, the first time whose seek lands on it. */
  seekShift: number
}

/**
 * With an edit list ffmpeg (`mov_fix_index`) lets the first picture shown begin right after the pause, whatever the
 * list says to the tick. Its seek takes the reordering delay of that picture off the time asked for and looks for the
 * last keyframe *decoded* until then; without a list it takes nothing off.
 */
function originOf(shown: Shown, part: ShownPart | null): Origin {
  if (part === null) return { shownShift: 0, seekShift: 0 }
  const { firstTicks, firstDecodeTicks } = shown
  const { pauseTicks } = part
  return {
    shownShift: pauseTicks - firstTicks,
    seekShift: pauseTicks - firstDecodeTicks,
  }
}

/** A film with a keyframe each second has 43,200 in 12 hours. */
const KEYFRAMES_MAX = 131_072

interface Keyframe {
  pts: number
  /** The first time whose seek lands on it. */
  landsFrom: number
  isShown: boolean
}

type Keyframes = Pick<IndexedPictures, 'keyframePts' | 'complete' | 'blindTicks'>

function readKeyframes(tables: TrackTables, part: ShownPart | null, shown: Shown): Keyframes {
  const { shownShift, seekShift } = originOf(shown, part)
  const list = keyframeList(thinning(tables, shown))
  let latestTicks = -Infinity
  visitSamples(tables, (decodeTicks, compositionTicks, isKeyframe) => {
    if (isKeyframe) {
      if (compositionTicks <= latestTicks) throw refused('pictures before a keyframe are shown after it')
      const landsFrom = decodeTicks + seekShift
      list.add({ pts: compositionTicks + shownShift, landsFrom, isShown: isShown(compositionTicks, part) })
    } else if (latestTicks === -Infinity) throw refused('it does not begin with a keyframe')
    latestTicks = Math.max(latestTicks, compositionTicks)
  })
  return list.end()
}

/** Keeps a keyframe when the next is known: only then it is sure that a seek to it does not land behind it. */
function keyframeList(apartTicks: number): { add(next: Keyframe): void; end(): Keyframes } {
  const keyframePts: number[] = []
  let complete = true
  let blindTicks = 0
  let last: Keyframe | null = null
  const keep = ({ pts, isShown }: Keyframe, nextLandsFrom: number): void => {
    if (!isShown) return
    if (nextLandsFrom > pts && pts - (keyframePts.at(-1) ?? -Infinity) >= apartTicks) keyframePts.push(pts)
    else complete = false
  }
  return {
    add: (next) => {
      if (last !== null) keep(last, next.landsFrom)
      blindTicks = Math.max(blindTicks, next.pts - next.landsFrom)
      last = next
    },
    end: () => {
      if (last !== null) keep(last, Infinity)
      return { keyframePts, complete, blindTicks }
    },
  }
}

/** Where nearly each picture is a keyframe not all are listed: ticks between those that are. */
function thinning({ keyframes, timescaleHz }: TrackTables, { frames }: Shown): number {
  const most = keyframes === null ? frames : keyframes.byteLength / 4
  return most <= KEYFRAMES_MAX ? 0 : timescaleHz
}

/** Null unless the pictures stand on a grid, one on each of its points. */
function constantTicks(tables: TrackTables, part: ShownPart | null, shown: Shown): number | null {
  const { frames, firstTicks } = shown
  const stepTicks = viewOf(tables.durations).getUint32(4)
  if (stepTicks === 0) return null
  const taken = new Uint8Array(frames)
  let onGrid = 0
  visitSamples(tables, (_, compositionTicks) => {
    if (!isShown(compositionTicks, part)) return
    const place = (compositionTicks - firstTicks) / stepTicks
    if (!Number.isInteger(place) || taken[place] !== 0) return
    taken[place] = 1
    onGrid += 1
  })
  return onGrid === frames ? stepTicks : null
}
