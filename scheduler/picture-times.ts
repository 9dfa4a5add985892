/** Pure: a container's index of pictures as the planner counts: in seconds after the container begins. */
import type { PictureIndex } from '../core/contract/picture-index'
import { toNumber } from '../core/contract/rational'
import type { VideoFacts } from '../core/contract/source'
import type { PictureTimes } from './pieces'

/** @returns Null where the master cannot be read from its middle. */
export function pictureTimes(index: PictureIndex, video: VideoFacts): PictureTimes | null {
  if (index.kind === 'none' || video.firstPicture === null) return null
  const firstSeconds = toNumber(video.firstPicture)
  const seconds = (ticks: number): number => ticks / index.timescaleHz
  const shownAt = (pts: number): number => seconds(pts - index.firstPts) + firstSeconds
  return {
    keyframes: {
      seconds: index.keyframePts.map(shownAt),
      isComplete: index.complete,
    },
    blindSeconds: seconds(index.blindTicks),
    lastSeekSeconds: shownAt(index.lastCutPts),
    pictures: isSteady(index, video) ? index.frames : null,
  }
}

/** Whether pictures are shown at just the rate that the plan counts in. */
function isSteady(
  { constantFrameTicks, timescaleHz }: PictureIndex & { kind: 'indexed' },
  { fps }: VideoFacts,
): boolean {
  return constantFrameTicks !== null && constantFrameTicks * fps.num === timescaleHz * fps.den
}
