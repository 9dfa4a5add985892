/** What video pieces and audio share: one ffmpeg on the gateway, its pipes into the store, and the proof it was whole. */
import { GantryError } from '../core/contract/errors'
import type { AudioJob, VideoPieceJob } from '../core/contract/job'
import type { Attempt } from '../core/ports/job-queue'
import type { EncodeReceipt, TrackOutput } from '../core/contract/markers'
import { DEFAULT_INPUT, inputArgs } from '../media/containers'
import { processLimits, type WorkerContext } from './context'
import { inFolder } from './attempt'
import { ffmpegWords, type CommandInput, type FfmpegCommand } from './ffmpeg/command'
import { GLOBAL_WORDS, runFfmpeg, type FfmpegOutcome } from './ffmpeg/run'
import type { ProgressBlock } from './ffmpeg/progress'
import { progressReporter, type ProgressReporter } from './progress-events'
import { storeTrack, type TrackSinkOptions } from './track-sink'

export interface EncodePlan {
  job: VideoPieceJob | AudioJob
  attempt: string
  command: (input: CommandInput) => FfmpegCommand
  /** One per output pipe, in order. */
  tracks: readonly PlannedTrack[]
}

type PlannedTrack = Pick<
  TrackSinkOptions,
  'kind' | 'id' | 'folder' | 'segmentSeconds' | 'slackSeconds' | 'pictureSeconds'
>

export interface Encoded {
  tracks: readonly TrackOutput[]
  receipt: EncodeReceipt
}

/** Runs the plan. Stored segments of a failed attempt stay as garbage under its own folder; no marker names them. */
export async function encode(context: WorkerContext, plan: EncodePlan, lease: Attempt): Promise<Encoded> {
  const { ref, bytes } = plan.job.source
  const master = await context.gateway.open(context.serve.object(ref, bytes))
  try {
    const argv = wordsOf(plan, master.url)
    const report = progressReporter(context, plan.job, plan.attempt)
    const { tracks, outcome } = await encodeTracks(context, plan, argv, report, lease).catch((error: unknown) => {
      throw master.failure() ?? error
    })
    // ffmpeg takes a cut input for its end and exits 0; only the gateway knows that it was cut.
    const cut = master.failure()
    if (cut !== null) throw cut
    for (const track of tracks) await report.done(track)
    const receipt = {
      ...outcome,
      argv: printableWords(argv, master.url),
      ffmpegBuild: context.ffmpegBuild,
      bytesRead: master.bytesRead(),
    }
    return { tracks, receipt }
  } finally {
    master.close()
  }
}

async function encodeTracks(
  context: WorkerContext,
  plan: EncodePlan,
  argv: readonly string[],
  report: ProgressReporter,
  { signal, tellRemaining }: Attempt,
): Promise<{ tracks: TrackOutput[]; outcome: FfmpegOutcome }> {
  const { job } = plan
  const tracks: TrackOutput[] = []
  const common = { store: context.store, output: job.output, maxSamples: job.limits.maxFrames, signal }
  const outcome = await inFolder(context.scratch, plan.attempt, (folder) =>
    runFfmpeg(context.launcher, {
      argv,
      folder,
      limits: processLimits(context, job.limits.durationSeconds),
      consumers: plan.tracks.map((track, index) => async (pipe) => {
        const onAdvance = (seconds: number): void => report.advance(track.id, seconds)
        tracks[index] = await storeTrack(pipe, { ...track, ...common, onAdvance })
      }),
      onProgress: (block) => {
        report.speed(block.speed)
        tellRemaining(remainingSeconds(block, job.limits.durationSeconds))
        for (const { id } of plan.tracks) if (block.outSeconds !== null) report.advance(id, block.outSeconds)
      },
      stallSeconds: job.limits.stallSeconds,
      signal,
    }),
  )
  return { tracks, outcome }
}

/** Wall time that is left, by the speed so far. */
function remainingSeconds({ outSeconds, speed }: ProgressBlock, durationSeconds: number | null): number | null {
  if (outSeconds === null || durationSeconds === null || speed === null || speed <= 0) return null
  return Math.max(0, durationSeconds - outSeconds) / speed
}

function wordsOf(plan: EncodePlan, url: string): string[] {
  const { container } = plan.job.source
  const input = { url, options: inputArgs(container, { ...DEFAULT_INPUT, maxPixels: plan.job.limits.maxPixels }) }
  return [...GLOBAL_WORDS, ...ffmpegWords(plan.command(input))]
}

/** The argument list as it may be kept: the gateway's path is a key to the master while it is open. */
function printableWords(argv: readonly string[], url: string): string[] {
  return argv.map((word) => (word === url ? 'master' : word))
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
