import { asGantryError, type GantryError } from '../core/contract/errors'
import type { Job } from '../core/contract/job'
import { partsMissingFor } from '../core/contract/next-jobs'
import { queueOf } from '../core/contract/queues'
import type { Attempt } from '../core/ports/job-queue'
import type { ObjectStore, OpenStore } from '../core/ports/object-store'
import { doneParts, readFinal, readIntent, writeFailure } from '../core/state/run-records'
import { handleAudio } from './audio'
import { handleCaptions } from './captions'
import type { ServeObjects, WorkerContext } from './context'
import { growAfter } from './early'
import { handleJoin } from './join'
import { handleMp4 } from './mp4'
import { handlePublish } from './publish'
import { handleRemux } from './remux'
import { handleThumbnails } from './thumbnails'
import { handleVideoPiece } from './video-piece'

/** What is the same for all jobs of a process. */
export interface WorkerParts extends Omit<WorkerContext, 'store' | 'serve'> {
  /** The store as work on an asset of this destination sees it. */
  storeOf: OpenStore['storeOf']
  serveFrom: (store: ObjectStore) => ServeObjects
}

function contextOf({ storeOf, serveFrom, ...parts }: WorkerParts, job: Job): WorkerContext {
  const store = storeOf(job.destination)
  return { ...parts, store, serve: serveFrom(store) }
}

/** Does one job. A job of a run that is closed (it failed, or was published by another) is done already. */
export async function handleJob(parts: WorkerParts, job: Job, lease: Attempt): Promise<void> {
  const context = contextOf(parts, job)
  const log = context.log.child({ jobId: job.jobId, assetId: job.assetId, run: job.run })
  const startedMs = performance.now()
  const final = await readFinal(context.store, job.state)
  if (final !== null && job.kind !== 'publish') return
  const early = await missingParts(context.store, job)
  if (early.length > 0) {
    log.info({ kind: job.kind, missing: early }, 'job came early')
    return
  }
  log.info({ kind: job.kind }, 'job started')
  try {
    await dispatch({ ...context, log }, job, lease)
    log.info({ wallSeconds: (performance.now() - startedMs) / 1_000 }, 'job done')
  } catch (thrown) {
    const error = asGantryError(thrown)
    log.warn({ code: error.code, err: error, details: error.details }, 'job failed')
    throw error
  }
}

/**
 * What is missing is added by the reconciler, and the job after it. The queue gives a join out early when a piece of it has
 * failed for good: that failure ends the run, and the join has none of its own to tell.
 */
async function missingParts(store: ObjectStore, job: Job): Promise<string[]> {
  if (queueOf(job.kind) !== 'finish') return []
  const intent = await readIntent(store, job.state)
  return intent === null ? [] : partsMissingFor(job, intent.jobs, await doneParts(store, job.state))
}

/** Leaves the reason in the state, from where the scheduler closes the asset. */
export async function recordJobFailure(parts: WorkerParts, job: Job, error: GantryError): Promise<void> {
  await writeFailure(parts.storeOf(undefined), job.state, {
    v: 1,
    jobId: job.jobId,
    part: job.part,
    code: error.code,
    message: error.message,
    details: error.details,
    workerId: parts.workerId,
    at: parts.now().toISOString(),
  })
}

function dispatch(context: WorkerContext, job: Job, lease: Attempt): Promise<void> {
  const { signal } = lease
  switch (job.kind) {
    case 'remux':
      return handleRemux(context, job, lease)
    case 'video-piece':
      return handleVideoPiece(context, job, lease).then(() => growAfter(context, job, signal))
    case 'audio':
      return handleAudio(context, job, lease).then(() => growAfter(context, job, signal))
    case 'captions':
      return handleCaptions(context, job, lease)
    case 'join':
      return handleJoin(context, job)
    case 'mp4':
      return handleMp4(context, job, signal)
    case 'thumbnails':
      return handleThumbnails(context, job, signal)
    case 'publish':
      return handlePublish(context, job, signal)
  }
}
