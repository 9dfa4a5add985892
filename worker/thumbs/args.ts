/** Pure: ffmpeg commands for pictures from the keyframes of stored segments. */
import type { CommandInput, FfmpegCommand } from '../ffmpeg/command'
import { toneMapping } from '../ffmpeg/video-args'
import type { Transfer } from '../../core/contract/source'
import type { Size, SpriteGrid } from './pick'

/**
 * Decodes keyframes only: half a percent of what the ladder cost (measured). Stands before the input. dav1d decodes all of
 * AV1 in spite of it (seen with ffmpeg 5.1), so the filter takes keyframes once more.
 */
export const KEYFRAMES_ONLY: readonly string[] = ['-skip_frame', 'nokey']

/** Names of our own in the attempt's folder; `%05d` counts from 0. */
export const PICTURE_FILE = 'picture-%05d.jpg'

export function pictureFile(number: number): string {
  return `picture-${String(number).padStart(5, '0')}.jpg`
}

/** Size of a JPEG and what the rung it is made from is tagged as. */
export interface PictureShape extends Size {
  range: Transfer
}

/** One JPEG for every `every`-th keyframe. */
export function picturesCommand(input: CommandInput, every: number, size: PictureShape): FfmpegCommand {
  return command(input, `${selectEvery(every)},${scale(size)}`, [])
}

/** Only the keyframe with this number. */
export function singlePictureCommand(input: CommandInput, keyframe: number, size: PictureShape): FfmpegCommand {
  return command(input, `select='eq(n,${keyframe})',${scale(size)}`, ['-frames:v', '1'])
}

/** Sheets of tiles in reading order; the last one is filled up with black. */
export function spritesCommand(input: CommandInput, every: number, grid: SpriteGrid, range: Transfer): FfmpegCommand {
  return command(input, `${selectEvery(every)},${scale({ ...grid.tile, range })},tile=${grid.columns}x${grid.rows}`, [])
}

function command(input: CommandInput, chain: string, options: readonly string[]): FfmpegCommand {
  return {
    inputs: [{ ...input, options: [...KEYFRAMES_ONLY, ...input.options] }],
    graph: `[0:v:0]select=key,${chain}[out]`,
    outputs: [
      {
        target: PICTURE_FILE,
        options: [
          ...['-map', '[out]', '-fps_mode', 'vfr', '-c:v', 'mjpeg', '-q:v', '4', ...options],
          ...['-f', 'image2', '-start_number', '0'],
        ],
      },
    ],
  }
}

function selectEvery(every: number): string {
  return `select='not(mod(n,${every}))'`
}

/** Source: JFIF 1.02: its colours are those of BT.601 in full range, whatever the film's are. */
function scale({ widthPx, heightPx, range }: PictureShape): string {
  const mapped = toneMapping(range)
    .map((filter) => `${filter},`)
    .join('')
  return `${mapped}scale=${widthPx}:${heightPx}:flags=bicubic:out_range=pc:out_color_matrix=bt601,setsar=1,format=yuvj420p`
}
