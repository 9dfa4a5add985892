/** Pure: where a master is cut into time slices that are encoded apart from each other. */
import { WHOLE_SLICE, type SegmentGrid, type TimeSlice } from '../core/contract/job'
import { toNumber, type Rational } from '../core/contract/rational'
import type { Clip } from '../core/contract/request'

export interface SliceInput {
  grid: SegmentGrid
  /** Of the asset's picture; null where nobody knows. */
  durationSeconds: number | null
  clip: Clip | null
  /** When the first picture is shown, in seconds after the container begins. */
  firstPicture: Rational
  /** Media seconds that one slot makes in the time that a piece should take. */
  pieceSeconds: number
  /** Segments of the first piece, where it has to be there soon: each after it is twice as long. Null: all are of one length. */
  firstSegments: number | null
  /** How many pictures before a slice its filters look at. */
  marginPictures: number
  keyframes: KnownKeyframes
  /** A seek may land on a keyframe that is so much later than what was sought. */
  blindSeconds: number
  /** Nothing later is sought, in seconds after the container begins: what is near the end may come out with holes. */
  lastSeekSeconds: number
  /** All pictures of the master where they are evenly spaced, by its own index; null where nobody knows. */
  pictures: number | null
}

/** In seconds after the container begins, rising. */
export interface KnownKeyframes {
  seconds: readonly number[]
  /** Whether there are no others. */
  isComplete: boolean
}

/** Below two pieces' worth a master is encoded whole: a cut would cost more than it saves. */
const LEAST_PIECES = 2
/** How far a cut may move to lie nearer behind a keyframe of the master, as a part of a piece's length. */
const REACH = 0.25
/** A second of this costs as much as one of decoding what is thrown away: it keeps pieces of one length where both are equal. */
const UNEVEN_WEIGHT = 0.01
/** Masters with a keyframe each 10 s are common, and decoding costs a fraction of encoding. */
const USUAL_WASTE_SECONDS = 30
/** ffmpeg seeks this much earlier in containers that are sought by decode time (3/23 s), and a little more is allowed for. */
const SEEK_BACK_SECONDS = 0.15

/**
 * Slices of about one length, cut at the grid of segments, so that names and numbers follow from the plan. Where the
 * master's own keyframes are known, each cut is moved by some segments to lie as near behind one as it can: what a piece
 * decodes before its first picture is thrown away.
 */
export function planSlices(input: SliceInput): TimeSlice[] {
  const cuts = input.durationSeconds === null ? [] : chooseCuts(input, input.durationSeconds)
  const lines = [wholeSlice(input), ...cuts.map((segment) => sliceAt(input, segment))]
  return lines.map((slice, index) => {
    const next = lines[index + 1]
    const pictures = picturesOf(input, cuts[index - 1] ?? null, cuts[index] ?? null)
    return { ...slice, index, pictures, endTicks: next === undefined ? endOf(input) : next.startTicks }
  })
}

/** Segment numbers at which pieces after the first begin, rising. */
function chooseCuts(input: SliceInput, durationSeconds: number): number[] {
  const length = segmentSeconds(input.grid)
  const cuts: number[] = []
  for (const { ideal, pieceSegments } of idealCuts(input, durationSeconds)) {
    const reach = REACH * pieceSegments
    const least = Math.max((cuts.at(-1) ?? 0) + 1, Math.ceil(ideal - reach))
    const most = Math.min(Math.ceil(durationSeconds / length) - 1, Math.floor(ideal + reach))
    const nearest = Math.max(least, Math.round(ideal))
    const candidates = range(least, Math.max(most, nearest)).filter((segment) => canBegin(input, segment))
    const cut = cheapest(candidates, (segment) => {
      return wasteSeconds(input, segment) + UNEVEN_WEIGHT * length * Math.abs(segment - ideal)
    })
    if (cut !== null) cuts.push(cut)
  }
  return cuts
}

interface IdealCut {
  /** In segments, not always whole ones. */
  ideal: number
  /** Of the piece before it. */
  pieceSegments: number
}

function idealCuts(input: SliceInput, durationSeconds: number): IdealCut[] {
  const { grid, pieceSeconds } = input
  const length = segmentSeconds(grid)
  const segments = durationSeconds / length
  const rising = risingCuts(input, segments)
  const from = rising.at(-1)?.ideal ?? 0
  const restSeconds = durationSeconds - from * length
  const wanted = Math.min(Math.ceil(segments - from), Math.floor(restSeconds / pieceSeconds + 0.5))
  if (wanted < LEAST_PIECES || restSeconds < LEAST_PIECES * pieceSeconds) return rising
  const pieceSegments = (segments - from) / wanted
  const even = range(1, wanted - 1).map((piece) => ({ ideal: from + piece * pieceSegments, pieceSegments }))
  return [...rising, ...even]
}

/** Until a piece would have the usual length. A slot that is twice as fast as a viewer is ahead of him all the time then. */
function risingCuts({ firstSegments, pieceSeconds, grid }: SliceInput, segments: number): IdealCut[] {
  const most = pieceSeconds / segmentSeconds(grid)
  const cuts: IdealCut[] = []
  let end = 0
  for (let next = firstSegments ?? Infinity; next < most && end + next < segments; next *= 2) {
    end += next
    cuts.push({ ideal: end, pieceSegments: next })
  }
  return cuts
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

function canBegin(input: SliceInput, segment: number): boolean {
  const { durationSeconds, grid, pieceSeconds } = input
  const isWithin = durationSeconds === null || segment * segmentSeconds(grid) < durationSeconds
  // A picture that comes late is shown from 0, so it is of the first slice, whatever its own time is.
  const hasBefore = firstIn(input, segment) > Math.max(0, firstIn(input, 0))
  return isWithin && hasBefore && wasteSeconds(input, segment) <= Math.max(pieceSeconds, USUAL_WASTE_SECONDS)
}

function cheapest(candidates: readonly number[], cost: (candidate: number) => number): number | null {
  const costs = candidates.map(cost)
  return candidates[costs.indexOf(Math.min(...costs))] ?? null
}

/** What is decoded before the slice begins; nothing is said of it where no keyframe is known. */
function wasteSeconds(input: SliceInput, segment: number): number {
  const needed = neededSeconds(input, segment)
  const { seconds } = input.keyframes
  const before = seconds[countUntil(seconds, Math.min(needed, input.lastSeekSeconds)) - 1]
  return before === undefined ? 0 : needed - before
}

function sliceAt(input: SliceInput, segment: number): Pick<TimeSlice, 'startTicks' | 'seekSeconds'> {
  return { startTicks: lineTicks(input, firstIn(input, segment)), seekSeconds: seekSeconds(input, segment) }
}

/** Number of the first picture of a segment, on the nominal grid that begins with the master's first picture. */
function firstIn({ grid, clip, firstPicture }: SliceInput, segment: number): number {
  const startSeconds = segment * segmentSeconds(grid) + (clip?.inSeconds ?? 0) - toNumber(firstPicture)
  return Math.round(startSeconds * toNumber(grid.fps))
}

/** Half a picture before it is shown. */
function lineTicks({ grid, clip, firstPicture }: SliceInput, picture: number): number {
  const seconds = toNumber(firstPicture) - (clip?.inSeconds ?? 0) + (picture - 0.5) / toNumber(grid.fps)
  return Math.round(seconds * grid.timescaleHz)
}

/** In seconds of the container. */
function neededSeconds(input: SliceInput, segment: number): number {
  const pictures = firstIn(input, segment) - input.marginPictures
  return toNumber(input.firstPicture) + pictures / toNumber(input.grid.fps)
}

/**
 * A whole second from which ffmpeg lands on the last keyframe that is early enough. It may lie behind the slice's start
 * where no other keyframe is between; where they are not all known it may not.
 */
function seekSeconds(input: SliceInput, segment: number): number {
  const { seconds, isComplete } = input.keyframes
  const needed = Math.min(neededSeconds(input, segment), input.lastSeekSeconds)
  const early = Math.max(0, Math.floor(needed - input.blindSeconds))
  const known = countUntil(seconds, needed)
  const keyframe = seconds[known - 1]
  if (keyframe === undefined) return early
  const after = isComplete ? (seconds[known] ?? Infinity) : needed
  const direct = Math.ceil(keyframe + SEEK_BACK_SECONDS)
  return direct + input.blindSeconds < after && direct <= input.lastSeekSeconds ? direct : early
}

/** How many of rising numbers are at most `limit`. */
function countUntil(rising: readonly number[], limit: number): number {
  let [low, high] = [0, rising.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rising[middle] ?? Infinity) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

function wholeSlice(input: SliceInput): TimeSlice {
  const { clip } = input
  const seek = clip === null ? 0 : Math.floor(clip.inSeconds)
  return { ...WHOLE_SLICE, seekSeconds: seek, endTicks: endOf(input), pictures: picturesOf(input, null, null) }
}

/** Containers round times by half a millisecond; a picture that is shown at the end of a clip is not in it. */
const ROUNDING_SECONDS = 0.0011

function endOf({ clip, grid }: SliceInput): number | null {
  if (clip === null || clip.outSeconds === null) return null
  return Math.round((clip.outSeconds - clip.inSeconds - ROUNDING_SECONDS) * grid.timescaleHz)
}

/** Between two cuts; null is the master's start or end. Nothing is known of the ends of a clip. */
function picturesOf(input: SliceInput, from: number | null, to: number | null): number | null {
  const { pictures, clip } = input
  if (pictures === null || (clip !== null && (from === null || to === null))) return null
  return (to === null ? pictures : firstIn(input, to)) - (from === null ? 0 : firstIn(input, from))
}

function segmentSeconds({ fps, gopFrames, gopsPerSegment }: SegmentGrid): number {
  return (gopFrames * gopsPerSegment) / toNumber(fps)
}
