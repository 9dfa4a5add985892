/** Pure: an audio job to the ffmpeg command that encodes one sound track whole. */
import type { AudioJob } from '../../core/contract/job'
import { TIMELINE_OFFSET_SECONDS } from '../../core/contract/job'
import type { CommandInput, FfmpegCommand } from './command'
import { FIRST_OUTPUT_PIPE } from './run'
import { fragmentWords } from './video-args'

/**
 * Length of one fragment. Segments are cut between fragments at the segment grid, so they end within half a
 * fragment of the picture's segments and never drift away from them, as fragments of a whole segment would (21 ms each).
 */
export const AUDIO_FRAGMENT_SECONDS = 0.5

/**
 * Sound starts at 0 of the timeline: a late track is filled with silence, a gap of more than 100 ms as well, so that
 * the coded frames are contiguous. Nothing is stretched.
 */
export function audioCommand(job: AudioJob, input: CommandInput): FfmpegCommand {
  const { encode } = job
  return {
    inputs: [input],
    graph: null,
    outputs: [
      {
        target: `pipe:${FIRST_OUTPUT_PIPE}`,
        options: [
          ...['-map', `0:${job.streamIndex}`, '-af', 'aresample=async=1:first_pts=0'],
          ...['-ac', String(encode.channels), '-ar', String(encode.sampleRateHz)],
          ...['-c:a', 'aac', '-b:a', String(encode.bitrateBps)],
          ...['-output_ts_offset', String(TIMELINE_OFFSET_SECONDS), '-map_metadata', '-1', '-map_chapters', '-1'],
          ...['-frag_duration', String(AUDIO_FRAGMENT_SECONDS * 1e6)],
          ...fragmentWords(),
        ],
      },
    ],
  }
}
