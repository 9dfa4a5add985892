/** Pure: the ffmpeg command that takes all text tracks of a master out in one reading. */
import type { CaptionTrack, SourceInput } from '../../core/contract/job'
import type { CommandInput, FfmpegCommand } from './command'
import { FIRST_OUTPUT_PIPE } from './run'
import { windowWords, windowWordsAfter } from './window'

/**
 * One pipe of WebVTT for each track. WebVTT itself is copied, which keeps the places of its cues; of the other kinds
 * what WebVTT has no word for is left out (fonts, colours, places of ASS).
 */
export function captionsCommand(
  source: SourceInput,
  tracks: readonly CaptionTrack[],
  input: CommandInput,
): FfmpegCommand {
  return {
    inputs: [{ url: input.url, options: [...input.options, ...windowWords(source)] }],
    graph: null,
    outputs: tracks.map(({ streamIndex, codec }, index) => ({
      target: `pipe:${FIRST_OUTPUT_PIPE + index}`,
      options: [
        ...windowWordsAfter(source),
        ...['-map', `0:${streamIndex}`, '-c:s', codec === 'webvtt' ? 'copy' : 'webvtt'],
        ...['-map_metadata', '-1', '-map_chapters', '-1', '-f', 'webvtt'],
      ],
    })),
  }
}
