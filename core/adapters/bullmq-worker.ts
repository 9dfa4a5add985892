/** The consumer's side of the queue port on BullMQ: one lease per job, kept, checked and handed back. */
import {
  DelayedError,
  UnrecoverableError,
  WaitingError,
  Worker,
  type Job as BullJob,
  type WorkerOptions as BullOptions,
} from 'bullmq'
import type { Redis } from 'ioredis'
import { asGantryError, GantryError } from '../contract/errors'
import { jobId } from '../contract/ids'
import { JOB_VERSION, type Job } from '../contract/job'
import type { QueueName } from '../contract/queues'
import type { ConsumeOptions, Drain, JobConsumer } from '../ports/job-queue'
import { connectRedis, reconnectDelayMs, type RedisTarget } from './redis-connection'
import { startStalledChecks } from './stalled-checks'

export interface WorkerOptions {
  redis: RedisTarget
  prefix: string
  /** How long a dead worker's job stays its own. */
  lockMs: number
  /** A takeover comes at most `lockMs` and twice this after a death: every second check may be skipped (settings.ts). */
  stallCheckMs: number
  /** Workers that may die on one job before it is given up. */
  poisonLimit: number
  onError: (error: Error) => void
}

/** BullMQ would fail a job at the second death; the limit that counts is `poisonLimit`, which says why. */
const STALLS_LEFT_TO_US = 1_000_000

interface Running {
  abort: AbortController
  token: string
  settled: Promise<unknown>
  /** As its handler told it. */
  remainingSeconds: number | null
}

/** Starts taking jobs; resolves when Redis has answered. */
export async function consumeJobs(options: WorkerOptions, consume: ConsumeOptions): Promise<JobConsumer> {
  const redis = connectRedis(options.redis, options.onError)
  const running = new Map<string, Running>()
  let stopping = false
  const process = async (bullJob: BullJob<Job>, token = ''): Promise<void> => {
    const held: Running = { abort: new AbortController(), token, settled: Promise.resolve(), remainingSeconds: null }
    if (stopping) held.abort.abort(shutdown())
    const done = attempt(bullJob, held, options, consume)
    held.settled = done.catch(() => undefined)
    const id = bullJob.id ?? ''
    running.set(id, held)
    try {
      await done
    } finally {
      running.delete(id)
    }
  }
  const worker: Worker<Job> = new Worker<Job>(consume.queue, process, workerOptions(options, consume))
  worker.on('error', options.onError).on('lockRenewalFailed', (jobIds: string[]) => {
    for (const id of jobIds) checkLease(redis, `${options.prefix}:${consume.queue}:${id}:lock`, id, running, options)
  })
  await worker.waitUntilReady()
  const checks = startStalledChecks({ ...options, redis, look: () => lookForStalled(worker) })

  return {
    drop: (runId) => {
      for (const [id, { abort }] of running) {
        if (id.startsWith(`${runId}.`)) abort.abort(new GantryError('QUEUE_DROPPED', `the run of ${id} was closed`))
      }
    },
    stop: async (drain) => {
      stopping = true
      checks.stop()
      const paused = worker.pause(true)
      await drained([...running.values()], consume.queue, drain)
      await paused
      await worker.close()
      redis.disconnect()
    },
  }
}

/** An encode that cannot say yet what is left has just begun; what finishes a run is short. */
async function drained(running: readonly Running[], queue: QueueName, drain: Drain): Promise<void> {
  const unknown = queue === 'finish' ? 0 : Number.POSITIVE_INFINITY
  for (const { abort, remainingSeconds } of running) {
    const isNearlyDone = drain.finishWithinSeconds > 0 && (remainingSeconds ?? unknown) <= drain.finishWithinSeconds
    if (!isNearlyDone) abort.abort(shutdown())
  }
  const timer = setTimeout(() => running.forEach(({ abort }) => abort.abort(shutdown())), drain.limitSeconds * 1_000)
  await Promise.all(running.map(({ settled }) => settled))
  clearTimeout(timer)
}

function workerOptions(options: WorkerOptions, consume: ConsumeOptions): BullOptions {
  return {
    connection: { ...options.redis, maxRetriesPerRequest: null, retryStrategy: reconnectDelayMs },
    prefix: options.prefix,
    concurrency: consume.slots,
    lockDuration: options.lockMs,
    stalledInterval: options.stallCheckMs,
    // stalled-checks.ts says when it is time for one.
    skipStalledCheck: true,
    maxStalledCount: STALLS_LEFT_TO_US,
    drainDelay: 5,
  }
}

/** BullMQ looks by a timer that nobody can hold back; what the timer calls is private, and there is no other way to it. */
function lookForStalled(worker: Worker<Job>): Promise<void> {
  return (worker as unknown as { moveStalledJobsToWait(): Promise<void> }).moveStalledJobsToWait()
}

function checkLease(
  redis: Redis,
  key: string,
  jobId: string,
  running: ReadonlyMap<string, Running>,
  { lockMs, onError }: WorkerOptions,
): void {
  const held = running.get(jobId)
  if (held === undefined) return
  void keepLease(redis, key, held.token, lockMs)
    .then((kept) => !kept && held.abort.abort(new GantryError('QUEUE_LOST', `another worker holds ${jobId}`)))
    // Redis is away: nobody else can take the job either, so the work goes on.
    .catch(onError)
}

/** One attempt at one job, with every way it can end told to BullMQ in its own words. */
async function attempt(
  bullJob: BullJob<Job>,
  held: Running,
  options: WorkerOptions,
  consume: ConsumeOptions,
): Promise<void> {
  const job = bullJob.data
  const { token } = held
  await checkJob(bullJob, token)
  const isLast = bullJob.attemptsMade + 1 >= (bullJob.opts.attempts ?? 1)
  try {
    if (bullJob.stalledCounter >= options.poisonLimit) {
      const deaths = `${bullJob.stalledCounter} workers died on ${job.jobId}; the limit is ${options.poisonLimit}`
      throw new GantryError('QUEUE_POISON', deaths, { jobId: job.jobId })
    }
    const tellRemaining = (seconds: number | null): void => {
      held.remainingSeconds = seconds
    }
    await consume.handle(job, { signal: held.abort.signal, isLast, tellRemaining })
  } catch (thrown) {
    const error = asGantryError(thrown)
    if (error.code === 'QUEUE_SHUTDOWN') {
      await bullJob.moveToWait(token)
      throw new WaitingError()
    }
    if (error.code === 'QUEUE_LOST') throw error
    // The run has its last word already; the job is not tried again and leaves no failure.
    if (error.code === 'QUEUE_DROPPED') throw new UnrecoverableError(error.message)
    if (error.retryable && !isLast) throw error
    await consume.onFailed(job, error)
    throw new UnrecoverableError(error.message)
  }
}

/** How long a job of another version waits for a worker that reads it. */
const OTHER_VERSION_DELAY_MS = 5_000

/**
 * Leaves a job of another version to the workers that read it, and refuses one whose data are not its id's:
 * somebody edited it, and the reconciler adds it again from the plan.
 */
async function checkJob(bullJob: BullJob<Job>, token: string): Promise<void> {
  const version: number = bullJob.data.v
  if (version !== JOB_VERSION) {
    await bullJob.moveToDelayed(Date.now() + OTHER_VERSION_DELAY_MS, token)
    throw new DelayedError()
  }
  const { assetId, run, kind, part } = bullJob.data
  if (jobId({ assetId, run, kind, part }) !== bullJob.id) {
    throw new UnrecoverableError(`the data of job ${String(bullJob.id)} are of another job`)
  }
}

/**
 * Whether the job is still ours after a failed renewal. A lease that ran out while Redis was away is taken again
 * if nobody has it; only another holder means that the work must stop.
 */
async function keepLease(redis: Redis, key: string, token: string, lockMs: number): Promise<boolean> {
  await redis.set(key, token, 'PX', lockMs, 'NX')
  return (await redis.get(key)) === token
}

function shutdown(): GantryError {
  return new GantryError('QUEUE_SHUTDOWN', 'the worker was asked to stop')
}
