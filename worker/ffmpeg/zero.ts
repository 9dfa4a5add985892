/** Pure: what lets all jobs of one master count from the same zero, though each decodes another track. */
import type { SourceInput } from '../../core/contract/job'
import type { Container } from '../../core/contract/source'
import type { CommandOutput } from './command'
import { windowWordsAfter } from './window'

/**
 * In these ffmpeg counts from the earliest of the tracks that it reads, in others from the earliest there is. (Its
 * `AVFMT_TS_DISCONT`; measured in MPEG-TS: sound that begins 0.35 s late came 0.33 s early.)
 */
const COUNTED_FROM_READ_TRACKS: readonly Container[] = ['mpegts', 'mpegps', 'ogg']

/**
 * The tracks of the other jobs, read as well and thrown away. So jumps of the container's clock are taken out in the
 * same way in each job, too.
 *
 * @param own Tracks that the job decodes.
 */
export function companionOutputs(source: SourceInput, own: readonly number[]): CommandOutput[] {
  const others = source.trackIndexes.filter((index) => !own.includes(index))
  if (others.length === 0 || !COUNTED_FROM_READ_TRACKS.includes(source.container)) return []
  const maps = others.flatMap((index) => ['-map', `0:${index}`])
  return [{ target: 'pipe:1', options: [...maps, '-c', 'copy', ...windowWordsAfter(source), '-f', 'null'] }]
}

/** Filters at the head of the sound's chain that follow the pictures where those are decoded early. */
export function advanceFilters({ pictureLeadSeconds }: SourceInput): string[] {
  return pictureLeadSeconds === 0 ? [] : [`asetpts=PTS-${pictureLeadSeconds.toFixed(6)}/TB`]
}
