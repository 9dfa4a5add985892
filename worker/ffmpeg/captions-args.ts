/** Pure: a captions job to the ffmpeg command that takes all text tracks out in one reading. */
import type { CaptionsJob } from '../../core/contract/job'
import type { CommandInput, FfmpegCommand } from './command'
import { FIRST_OUTPUT_PIPE } from './run'

/**
 * One pipe of WebVTT for each track. WebVTT itself is copied, which keeps the places of its cues; of the other kinds
 * what WebVTT has no word for is left out (fonts, colours, places of ASS).
 */
export function captionsCommand(job: CaptionsJob, input: CommandInput): FfmpegCommand {
  return {
    inputs: [input],
    graph: null,
    outputs: job.tracks.map(({ streamIndex, codec }, index) => ({
      target: `pipe:${FIRST_OUTPUT_PIPE + index}`,
      options: [
        ...['-map', `0:${streamIndex}`, '-c:s', codec === 'webvtt' ? 'copy' : 'webvtt'],
        ...['-map_metadata', '-1', '-map_chapters', '-1', '-f', 'webvtt'],
      ],
    })),
  }
}
