/** One ffmpeg over a master: opened through the gateway, and believed only when the gateway saw the whole of it. */
import type { Readable } from 'node:stream'
import type { SourceInput, WorkLimits } from '../core/contract/job'
import type { EncodeReceipt } from '../core/contract/markers'
import type { ServedResource } from '../core/ports/media-gateway'
import { DEFAULT_INPUT, inputArgs } from '../media/containers'
import { inFolder } from './attempt'
import { processLimits, type WorkerContext } from './context'
import { ffmpegWords, type CommandInput, type FfmpegCommand } from './ffmpeg/command'
import type { ProgressBlock } from './ffmpeg/progress'
import { GLOBAL_WORDS, runFfmpeg } from './ffmpeg/run'

export interface MasterRun {
  source: SourceInput
  /** What is read in place of the master. */
  copy?: ServedResource | undefined
  limits: WorkLimits
  /** Of the private folder that ffmpeg works in. */
  folderName: string
  command: (input: CommandInput) => FfmpegCommand
  /** One per output pipe, in order. */
  consumers: readonly ((pipe: Readable) => Promise<void>)[]
  onProgress?: (block: ProgressBlock) => void
  /** Media seconds that are done by a report; null where it does not say. */
  doneSeconds?: (block: ProgressBlock) => number | null
  /** For outputs that may rightly have nothing for hours: reading counts as progress, too. */
  isSparse?: boolean
  signal: AbortSignal
}

/** @throws What reading the master throws, else what `runFfmpeg` throws. */
export async function runOnMaster(context: WorkerContext, run: MasterRun): Promise<EncodeReceipt> {
  const { limits } = run
  const { ref, bytes, container } = run.source
  const resource = run.copy ?? context.serve.object(ref, bytes)
  const master = await context.gateway.open(resource)
  try {
    const options = inputArgs(container, { ...DEFAULT_INPUT, maxPixels: limits.maxPixels })
    const argv = [...GLOBAL_WORDS, ...ffmpegWords(run.command({ url: master.url, options }))]
    const outcome = await inFolder(context.scratch, run.folderName, (folder) =>
      runFfmpeg(context.launcher, {
        ...{ argv, folder, consumers: run.consumers, signal: run.signal },
        limits: processLimits(context, limits.durationSeconds),
        onProgress: (block) => {
          if (isNearEnd(run.doneSeconds?.(block) ?? null, limits.durationSeconds, master.bytesSent())) master.holdBack()
          run.onProgress?.(block)
        },
        stallSeconds: limits.stallSeconds,
        ...(run.isSparse === true && { position: () => master.bytesSent() }),
      }),
    ).catch((error: unknown) => {
      throw master.failure() ?? error
    })
    // ffmpeg takes a cut input for its end and exits 0; only the gateway knows that it was cut.
    const cut = master.failure()
    if (cut !== null) throw cut
    return {
      ...outcome,
      argv: printableWords(argv, master.url),
      ffmpegBuild: context.ffmpegBuild,
      bytesRead: resource.bytesRead(),
    }
  } finally {
    master.close()
  }
}

/** A loopback socket holds about 4 MB that ffmpeg may never read, and what it reads is seen in its output seconds later. */
const NEAR_BYTES = 8e6

/** What is before the last bytes that are needed is sent as fast as it is taken: holding back costs processor time. */
function isNearEnd(doneSeconds: number | null, durationSeconds: number | null, sentBytes: number): boolean {
  if (doneSeconds === null || durationSeconds === null) return false
  return (durationSeconds - doneSeconds) * sentBytes < NEAR_BYTES * doneSeconds
}

/** The argument list as it may be kept: the gateway's path is a key to the master while it is open. */
function printableWords(argv: readonly string[], url: string): string[] {
  return argv.map((word) => (word === url ? 'master' : word))
}
