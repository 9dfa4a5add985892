import type { GantryError } from '../contract/errors'
import type { Job } from '../contract/job'
import type { QueueName } from '../contract/queues'

/**
 * The line of work between scheduler and workers. Disposable: losing all of it loses no work, since the reconciler
 * adds again what has no marker. At least once: a job may run twice, so handlers are written for it.
 *
 * Implementation: BullMQ (`core/adapters/bullmq-queue.ts`). No type of it is seen here.
 */
export interface JobQueue {
  /**
   * Adds the tree of a run: publish waits for join, join waits for all encodes that can start now (contract/next-jobs).
   * Jobs that are in the queue already stay as they are.
   */
  addRun(jobs: readonly Job[]): Promise<void>

  /**
   * Adds each job that is neither waiting nor running; a dead entry under the same id makes room. All of them can start
   * now, so one that waits for others none of which is left will never start, and is added anew.
   */
  ensure(jobs: readonly Job[]): Promise<void>

  /** Adds jobs that `parent` must wait for. Called from the handler of a job that `parent` waits for already. */
  addChildren(parent: Job, children: readonly Job[]): Promise<void>

  /** Takes all jobs of a run out; running ones must be told (`JobConsumer.drop`). */
  dropRun(jobs: readonly Job[]): Promise<void>

  /** Assets with a job that runs, or that will run by itself; of very many perhaps not all. */
  assetsAtWork(): Promise<ReadonlySet<string>>

  /** Jobs in each queue by state, for metrics. */
  counts(): Promise<readonly { queue: QueueName; state: string; jobs: number }[]>

  /** Calls `listener` with the job's id whenever one completes or fails for good, in any process. */
  onSettled(listener: (jobId: string) => void): void

  close(): Promise<void>
}

/** What a handler is told about the attempt it makes. */
export interface Attempt {
  /**
   * Aborted when the work must end: reason is a GantryError (QUEUE_SHUTDOWN, QUEUE_LOST).
   * A lost connection to Redis does not abort.
   */
  signal: AbortSignal
  /** True when a retryable failure of this attempt ends the job. */
  isLast: boolean
  /** Told by the handler as it goes: seconds of work that are left; null as long as it cannot say. */
  tellRemaining: (seconds: number | null) => void
}

export interface JobConsumer {
  /**
   * Stops taking jobs. Running ones that are nearly done are waited for, the others are aborted and handed back without
   * spending an attempt.
   */
  stop(drain: Drain): Promise<void>
  /** Aborts running jobs of a run that was closed (QUEUE_DROPPED). @param runId `<assetId>.<run>` */
  drop(runId: string): void
}

export interface Drain {
  /** Jobs with at most this left may finish; 0 hands all back at once. */
  finishWithinSeconds: number
  /** Then those, too, are handed back. */
  limitSeconds: number
}

export type JobHandler = (job: Job, attempt: Attempt) => Promise<void>

/** Called for a job that will not be tried again, before the queue forgets it. */
export type FailureHandler = (job: Job, error: GantryError) => Promise<void>

export interface ConsumeOptions {
  queue: QueueName
  /** Jobs at once in this process. */
  slots: number
  handle: JobHandler
  onFailed: FailureHandler
}
