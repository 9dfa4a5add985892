/** Redis comes back with what it knew some time ago: jobs that are done are there again, others are missing. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Redis } from 'ioredis'
import { redisTarget } from '../../core/adapters/redis-connection'
import { shortId } from '../../core/contract/ids'
import { doneParts, runPlace } from '../../core/state/run-records'
import { piecesOf, STATE, storeOf, tracesOf } from '../support/faults/service-traces'
import { longMaster } from '../support/faults/long-pieces'
import { brokenInvariants } from '../support/invariants'
import { mastersFolder } from '../support/masters'
import { BUCKETS, startServices, type LogLine, type ServiceProcess, type Services } from '../support/services'

const FILM = join(mastersFolder(), 'rooftops-360p30-17s.mp4')

let services: Services & { first: ServiceProcess }
let workers: ServiceProcess[]
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-snapshot-'))
  const { env } = await longMaster(folder, 3)
  const leases = { GANTRY_LOCK_MS: '2000', GANTRY_STALL_CHECK_MS: '1000' }
  services = await startServices({ events: true, env: { ...env, ...leases } })
  workers = await Promise.all(['w1', 'w2'].map((id) => services.worker({ GANTRY_WORKER_ID: id })))
  await Promise.all(workers.map((one) => one.line({ msg: 'worker ready' })))
})
afterAll(async () => {
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

/** By either worker; rejects when both have ended. */
const said = (like: Partial<LogLine>): Promise<LogLine> => Promise.any(workers.map((worker) => worker.line(like)))

async function take(key: string): Promise<string> {
  await services.put(key, FILM)
  return String((await services.first.line({ msg: 'master taken', key }))['assetId'])
}

it('an old snapshot: what has a marker is not encoded again, what is missing is queued again', async () => {
  const redis = new Redis(redisTarget(services.redis.url))
  const old = await take('old.mp4')
  const begun = await said({ msg: 'job started', kind: 'video-piece', assetId: old })
  await redis.save()
  const dump = join(dirname(redisTarget(services.redis.url).path ?? ''), 'dump.rdb')
  await copyFile(dump, join(folder, 'dump.rdb'))
  // Work goes on, and there is some that the snapshot knows nothing of.
  await said({ msg: 'job done', jobId: String(begun['jobId']) })
  const young = await take('young.mp4')
  const done = await doneParts(storeOf(services), runPlace(STATE, old, 1))
  await copyFile(join(folder, 'dump.rdb'), dump)
  process.kill(services.redis.pid, 'SIGKILL')
  redis.disconnect()
  for (const assetId of [old, young]) {
    expect(await services.first.line({ msg: 'asset closed', assetId })).toMatchObject({ outcome: 'published' })
  }
  expect(await brokenInvariants(await tracesOf(services, workers))).toEqual([])
  const pieces = [old, young].map((assetId) => piecesOf(workers, assetId))
  process.stdout.write(`Redis with an old snapshot: ${done.size} parts done before, ${JSON.stringify(pieces)}\n`)
  const donePieces = [...done].filter((part) => part.startsWith('video-'))
  expect(donePieces.length).toBeGreaterThan(0)
  const attempts = await attemptsOf(old)
  for (const part of donePieces) expect([part, attempts.get(part)?.size]).toEqual([part, 1])
  // What was being encoded when Redis went is begun again at most once by each worker.
  const others = [...attempts, ...(await attemptsOf(young))].filter(([, { size }]) => size > 1)
  expect(others.length).toBeLessThanOrEqual(workers.length)
})

/** Whoever encodes a piece puts it into a folder of its own. */
async function attemptsOf(assetId: string): Promise<Map<string, Set<string>>> {
  const attempts = new Map<string, Set<string>>()
  for await (const { key } of storeOf(services).list({ bucket: BUCKETS.output, prefix: '' })) {
    const [, number, attempt] = /\/video\/[^/]+\/(\d+)-([^/]+)\/[^/]+$/.exec(key) ?? []
    if (!key.includes(`-${shortId(assetId)}/`) || number === undefined || attempt === undefined) continue
    const part = `video-${number}`
    attempts.set(part, (attempts.get(part) ?? new Set()).add(attempt))
  }
  return attempts
}
