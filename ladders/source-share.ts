/** How many bits a rung can need at most: not many more than the master spent on the same picture. */
import type { VideoCodec } from '../core/contract/job'
import { toNumber } from '../core/contract/rational'
import type { SourceFacts } from '../core/contract/source'
import type { PictureSize } from './picture-size'

/** A second encode needs somewhat more bits for what the first has left. Source: research on peers' ladder trimming. */
const HEADROOM = 1.2

/**
 * Bits that H.264 needs for what the codec says in one, at usual settings: a rough scale, on the generous side.
 * Codecs that are not here spend so many bits that no share of them limits anything.
 */
const H264_BITS_PER_BIT: Readonly<Record<string, number>> = {
  h264: 1,
  hevc: 1.8,
  av1: 2.2,
  vp9: 1.7,
  vp8: 1,
  vc1: 1,
  wmv3: 1,
  mpeg4: 0.8,
  msmpeg4v3: 0.8,
  mpeg2video: 0.7,
  mpeg1video: 0.7,
}

/** What a rung's codec needs of H.264's bits. */
const BITS_PER_H264_BIT: Readonly<Record<VideoCodec, number>> = { h264: 1, hevc: 0.8, av1: 0.7 }

/** Small pictures need more bits a pixel: rate goes with the 0.75th power of the pixels (a rule of thumb in the field). */
const PIXEL_EXPONENT = 0.75

/** Below it a capped picture falls apart at any size worth watching. */
const LEAST_CAP_BPS = 50_000

/** @returns Null where the master does not tell its rate, or its codec says nothing of what a picture needs. */
export function shareOfSource(
  facts: SourceFacts,
  rung: PictureSize & { codec: VideoCodec; frameStep: number },
): number | null {
  const { video } = facts
  const scale = video === null ? undefined : H264_BITS_PER_BIT[video.codec]
  const sourceBps = pictureBps(facts)
  if (video === null || scale === undefined || sourceBps === null) return null
  const pixels = (rung.widthPx * rung.heightPx) / (video.displayWidthPx * video.displayHeightPx)
  const size = Math.min(1, pixels) ** PIXEL_EXPONENT
  const share = sourceBps * scale * BITS_PER_H264_BIT[rung.codec] * size
  return Math.max(LEAST_CAP_BPS, Math.round((HEADROOM * share) / Math.sqrt(rung.frameStep)))
}

/** As the track says, else all bytes of the file over its duration: too much by the sound, which does no harm. */
function pictureBps({ video, bytes, durationSeconds }: SourceFacts): number | null {
  if (video === null) return null
  if (video.bitrateBps !== null && video.bitrateBps > 0) return video.bitrateBps
  const seconds = video.durationSeconds ?? durationSeconds
  if (seconds === null || seconds < SHORT_SECONDS || toNumber(video.fps) <= 0) return null
  return (8 * bytes) / seconds
}

/** Of a few pictures the first one's bits are most; an average says nothing. */
const SHORT_SECONDS = 1
