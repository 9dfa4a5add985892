/** What video pieces and audio share: one ffmpeg over the master, its pipes into the store, and progress as it goes. */
import type { Readable } from 'node:stream'
import { GantryError } from '../core/contract/errors'
import type { AudioJob, VideoPieceJob } from '../core/contract/job'
import type { Attempt } from '../core/ports/job-queue'
import type { ServedResource } from '../core/ports/media-gateway'
import type { EncodeReceipt, TrackOutput } from '../core/contract/markers'
import type { WorkerContext } from './context'
import type { CommandInput, FfmpegCommand } from './ffmpeg/command'
import { remainingSeconds, type ProgressBlock } from './ffmpeg/progress'
import { runOnMaster } from './on-master'
import { progressReporter } from './progress-events'
import { storeTrack, type TrackSinkOptions } from './track-sink'

export interface EncodePlan {
  job: VideoPieceJob | AudioJob
  /** What is read in place of the master. */
  copy?: ServedResource | undefined
  attempt: string
  /** Where it begins on the asset's timeline; progress is told from there. */
  startSeconds: number
  command: (input: CommandInput) => FfmpegCommand
  /** One per output pipe, in order. */
  tracks: readonly PlannedTrack[]
  /** Reads the pipe after those of the tracks, where the command has one more. */
  meter?: (pipe: Readable) => Promise<void>
}

export type PlannedTrack = Pick<
  TrackSinkOptions,
  'kind' | 'id' | 'folder' | 'segmentSeconds' | 'slackSeconds' | 'picture' | 'onStored'
>

export interface Encoded {
  tracks: readonly TrackOutput[]
  receipt: EncodeReceipt
}

/** Runs the plan. Stored segments of a failed attempt stay as garbage under its own folder; no marker names them. */
export async function encode(context: WorkerContext, plan: EncodePlan, lease: Attempt): Promise<Encoded> {
  const { job, attempt, command } = plan
  const { source, limits } = job
  const { durationSeconds } = limits
  const report = progressReporter(context, job, attempt)
  const tracks: TrackOutput[] = []
  const common = { store: context.store, output: job.output, maxSamples: limits.maxFrames, signal: lease.signal }
  const receipt = await runOnMaster(context, {
    ...{ source, copy: plan.copy, limits, folderName: attempt, command, signal: lease.signal },
    consumers: [
      ...plan.tracks.map((track, index) => async (pipe: Readable) => {
        const onAdvance = (seconds: number): void => report.advance(track.id, seconds - plan.startSeconds)
        tracks[index] = await storeTrack(pipe, { ...track, ...common, onAdvance })
      }),
      ...(plan.meter === undefined ? [] : [plan.meter]),
    ],
    doneSeconds: (block) => reached(block, plan),
    onProgress: (block) => {
      report.speed(block.speed)
      const outSeconds = reached(block, plan)
      lease.tellRemaining(remainingSeconds(outSeconds, block.speed, durationSeconds))
      for (const { id } of plan.tracks) if (outSeconds !== null) report.advance(id, outSeconds)
    },
  })
  for (const track of tracks) await report.done(track)
  return { tracks, receipt }
}

function reached({ outSeconds }: ProgressBlock, { startSeconds }: EncodePlan): number | null {
  return outSeconds === null ? null : Math.max(0, outSeconds - startSeconds)
}

/**
 * All rungs come from one decode, so those of one rate hold the same number of pictures or something is wrong.
 *
 * @param frameSteps Of each rung, in the tracks' order.
 * @returns The pictures of the rungs with the highest rate.
 */
export function sameSamples(tracks: readonly TrackOutput[], frameSteps: readonly number[]): number {
  const counts = tracks.map((track) => track.segments.reduce((sum, segment) => sum + segment.samples, 0))
  const byStep = new Map<number, number>()
  counts.forEach((count, index) => {
    const step = frameSteps[index] ?? 1
    if (count !== (byStep.get(step) ?? count)) {
      const got = tracks.map((track, at) => `${track.id}: ${counts[at] ?? 0}`).join(', ')
      throw new GantryError('FFMPEG_OUTPUT_INVALID', `rungs of one decode differ in pictures (${got})`)
    }
    byStep.set(step, count)
  })
  return byStep.get(Math.min(...byStep.keys())) ?? 0
}
