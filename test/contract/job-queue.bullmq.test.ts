import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createJobQueue } from '../../core/adapters/bullmq-queue'
import { consumeJobs } from '../../core/adapters/bullmq-worker'
import { redisTarget } from '../../core/adapters/redis-connection'
import { startRedisServer, type RedisServer } from '../../core/adapters/redis-server'
import type { GantryError } from '../../core/contract/errors'
import type { JobConsumer } from '../../core/ports/job-queue'
import { AT_ONCE, describeJobQueue, smallRun, type QueueUnderTest } from './job-queue'

let folder: string
let server: RedisServer
let redis: Redis
let made = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-test-'))
  server = await startRedisServer({ program: 'redis-server', folder, onRestart: () => undefined })
  redis = new Redis({ ...redisTarget(server.url) })
})
afterAll(async () => {
  redis.disconnect()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const LOCK_MS = 600

/** Each test has queues of its own, told apart by the prefix. */
async function make(poisonLimit = 6): Promise<QueueUnderTest & { prefix: string }> {
  made += 1
  const prefix = `{test-${made}}`
  const target = redisTarget(server.url)
  const onError = (): void => undefined
  const queue = await createJobQueue({ redis: target, prefix, attempts: 3, retryDelayMs: 10, onError })
  const options = { redis: target, prefix, lockMs: LOCK_MS, stallCheckMs: 300, poisonLimit, onError }
  return { prefix, queue, consume: (consume) => consumeJobs(options, consume), close: () => queue.close() }
}

describeJobQueue('BullMQ on redis-server', make)

describe('parents on BullMQ', () => {
  let under: Awaited<ReturnType<typeof make>>
  afterEach(() => under.close())
  const stateOf = async (list: string, id = ''): Promise<boolean> =>
    (await redis.zscore(`${under.prefix}:finish:${list}`, id)) !== null
  const waits = (id = ''): Promise<boolean> => stateOf('waiting-children', id)
  /** A run whose queue holds its parents, and of its encodes only these. */
  async function withChildren(letter: string, kept: readonly string[]) {
    under = await make()
    const jobs = smallRun(letter.repeat(20))
    await under.queue.addRun(jobs)
    for (const { part, jobId } of jobs.slice(0, 2)) {
      if (kept.includes(part)) continue
      await redis.zrem(`${under.prefix}:encode:prioritized`, jobId)
      await redis.del(`${under.prefix}:encode:${jobId}`)
    }
    const [, , join, , publish] = jobs
    if (join === undefined || publish === undefined) throw new Error('no parents')
    return { join, publish }
  }

  it('adds a join anew whose encodes are gone without having started it; publish does not wait for the old one', async () => {
    const { join, publish } = await withChildren('p', [])
    expect([await waits(join.jobId), await waits(publish.jobId)]).toEqual([true, true])
    await under.queue.ensure([join])
    expect([await waits(join.jobId), await stateOf('prioritized', join.jobId)]).toEqual([false, true])
    const done = new Set<string>()
    const both = new Promise<void>((resolve) => {
      under.queue.onSettled((id) => done.add(id).size === 2 && resolve())
    })
    const consume = {
      queue: 'finish',
      slots: 1,
      handle: () => Promise.resolve(),
      onFailed: () => Promise.resolve(),
    } as const
    const consumer = await under.consume(consume)
    await under.queue.ensure([publish])
    await both
    expect(done).toEqual(new Set([join.jobId, publish.jobId]))
    await consumer.stop(AT_ONCE)
  })

  it('leaves a join to the encode that is still there', async () => {
    const { join } = await withChildren('q', ['audio'])
    await under.queue.ensure([join])
    expect([await waits(join.jobId), await stateOf('prioritized', join.jobId)]).toEqual([true, false])
  })
})

describe('leases on BullMQ', () => {
  let under: Awaited<ReturnType<typeof make>>
  let consumers: Promise<JobConsumer>[] = []
  afterEach(async () => {
    await Promise.all(consumers.map(async (consumer) => (await consumer).stop(AT_ONCE)))
    consumers = []
    await under.close()
  })

  /** Starts a job that ends only by its signal, and gives that signal. */
  async function hold(assetId: string): Promise<{ signal: AbortSignal; lockKey: string }> {
    const [job] = smallRun(assetId)
    const started = new Promise<AbortSignal>((resolve) => {
      consumers.push(
        under.consume({
          queue: 'encode',
          slots: 1,
          handle: (_, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason as Error))
              resolve(signal)
            }),
          onFailed: () => Promise.resolve(),
        }),
      )
    })
    await under.queue.ensure(job ? [job] : [])
    return { signal: await started, lockKey: `${under.prefix}:encode:${job?.jobId ?? ''}:lock` }
  }

  it('takes a lease that ran out again while nobody else has it', async () => {
    under = await make()
    const { signal, lockKey } = await hold('k'.repeat(20))
    const token = await redis.get(lockKey)
    await redis.del(lockKey)
    while ((await redis.get(lockKey)) === null) await redis.ping()
    expect(await redis.get(lockKey)).toBe(token)
    expect(signal.aborted).toBe(false)
  })

  it('stops the work when another worker holds the lease', async () => {
    under = await make()
    const { signal, lockKey } = await hold('l'.repeat(20))
    const aborted = new Promise<unknown>((resolve) => {
      signal.addEventListener('abort', () => resolve(signal.reason))
    })
    await redis.set(lockKey, 'another', 'PX', 60_000)
    expect(await aborted).toMatchObject({ code: 'QUEUE_LOST' })
  })

  it('gives up a job on which several workers died, with the reason', async () => {
    under = await make(2)
    const [job] = smallRun('m'.repeat(20))
    await under.queue.ensure(job ? [job] : [])
    await redis.hset(`${under.prefix}:encode:${job?.jobId ?? ''}`, 'stc', '2')
    const failed = new Promise<GantryError>((resolve) => {
      consumers.push(
        under.consume({
          queue: 'encode',
          slots: 1,
          handle: () => Promise.reject(new Error('must not run')),
          onFailed: (_, error) => Promise.resolve(resolve(error)),
        }),
      )
    })
    expect((await failed).code).toBe('QUEUE_POISON')
  })

  it('refuses a job whose data are of another job, so that the plan can add the right one', async () => {
    under = await make()
    const [job, other] = smallRun('n'.repeat(20))
    if (job === undefined || other === undefined) throw new Error('no jobs')
    await under.queue.ensure([job])
    await redis.hset(`${under.prefix}:encode:${job.jobId}`, 'data', JSON.stringify(other))
    const ran: string[] = []
    const settled = new Promise<string>((resolve) => under.queue.onSettled(resolve))
    consumers.push(
      under.consume({
        queue: 'encode',
        slots: 1,
        handle: ({ jobId }) => Promise.resolve(void ran.push(jobId)),
        onFailed: () => Promise.resolve(),
      }),
    )
    expect(await settled).toBe(job.jobId)
    expect(ran).toEqual([])
  })
})
