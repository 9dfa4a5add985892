/**
 * Redis loses all it knew, a worker is frozen or killed, two schedulers lead, an event comes ten times: what is published
 * is whole.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import { redisTarget } from '../../core/adapters/redis-connection'
import { measure } from '../../core/state/records'
import { piecesOf, storeOf, tracesOf } from '../support/faults/service-traces'
import { brokenInvariants } from '../support/invariants'
import { mastersFolder } from '../support/masters'
import { BUCKETS, startServices, type LogLine, type ServiceProcess, type Services } from '../support/services'

const FILM = join(mastersFolder(), 'rooftops-360p30-17s.mp4')

const LADDER = `name: faults
segmentSeconds: 2
gopSeconds: 1
rungs:
  - { id: 180p, shortSidePx: 180, maxBitrateBps: 500_000 }
`

let services: Services & { first: ServiceProcess }
let schedulers: ServiceProcess[]
let workers: ServiceProcess[]
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-faults-'))
  await writeFile(join(folder, 'ladder.yaml'), LADDER)
  const leases = { GANTRY_LOCK_MS: '2000', GANTRY_STALL_CHECK_MS: '1000' }
  const env = { GANTRY_LADDER: join(folder, 'ladder.yaml'), GANTRY_PIECE_SECONDS: '4', ...leases }
  services = await startServices({ events: true, env })
  workers = await Promise.all(['w1', 'w2'].map((id) => services.worker({ GANTRY_WORKER_ID: id })))
  schedulers = [services.first]
  await services.first.line({ msg: 'scheduler ready' })
  await Promise.all(workers.map((one) => one.line({ msg: 'worker ready' })))
})
afterAll(async () => {
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

/** Puts the film under a key of its own; resolves with its asset when a piece is being encoded, and by whom. */
async function inMidEncode(key: string): Promise<{ assetId: string; started: LogLine; worker: ServiceProcess }> {
  await services.put(key, FILM)
  const { assetId } = await services.first.line({ msg: 'master taken', key })
  const ofAsset = { msg: 'job started', kind: 'video-piece', assetId }
  const begun = workers.map(async (worker) => ({ worker, started: await worker.line(ofAsset) }))
  return { assetId: String(assetId), ...(await Promise.race(begun)) }
}

/** By whichever scheduler leads. */
async function closed(assetId: string): Promise<void> {
  const { outcome } = await Promise.race(schedulers.map((one) => one.line({ msg: 'asset closed', assetId })))
  expect(outcome).toBe('published')
}

/** Prints what was done more than once. */
async function judge(what: string, assetId: string): Promise<number> {
  expect(await brokenInvariants(await tracesOf(services, workers))).toEqual([])
  const { made, redone } = piecesOf(workers, assetId)
  expect(made).toBeGreaterThan(2)
  process.stdout.write(`${what}: ${made} pieces, ${redone} redone\n`)
  return redone
}

it('FLUSHALL in mid-encode: the records fill the queue again', async () => {
  const { assetId } = await inMidEncode('flushed.mp4')
  const redis = new Redis(redisTarget(services.redis.url))
  await redis.flushall()
  redis.disconnect()
  await closed(assetId)
  // Those that were being encoded may be given to another worker, too; no others.
  expect(await judge('FLUSHALL', assetId)).toBeLessThanOrEqual(workers.length)
})

it('Redis that is killed and comes back empty: the records fill the queue again', async () => {
  const { assetId } = await inMidEncode('restarted.mp4')
  process.kill(services.redis.pid, 'SIGKILL')
  await closed(assetId)
  expect(await judge('Redis restarted empty', assetId)).toBeLessThanOrEqual(workers.length)
})

it('a worker that is frozen past its lease and goes on: it changes no published byte', async () => {
  const { assetId, started, worker } = await inMidEncode('frozen.mp4')
  worker.signal('SIGSTOP')
  try {
    await closed(assetId)
    const before = await digest()
    const ended = frozenEnd(worker, started)
    worker.signal('SIGCONT')
    await ended
    const after = await digest()
    for (const [key, sha256] of before) expect([key, after.get(key)]).toEqual([key, sha256])
  } finally {
    worker.signal('SIGCONT')
  }
  // One more than those of the frozen worker's own.
  expect(await judge('frozen worker', assetId)).toBeLessThanOrEqual(1)
})

/** The word of a worker on the job that it was frozen in. */
function frozenEnd(worker: ServiceProcess, { jobId }: LogLine): Promise<LogLine> {
  const like = { jobId: String(jobId) }
  return Promise.race([worker.line({ msg: 'job done', ...like }), worker.line({ msg: 'job failed', ...like })])
}

async function digest(): Promise<Map<string, string>> {
  const store = storeOf(services)
  const sums = new Map<string, string>()
  for await (const { key } of store.list({ bucket: BUCKETS.output, prefix: '' })) {
    sums.set(key, (await measure(await store.read({ bucket: BUCKETS.output, key }))).sha256)
  }
  return sums
}

it('an event that comes ten times more at once: no piece is encoded for it', async () => {
  const { assetId } = await inMidEncode('often.mp4')
  const { ETag = '', ContentLength = 0 } = await services.client.send(
    new HeadObjectCommand({ Bucket: BUCKETS.masters, Key: 'often.mp4' }),
  )
  const object = { key: 'often.mp4', size: ContentLength, eTag: ETag.replaceAll('"', '') }
  const record = { eventSource: 'aws:s3', eventVersion: '2.1', eventName: 'ObjectCreated:Put' }
  const s3 = { s3SchemaVersion: '1.0', bucket: { name: BUCKETS.masters }, object }
  const post = async (): Promise<number> => {
    const body = JSON.stringify({ Records: [{ ...record, eventTime: '2026-01-01T00:00:00.000Z', s3 }] })
    return (await fetch(services.webhookUrl, { method: 'POST', body })).status
  }
  const answers = await Promise.all(Array.from({ length: 10 }, post))
  expect(answers.every((status) => status >= 200 && status < 300)).toBe(true)
  await closed(assetId)
  expect(await judge('ten events', assetId)).toBe(0)
  expect((await services.lifecycle()).filter((event) => event.assetId === assetId)).toHaveLength(3)
})

it('two that lead: one that was frozen past its lease goes on beside its follower', async () => {
  const { first } = services
  const second = await services.scheduler({ GANTRY_WORKER_ID: 'second' })
  schedulers = [...schedulers, second]
  await second.line({ msg: 'scheduler ready' })
  const { assetId } = await inMidEncode('led.mp4')
  first.signal('SIGSTOP')
  try {
    await second.line({ msg: 'leadership changed', leads: true })
  } finally {
    first.signal('SIGCONT')
  }
  await first.line({ msg: 'leadership changed', leads: false })
  await closed(assetId)
  expect(await judge('two leaders', assetId)).toBe(0)
})

it('kill -9 of a worker in mid-encode: the other takes over, and one piece is made again', async () => {
  const { assetId, worker } = await inMidEncode('killed.mp4')
  worker.signal('SIGKILL')
  const name = worker === workers[0] ? 'w1' : 'w2'
  await worker.exited
  // Under its name again, as an orchestrator does: what it left in its folder goes.
  const next = await services.worker({ GANTRY_WORKER_ID: name })
  workers = [...workers, next]
  await next.line({ msg: 'worker ready' })
  await closed(assetId)
  expect(await judge('kill -9 of a worker', assetId)).toBeLessThanOrEqual(1)
})
