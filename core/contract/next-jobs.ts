import type { Intent } from './intent'
import type { Job } from './job'

/**
 * The jobs of a run that can start now and are not done: what the join adds and what the reconciler repairs.
 *
 * Pure: the plan and the parts that have a marker decide, never a counter in Redis. Encodes come first, of a picture
 * that is copied after its copy; the join needs all of them, MP4s and thumbnails need the join, publish needs everything.
 *
 * @param done Parts that have a `done/<part>.json`.
 * @returns Nothing when `publish` is done.
 */
export function nextJobs(intent: Pick<Intent, 'jobs'>, done: ReadonlySet<string>): Job[] {
  const missing = intent.jobs.filter((job) => !done.has(job.part))
  const stage = Math.min(...missing.map(stageOf))
  return missing.filter((job) => stageOf(job) === stage && !waits(job, done))
}

/**
 * Parts that must be done before a job of the run, and are not. A queue that lost what it knew, or came back with what it
 * knew earlier, may start a job before its time.
 */
export function partsMissingFor(job: Pick<Job, 'kind'>, jobs: readonly Job[], done: ReadonlySet<string>): string[] {
  return jobs.filter((other) => stageOf(other) < stageOf(job) && !done.has(other.part)).map(({ part }) => part)
}

/** Pieces of a copied picture need the copy; sound and text go on beside it. */
function waits(job: Job, done: ReadonlySet<string>): boolean {
  return job.kind === 'video-piece' && job.copiedBy !== undefined && !done.has(job.copiedBy)
}

/** Jobs of a lower stage must be done first. */
function stageOf({ kind }: Pick<Job, 'kind'>): number {
  switch (kind) {
    case 'remux':
    case 'video-piece':
    case 'audio':
    case 'captions':
      return 0
    case 'join':
      return 1
    case 'mp4':
    case 'thumbnails':
      return 2
    case 'publish':
      return 3
  }
}
