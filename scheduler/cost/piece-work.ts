/** Pure: what encoding a picture is to the cost model. */
import type { VideoEncode, VideoPieceJob } from '../../core/contract/job'
import { reduced } from '../../core/contract/rational'
import type { VideoFacts } from '../../core/contract/source'
import type { PictureWork, RungWork } from './work'

/** The parts of a piece that say what it costs; all pieces of a run share them. */
export type PieceEncoding = Pick<VideoPieceJob, 'grid' | 'picture' | 'rungs' | 'copiedBy'>

export function pictureWork(
  video: VideoFacts,
  { picture, rungs, copiedBy }: PieceEncoding,
  pieces: number,
): PictureWork {
  return {
    codec: video.codec,
    widthPx: video.codedWidthPx,
    heightPx: video.codedHeightPx,
    fps: video.fps,
    isInterlaced: picture.deinterlace,
    isToneMapped: picture.transfer !== 'sdr' && rungs.some(({ range }) => range === 'sdr'),
    pieces,
    isCopied: copiedBy !== undefined,
  }
}

export function rungWork({ id, codec, preset, bits, ...rung }: VideoEncode, { grid }: PieceEncoding): RungWork {
  const { widthPx, heightPx, frameStep, maxBitrateBps } = rung
  const fps = reduced({ num: grid.fps.num, den: grid.fps.den * frameStep })
  return { id, codec, preset, bits, widthPx, heightPx, fps, maxBitrateBps }
}
