/** Pure: the picture of a master as jobs, one for each time slice and group of rungs. */
import type { TimeSlice, VideoEncode } from '../core/contract/job'
import type { SourceFacts, VideoFacts } from '../core/contract/source'
import type { Clip } from '../core/contract/request'
import type { Selection } from '../ladders/select'
import { rungGroups } from './cost/memory'
import { stretchOf, type KnownSpeeds } from './cost/known-speeds'
import { pieceCost } from './cost/model'
import { pieceClass } from './cost/piece-class'
import { pictureWork, rungWork, type PieceEncoding } from './cost/piece-work'
import { planSlices, type KnownKeyframes } from './slices'

/** What the master's own index tells of its picture, or what will be true of a copy of it. */
export interface PictureTimes {
  keyframes: KnownKeyframes
  /** A seek may land on a keyframe that is so much later than what was sought. */
  blindSeconds: number
  /** Nothing later is sought. */
  lastSeekSeconds: number
  /** All pictures, where they are evenly spaced. */
  pictures: number | null
  /** Of a copy that has to be made first, since the master has no index itself. */
  isCopied: boolean
}

export interface PieceInput {
  facts: SourceFacts
  video: NonNullable<Selection['video']>
  clip: Clip | null
  /** Null: the master cannot be read from its middle, and is encoded whole. */
  times: PictureTimes | null
  /** Asked for; null leaves it to the cost model. */
  pieceSeconds: number | null
  slotMemoryBytes: number
  speeds: KnownSpeeds
  /** Whether the beginning is to be played while the rest is encoded. */
  isEarly: boolean
}

export interface PlannedPiece {
  /** `video-0003`, or `video-0003-b` for a second group of rungs. */
  part: string
  slice: TimeSlice
  rungs: readonly VideoEncode[]
  /** Null where nobody knows. */
  durationSeconds: number | null
}

/** Wall time of a piece on one slot: long enough that its start costs nothing, short enough that a lost one costs little. */
const PIECE_SLOT_SECONDS = 60

/** Filters that look at their neighbours: bwdif at one picture on each side, a constant rate at the one before. */
const MARGIN_PICTURES = 2

const GROUP_NAMES = ['', '-b']

/** No ladder is so dear that a slot needs a minute for less. */
const LEAST_PIECE_SECONDS = 5

/** Of the first piece of what is played early: a player begins with one, and has another until the next piece is there. */
const FIRST_SEGMENTS = 2

/** Whether it is worth to look at the master's index. */
export function mayBeCut(
  { video, durationSeconds }: SourceFacts,
  { pieceSeconds, isEarly }: Pick<PieceInput, 'pieceSeconds' | 'isEarly'>,
): boolean {
  if (video === null) return false
  const leastSeconds = Math.min(pieceSeconds ?? LEAST_PIECE_SECONDS, isEarly ? LEAST_PIECE_SECONDS : Infinity)
  return (video.durationSeconds ?? durationSeconds ?? 0) >= 2 * leastSeconds
}

/** In order of the timeline; groups of one slice follow each other. */
export function planPieces(input: PieceInput): PlannedPiece[] {
  const { facts, video } = input
  const durationSeconds = facts.video?.durationSeconds ?? facts.durationSeconds
  const groups = rungGroups(video.rungs, input.slotMemoryBytes)
  const slices = slicesOf(input, durationSeconds)
  return slices.flatMap((slice) =>
    groups.map((rungs, group) => ({
      part: `video-${String(slice.index).padStart(4, '0')}${GROUP_NAMES[group] ?? ''}`,
      ...{ slice, rungs, durationSeconds: lengthOf(slice, input, durationSeconds) },
    })),
  )
}

function slicesOf(input: PieceInput, durationSeconds: number | null): TimeSlice[] {
  const { facts, video, clip, times } = input
  const { grid, picture } = video
  const hasMargin = picture.deinterlace || picture.constantRate
  return planSlices({
    ...{ grid, clip, durationSeconds: times === null ? null : durationSeconds },
    firstPicture: facts.video?.firstPicture ?? { num: 0, den: 1 },
    pieceSeconds:
      input.pieceSeconds ?? (facts.video === null ? Infinity : secondsPerPiece(facts.video, video, input.speeds)),
    firstSegments: input.isEarly ? FIRST_SEGMENTS : null,
    marginPictures: hasMargin ? MARGIN_PICTURES : 0,
    keyframes: times?.keyframes ?? { seconds: [], isComplete: false },
    blindSeconds: times?.blindSeconds ?? 0,
    lastSeekSeconds: times?.lastSeekSeconds ?? Infinity,
    pictures: times?.pictures ?? null,
  })
}

/** Media seconds that one slot encodes in the time for a piece. */
export function secondsPerPiece(video: VideoFacts, encoding: PieceEncoding, speeds: KnownSpeeds): number {
  const picture = pictureWork(video, encoding, 0)
  const rungs = encoding.rungs.map((rung) => rungWork(rung, encoding))
  const { factor } = stretchOf(speeds, pieceClass(picture, rungs))
  return PIECE_SLOT_SECONDS / (factor * pieceCost(picture, rungs, 1))
}

function lengthOf(slice: TimeSlice, { video }: PieceInput, durationSeconds: number | null): number | null {
  const { timescaleHz } = video.grid
  const startSeconds = Math.max(0, slice.startTicks) / timescaleHz
  const endSeconds = slice.endTicks === null ? durationSeconds : slice.endTicks / timescaleHz
  return endSeconds === null ? null : Math.max(0, endSeconds - startSeconds)
}
