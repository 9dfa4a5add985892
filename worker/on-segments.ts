/** Stored segments through ffmpeg into files of the attempt's folder: pictures are made this way. */
import type { Job } from '../core/contract/job'
import { at } from '../core/contract/keys'
import { inputArgs } from '../media/containers'
import { processLimits, type WorkerContext } from './context'
import { ffmpegWords, type CommandInput, type FfmpegCommand } from './ffmpeg/command'
import { GLOBAL_WORDS, runFfmpeg } from './ffmpeg/run'

export interface SegmentsInput {
  /** Init segment first; keys relative to the run's output. */
  objects: readonly { key: string; bytes: number }[]
  /** Words before the input beside those that force the demuxer. */
  options: readonly string[]
}

/** Our own segments, checked when they were written: a stall means that the store is slow, not that they are bad. */
const STALL_SECONDS = 120

/** Runs the command over inputs served as one file each, in the attempt's folder. */
export async function runOnSegments(
  context: WorkerContext,
  job: Job,
  work: {
    folder: string
    inputs: readonly SegmentsInput[]
    mediaSeconds: number
    command: (inputs: readonly CommandInput[]) => FfmpegCommand
    signal: AbortSignal
  },
): Promise<void> {
  const opened = await Promise.all(
    work.inputs.map(async ({ objects, options }) => {
      const parts = objects.map(({ key, bytes }) => ({ at: at(job.output, key), bytes }))
      return { resource: await context.gateway.open(context.serve.concat(parts)), options }
    }),
  )
  const failure = (): Error | null =>
    opened.map(({ resource }) => resource.failure()).find((error) => error !== null) ?? null
  try {
    const guards = inputArgs('mp4')
    const inputs = opened.map(({ resource, options }) => ({ url: resource.url, options: [...guards, ...options] }))
    await runFfmpeg(context.launcher, {
      argv: [...GLOBAL_WORDS, ...ffmpegWords(work.command(inputs))],
      folder: work.folder,
      limits: processLimits(context, work.mediaSeconds),
      consumers: [],
      onProgress: () => undefined,
      stallSeconds: STALL_SECONDS,
      signal: work.signal,
    }).catch((error: unknown) => {
      throw failure() ?? error
    })
    const cut = failure()
    if (cut !== null) throw cut
  } finally {
    for (const { resource } of opened) resource.close()
  }
}
