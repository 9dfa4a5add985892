/** Copies the coded pictures of a master into the state of its run, where the pieces read them from the middle. */
import { asGantryError, type GantryError } from '../core/contract/errors'
import type { RemuxJob } from '../core/contract/job'
import { at, runKeys } from '../core/contract/keys'
import type { PictureCopy, RemuxMarker } from '../core/contract/markers'
import { nextJobs } from '../core/contract/next-jobs'
import type { Attempt } from '../core/ports/job-queue'
import { doneParts, readFinal, readIntent, readMarker, writeMarker } from '../core/state/run-records'
import { attemptName, isSettled, markerBase } from './attempt'
import type { WorkerContext } from './context'
import { storeCopy } from './copy-writer'
import { remainingSeconds } from './ffmpeg/progress'
import { remuxCommand } from './ffmpeg/remux-args'
import { runOnMaster } from './on-master'

/**
 * Of two attempts the first marker counts. Pieces are queued each time, since an attempt may have died between its marker
 * and that; those that are in the queue stay as they are.
 */
export async function handleRemux(context: WorkerContext, job: RemuxJob, lease: Attempt): Promise<void> {
  const { store } = context
  if ((await readMarker<RemuxMarker>(store, job.state, job.part)) === null) await remux(context, job, lease)
  const intent = await readIntent(store, job.state)
  const join = intent?.jobs.find(({ kind }) => kind === 'join')
  if (intent === null || join === undefined) return
  const pieces = nextJobs(intent, await doneParts(store, job.state)).filter(({ kind }) => kind === 'video-piece')
  if (pieces.length > 0) await context.queue.addChildren(join, pieces)
}

async function remux(context: WorkerContext, job: RemuxJob, lease: Attempt): Promise<void> {
  const attempt = attemptName()
  let isKept = false
  try {
    const made = await makeCopy(context, job, attempt, lease).catch((thrown: unknown) => {
      const error = asGantryError(thrown)
      if (!mayGoWithout(error, lease)) throw error
      return { copy: null, reason: `${error.code}: ${error.message}`, receipt: null }
    })
    if (made.copy === null) context.log.warn({ reason: made.reason }, 'the master is encoded whole')
    const base = markerBase(job, attempt, context.workerId, context.now())
    const counting = await writeMarker<RemuxMarker>(context.store, job.state, { ...base, ...made })
    // Who was late must not leave a copy in a run that was cleared when it was closed.
    const isClosed = (await readFinal(context.store, job.state)) !== null
    isKept = made.copy !== null && counting.attempt === attempt && !isClosed
  } finally {
    if (!isKept) await removeCopy(context, job, attempt)
  }
}

type Made = Pick<RemuxMarker, 'copy' | 'reason' | 'receipt'>

async function makeCopy(context: WorkerContext, job: RemuxJob, attempt: string, lease: Attempt): Promise<Made> {
  const { signal } = lease
  let copy: PictureCopy | null = null
  const receipt = await runOnMaster(context, {
    ...{ source: job.source, limits: job.limits, folderName: attempt, signal },
    command: (input) => remuxCommand(job, input),
    consumers: [
      async (pipe) => {
        copy = await storeCopy(pipe, { store: context.store, job, attempt, signal })
      },
    ],
    onProgress: ({ outSeconds, speed }) => {
      const leftSeconds = remainingSeconds(outSeconds, speed, job.limits.durationSeconds)
      if (leftSeconds !== null) lease.tellRemaining(leftSeconds)
    },
  })
  const reason = whyNot(copy, receipt.retimedPackets)
  return { copy: reason === null ? copy : null, reason, receipt }
}

/** ffmpeg takes longer steps of the clock for jumps (its `-dts_delta_threshold`), and takes them out when it decodes. */
const LONGEST_STEP_SECONDS = 10

/** A copy must have just the times that a decoder of the master sees. */
function whyNot(copy: PictureCopy | null, retimedPackets: number): string | null {
  if (copy === null) return 'nothing was copied'
  if (retimedPackets > 0) return `${retimedPackets} packets have no time, or one that runs backwards`
  if (copy.longestStepTicks > LONGEST_STEP_SECONDS * copy.timescaleHz) return 'its clock jumps'
  if (copy.firstTicks < 0) return 'pictures are shown before the container begins'
  return copy.pictures[0] === 0 ? 'no picture is shown in the first piece' : null
}

/** What is wrong with the master is wrong for the encoder, too, and told by it; another attempt may mend the rest. */
function mayGoWithout(error: GantryError, lease: Attempt): boolean {
  return (error.code.startsWith('FFMPEG_') || OF_MEDIA.includes(error.code)) && isSettled(error, lease)
}

const OF_MEDIA: readonly string[] = ['SOURCE_UNREADABLE', 'SOURCE_TRUNCATED', 'SOURCE_CODEC_UNSUPPORTED']

/** What cannot be removed now is when the run is closed; it must not hide why the attempt ended. */
async function removeCopy({ store, log }: WorkerContext, { state }: RemuxJob, attempt: string): Promise<void> {
  for (const key of [runKeys.copyIndex(attempt), runKeys.copyMedia(attempt)]) {
    await store.remove(at(state, key)).catch((error: unknown) => log.warn({ key, err: error }, 'a copy stays for now'))
  }
}
