/** The producer's side of the queue port on BullMQ: adding, repairing and dropping jobs, and hearing of their end. */
import type { EventEmitter } from 'node:events'
import { FlowProducer, Queue, QueueEvents, type FlowJob, type Job as BullJob, type JobsOptions } from 'bullmq'
import { GantryError } from '../contract/errors'
import type { Job } from '../contract/job'
import { nextJobs } from '../contract/next-jobs'
import { queueOf, type QueueName } from '../contract/queues'
import type { JobQueue } from '../ports/job-queue'
import { reconnectDelayMs, type RedisTarget } from './redis-connection'

export interface QueueOptions {
  redis: RedisTarget
  /** Hash-tagged, for example `{gantry}`, so that all queues of a flow share one slot of a cluster. */
  prefix: string
  /** Attempts of a job before a retryable failure ends it. */
  attempts: number
  /** First pause between attempts; it doubles. */
  retryDelayMs: number
  onError: (error: Error) => void
}

const QUEUES: readonly QueueName[] = ['encode', 'finish']

/** States in which a job runs, or will run by itself. */
const LIVE = ['waiting', 'prioritized', 'delayed', 'active'] as const

/** Ids of each state that are looked at; each is some 50 bytes. */
const MOST_IDS = 100_000

/** Connects, and resolves when Redis has answered. @throws QUEUE_UNAVAILABLE */
export async function createJobQueue(options: QueueOptions): Promise<JobQueue> {
  const connection = { ...options.redis, retryStrategy: reconnectDelayMs }
  const common = { connection: { ...connection, maxRetriesPerRequest: 1 }, prefix: options.prefix }
  const queues = { encode: new Queue('encode', common), finish: new Queue('finish', common) }
  const flows = new FlowProducer(common)
  const listeners: ((jobId: string) => void)[] = []
  const events = QUEUES.map((name) => {
    const heard = new QueueEvents(name, {
      connection: { ...connection, maxRetriesPerRequest: null },
      prefix: options.prefix,
    })
    const settled = ({ jobId }: { jobId: string }): void => listeners.forEach((listener) => listener(jobId))
    return heard.on('completed', settled).on('failed', settled)
  })
  const parts = [queues.encode, queues.finish, flows, ...events]
  parts.forEach((part) => onError(part, options.onError))
  await reached(() => Promise.all(parts.map((part) => part.waitUntilReady())))

  const optionsOf = (job: Job): JobsOptions => jobOptions(job, options)
  const queueFor = (job: Job): Queue => queues[queueOf(job.kind)]

  return {
    addRun: (jobs) => reached(async () => void (await flows.add(flowOf(jobs, optionsOf)))),
    ensure: (jobs) => reached(() => ensureAll(jobs, queues, optionsOf)),
    addChildren: (parent, children) => reached(() => addUnder(parent, children, queueFor, optionsOf)),
    dropRun: (jobs) => reached(() => dropAll(jobs, queueFor)),
    assetsAtWork: () => reached(() => assetsIn(queues)),
    counts: () => reached(() => countAll(queues)),
    onSettled: (listener) => void listeners.push(listener),
    close: async () => void (await Promise.all(parts.map((part) => part.close()))),
  }
}

async function countAll(queues: Record<QueueName, Queue>): ReturnType<JobQueue['counts']> {
  const found = await Promise.all(
    QUEUES.map(async (queue) =>
      Object.entries(await queues[queue].getJobCounts(...LIVE, 'waiting-children')).map((count) => ({ queue, count })),
    ),
  )
  return found.flat().map(({ queue, count: [state, jobs] }) => ({ queue, state, jobs }))
}

/** By the ids alone: the data of jobs stay where they are. */
async function assetsIn(queues: Record<QueueName, Queue>): Promise<Set<string>> {
  // BullMQ has another name for one of them where it lists.
  const lists = LIVE.map((state) => (state === 'waiting' ? 'wait' : state))
  const ids = await Promise.all(QUEUES.map((name) => queues[name].getRanges(lists, 0, MOST_IDS)))
  return new Set(ids.flat().map((id) => id.slice(0, id.indexOf('.'))))
}

/** The one event all parts of BullMQ share; their typed overloads do not unite. */
function onError(part: EventEmitter, listener: (error: Error) => void): void {
  part.on('error', listener)
}

/** Finished jobs are forgotten at once: markers in the store say what is done, and the id is free for a repair. */
function jobOptions(job: Job, options: QueueOptions): JobsOptions {
  return {
    jobId: job.jobId,
    priority: job.priority,
    attempts: options.attempts,
    backoff: { type: 'exponential', delay: options.retryDelayMs, jitter: 0.5 },
    removeOnComplete: true,
    removeOnFail: true,
    stackTraceLimit: 3,
  }
}

/**
 * publish <- join <- encodes that can start; the others come when what they need is done, as further children of join.
 * BullMQ flows are trees; a second parent of a child is accepted and waits for ever.
 */
function flowOf(jobs: readonly Job[], optionsOf: (job: Job) => JobsOptions): FlowJob {
  const node = (job: Job, children: FlowJob[] = []): FlowJob => ({
    name: job.kind,
    queueName: queueOf(job.kind),
    data: job,
    opts: optionsOf(job),
    children,
  })
  const join = jobs.find((job) => job.kind === 'join')
  const publish = jobs.find((job) => job.kind === 'publish')
  if (join === undefined || publish === undefined) {
    throw new GantryError('QUEUE_INTERNAL', 'a run needs a join and a publish job', { jobs: jobs.map((j) => j.jobId) })
  }
  const encodes = nextJobs({ jobs }, NOTHING_DONE)
  return node(publish, [
    node(
      join,
      encodes.map((job) => node(job)),
    ),
  ])
}

const NOTHING_DONE: ReadonlySet<string> = new Set()

async function ensureAll(
  jobs: readonly Job[],
  queues: Record<QueueName, Queue>,
  optionsOf: (job: Job) => JobsOptions,
): Promise<void> {
  for (const job of jobs) {
    const queue = queues[queueOf(job.kind)]
    const found = await queue.getJob(job.jobId)
    if (found !== undefined) {
      if (await willRun(found, queues)) continue
      await removeQuietly(found)
    }
    await queue.add(job.kind, job, optionsOf(job))
  }
}

/**
 * A parent starts when the last of its children has ended. Where those are gone without that (a Redis that came back
 * with what it knew earlier, and several cases in BullMQ's own history), it waits for ever.
 */
async function willRun(job: BullJob, queues: Record<QueueName, Queue>): Promise<boolean> {
  const state = await job.getState()
  if (state !== 'waiting-children') return isLive(state)
  const { unprocessed = [] } = await job.getDependencies()
  for (const key of unprocessed) {
    const [id = '', name] = key.split(':').toReversed()
    const queue = QUEUES.find((one) => one === name)
    if (queue !== undefined && isLive(await queues[queue].getJobState(id))) return true
  }
  return false
}

function isLive(state: string): boolean {
  return LIVE.some((live) => live === state)
}

async function addUnder(
  parent: Job,
  children: readonly Job[],
  queueFor: (job: Job) => Queue,
  optionsOf: (job: Job) => JobsOptions,
): Promise<void> {
  const waiting = await queueFor(parent).getJob(parent.jobId)
  for (const child of children) {
    // Without its parent (Redis was emptied meanwhile) a child runs alone, and the reconciler adds the parent later.
    const link = waiting && { parent: { id: parent.jobId, queue: waiting.queueQualifiedName } }
    await queueFor(child).add(child.kind, child, { ...optionsOf(child), ...link })
  }
}

async function dropAll(jobs: readonly Job[], queueFor: (job: Job) => Queue): Promise<void> {
  for (const job of jobs) {
    const found = await queueFor(job).getJob(job.jobId)
    if (found !== undefined) await removeQuietly(found)
  }
}

/** A job that runs is locked and cannot be removed: it ends by itself and finds its run closed. */
async function removeQuietly(job: Pick<BullJob, 'remove'>): Promise<void> {
  try {
    await job.remove({ removeChildren: false })
  } catch (error) {
    if (!(error instanceof Error) || !/locked|could not be removed|missing/i.test(error.message)) throw error
  }
}

/** Vendor errors stop here: whatever Redis or BullMQ throws is a queue that cannot be used now. */
async function reached<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof GantryError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new GantryError('QUEUE_UNAVAILABLE', `the queue did not take the request: ${message}`, {}, { cause: error })
  }
}
