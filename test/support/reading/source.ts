/** What the master itself gives, by ffmpeg's own choice of streams: the truth that an asset is held against. */
import { probeJson } from '../run-program'
import { pictureCount, soundSpan } from './decoding'

export interface MasterTruth {
  /** Pictures it decodes to; 0 without a video stream. */
  pictures: number
  /** Width by height as it is shown: with its pixels' shape, and turned; null without pictures. */
  shape: number | null
  soundEndSeconds: number | null
}

interface Shown {
  frames: { width: number; height: number; sample_aspect_ratio?: string; side_data_list?: { rotation?: number }[] }[]
  streams: { index: number; width: number; height: number; side_data_list?: { rotation?: number }[] }[]
}

/** @throws When the master decodes to nothing: then an empty asset would look right. */
export async function readMaster(sourcePath: string): Promise<MasterTruth> {
  const pictures = await pictureCount(sourcePath)
  const soundEndSeconds = (await soundSpan(sourcePath))?.endSeconds ?? null
  if (pictures === 0 && soundEndSeconds === null) throw new Error(`${sourcePath} decodes to nothing`)
  return { pictures, soundEndSeconds, shape: pictures === 0 ? null : await shownShape(sourcePath) }
}

/** ffmpeg takes the video stream with the most pixels, the first of several. */
async function shownShape(sourcePath: string): Promise<number> {
  const { streams } = await probeJson<Shown>(sourcePath, '-select_streams', 'V', '-show_streams')
  const [best] = [...streams].sort((one, other) => other.width * other.height - one.width * one.height)
  const only = ['-select_streams', String(best?.index ?? 0), '-read_intervals', '%+#1', '-show_frames']
  const [frame] = (await probeJson<Shown>(sourcePath, ...only)).frames
  if (best === undefined || frame === undefined) throw new Error(`${sourcePath} has no first picture`)
  const [num = 1, den = 1] = (frame.sample_aspect_ratio ?? '1:1').split(':').map(Number)
  const shape = (frame.width / frame.height) * (num > 0 && den > 0 ? num / den : 1)
  const rotation = best.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0
  return Math.abs(rotation) % 180 === 90 ? 1 / shape : shape
}
