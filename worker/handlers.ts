import { asGantryError, type GantryError } from '../core/contract/errors'
import type { Job } from '../core/contract/job'
import type { Attempt } from '../core/ports/job-queue'
import { readFinal, writeFailure } from '../core/state/run-records'
import { handleAudio } from './audio'
import { handleCaptions } from './captions'
import type { WorkerContext } from './context'
import { handleJoin } from './join'
import { handleMp4 } from './mp4'
import { handlePublish } from './publish'
import { handleThumbnails } from './thumbnails'
import { handleVideoPiece } from './video-piece'

/** Does one job. A job of a run that is closed (it failed, or was published by another) is done already. */
export async function handleJob(context: WorkerContext, job: Job, lease: Attempt): Promise<void> {
  const log = context.log.child({ jobId: job.jobId, assetId: job.assetId, run: job.run })
  const startedMs = performance.now()
  const final = await readFinal(context.store, job.state)
  if (final !== null && job.kind !== 'publish') return
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

/** Leaves the reason in the state, from where the scheduler closes the asset. */
export async function recordJobFailure(context: WorkerContext, job: Job, error: GantryError): Promise<void> {
  await writeFailure(context.store, job.state, {
    v: 1,
    jobId: job.jobId,
    part: job.part,
    code: error.code,
    message: error.message,
    details: error.details,
    workerId: context.workerId,
    at: context.now().toISOString(),
  })
}

function dispatch(context: WorkerContext, job: Job, lease: Attempt): Promise<void> {
  const { signal } = lease
  switch (job.kind) {
    case 'video-piece':
      return handleVideoPiece(context, job, lease)
    case 'audio':
      return handleAudio(context, job, lease)
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
