/** Pure: an audio job to the ffmpeg command that encodes one sound track whole. */
import type { AudioJob } from '../../core/contract/job'
import { TIMELINE_OFFSET_SECONDS } from '../../core/contract/job'
import type { Gain } from '../gain'
import type { CommandInput, FfmpegCommand } from './command'
import { FIRST_OUTPUT_PIPE } from './run'
import { fragmentWords } from './video-args'
import { windowFilters, windowWords } from './window'
import { advanceFilters, companionOutputs } from './zero'

/**
 * Length of one fragment. Segments are cut between fragments at the segment grid, so they end within half a
 * fragment of the picture's segments and never drift away from them, as fragments of a whole segment would (21 ms each).
 */
export const AUDIO_FRAGMENT_SECONDS = 0.5

const SOUND = '[sound]'
const ENCODERS = { aac: 'aac', opus: 'libopus' } as const
/** ffmpeg's names of the layouts that a ladder can ask for. */
const LAYOUTS: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo', 6: '5.1' }

/**
 * Decoded, joined, mixed and resampled, before any gain. The layout is set by name: a form of six channels without one
 * (AES3 in MXF) would else be refused, and 5.1(side) be taken for another than 5.1.
 */
export function soundGraph({ source, streamIndexes, encode }: AudioJob): string {
  const inputs = streamIndexes.map((index) => `[0:${index}]`).join('')
  const joined = streamIndexes.length === 2 ? `${inputs}join=inputs=2:channel_layout=stereo,` : inputs
  const layout = LAYOUTS[encode.channels] ?? 'stereo'
  const format = `aformat=sample_rates=${encode.sampleRateHz}:channel_layouts=${layout}`
  return [
    `${joined}${[...windowFilters(source, 'audio'), ...advanceFilters(source), 'aresample=async=1:first_pts=0'].join(',')}`,
    format,
  ].join(',')
}

/** `latency`: the limiter looks ahead, and takes off again by how much it comes late. */
function gainFilters({ decibels, ceiling }: Gain): string {
  const volume = decibels === 0 ? '' : `,volume=${decibels}dB:precision=double`
  return ceiling === null ? volume : `${volume},alimiter=limit=${ceiling}:level=disabled:latency=1`
}

function windowed({ source }: AudioJob, input: CommandInput): CommandInput {
  return { url: input.url, options: [...input.options, ...windowWords(source)] }
}

/** EBU R128's meter, whose words go to a pipe. */
function meter(options: string, pipe: number): string {
  return `ebur128=metadata=1:${options}framelog=verbose,ametadata=mode=print:file=pipe\\\\:${pipe}`
}

/** The same sound into the meter; nothing is encoded. */
export function loudnessCommand(job: AudioJob, input: CommandInput): FfmpegCommand {
  return {
    inputs: [windowed(job, input)],
    graph: `${soundGraph(job)},${meter('peak=true:', FIRST_OUTPUT_PIPE)}${SOUND}`,
    outputs: [{ target: 'pipe:1', options: ['-map', SOUND, '-f', 'null'] }],
  }
}

/** What is encoded, and beside it the meter at the second pipe, since a limiter takes away some of what a gain gives. */
function gainedGraph(job: AudioJob, gain: Gain | null): string {
  if (gain === null) return `${soundGraph(job)}${SOUND}`
  const split = `${soundGraph(job)}${gainFilters(gain)},asplit=2${SOUND}[metered]`
  return `${split};[metered]${meter('', FIRST_OUTPUT_PIPE + 1)},anullsink`
}

/**
 * Sound starts at 0 of the timeline: a late track is filled with silence, a gap of more than 100 ms as well, so that
 * the coded frames are contiguous. Nothing is stretched.
 *
 * @param gain Null where no loudness is asked for; then there is no meter either.
 */
export function audioCommand(job: AudioJob, input: CommandInput, gain: Gain | null): FfmpegCommand {
  const { encode } = job
  return {
    inputs: [windowed(job, input)],
    graph: gainedGraph(job, gain),
    outputs: [
      {
        target: `pipe:${FIRST_OUTPUT_PIPE}`,
        options: [
          ...['-map', SOUND, '-c:a', ENCODERS[encode.codec], '-b:a', String(encode.bitrateBps)],
          ...['-output_ts_offset', String(TIMELINE_OFFSET_SECONDS), '-map_metadata', '-1', '-map_chapters', '-1'],
          ...['-frag_duration', String(AUDIO_FRAGMENT_SECONDS * 1e6)],
          ...fragmentWords(),
        ],
      },
      ...companionOutputs(job.source, job.streamIndexes),
    ],
  }
}
