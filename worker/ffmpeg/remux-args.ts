/** Pure: a remux job to the ffmpeg command that copies the coded pictures of a master. */
import { TIMELINE_OFFSET_SECONDS, type RemuxJob } from '../../core/contract/job'
import type { CommandInput, FfmpegCommand } from './command'
import { FIRST_OUTPUT_PIPE } from './run'
import { fragmentWords } from './video-args'
import { companionOutputs } from './zero'

/** However long a GOP is, no more than this waits in ffmpeg. */
const FRAGMENT_MICROSECONDS = 1_000_000
const FRAGMENT_BYTES = 32 * 2 ** 20

/**
 * The master's own times, counted from its start: `copyts` leaves jumps of the container's clock in, which ffmpeg takes out
 * by what it knows of the pictures, and it knows other things of coded ones. A copy with a jump is not used.
 */
const OWN_TIMES = ['-copyts', '-start_at_zero']

/**
 * All packets, also those before the first keyframe: a decoder makes of them what it makes of the master. Program streams
 * leave some times out that follow from those around them (`genpts`).
 */
export function remuxCommand({ source, streamIndex }: RemuxJob, input: CommandInput): FfmpegCommand {
  return {
    inputs: [{ url: input.url, options: [...OWN_TIMES, ...input.options, '-fflags', '+genpts'] }],
    graph: null,
    outputs: [
      {
        target: `pipe:${FIRST_OUTPUT_PIPE}`,
        options: [
          ...['-map', `0:${streamIndex}`, '-c', 'copy', '-copyinkf'],
          ...['-output_ts_offset', String(TIMELINE_OFFSET_SECONDS), '-map_metadata', '-1', '-map_chapters', '-1'],
          ...['-frag_duration', String(FRAGMENT_MICROSECONDS), '-frag_size', String(FRAGMENT_BYTES)],
          ...fragmentWords(),
        ],
      },
      // The copy is of the whole master, whatever part of it is wanted.
      ...companionOutputs({ ...source, clip: null }, [streamIndex]),
    ],
  }
}
