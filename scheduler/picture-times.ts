/** Pure: a container's index of pictures as the planner counts: in seconds after the container begins. */
import type { PictureIndex } from '../core/contract/picture-index'
import { toNumber } from '../core/contract/rational'
import type { Container, SourceFacts, VideoFacts } from '../core/contract/source'
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
    isCopied: false,
  }
}

/** Whether pictures are shown at just the rate that the plan counts in. */
function isSteady(
  { constantFrameTicks, timescaleHz }: PictureIndex & { kind: 'indexed' },
  { fps }: VideoFacts,
): boolean {
  return constantFrameTicks !== null && constantFrameTicks * fps.num === timescaleHz * fps.den
}

/** Containers that keep a time for each picture but no index. */
const COPIED_CONTAINERS: readonly Container[] = ['mpegts', 'mpegps']
/** Codecs that our writer of MP4 knows, and whose pictures ffmpeg decodes alike from it. */
const COPIED_CODECS: readonly string[] = ['h264', 'hevc', 'av1', 'mpeg1video', 'mpeg2video']

/**
 * What is known of a master whose pictures will be copied into a container with an index: nothing but that any slice can be
 * read then.
 *
 * @returns Null where that cannot be done, or is not needed.
 */
export function copiedTimes(index: PictureIndex, { container, video }: SourceFacts): PictureTimes | null {
  const lacksIndex = COPIED_CONTAINERS.includes(container) || (index.kind === 'none' && index.isFragmented === true)
  if (!lacksIndex || video === null || video.firstPicture === null || video.leadSeconds > 0) return null
  if (!COPIED_CODECS.includes(video.codec)) return null
  const keyframes = { seconds: [], isComplete: false }
  return { keyframes, blindSeconds: 0, lastSeekSeconds: Infinity, pictures: null, isCopied: true }
}
