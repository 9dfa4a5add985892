/** What a run of the services left, gathered for the invariants, and how often its pieces were begun. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { redisTarget } from '../../../core/adapters/redis-connection'
import { nativeGuard } from '../../../core/adapters/s3-guard'
import { createS3Store } from '../../../core/adapters/s3-store'
import type { ObjectStore } from '../../../core/ports/object-store'
import type { Traces } from '../invariants'
import { beyond, openHandles, programsBelow } from '../open-handles'
import { processesUnder } from '../product'
import { BUCKETS, type ServiceProcess, type Services } from '../services'

export const STATE = { bucket: BUCKETS.state, prefix: 'gantry' }

export function storeOf({ client }: Services): ObjectStore {
  return createS3Store({
    ...{ client, own: [STATE, { bucket: BUCKETS.output, prefix: '' }], guard: nativeGuard },
    defaults: { tags: {}, cacheControl: { immutable: 'max-age=31536000', revalidate: 'no-cache' } },
    urlOf: ({ key }) => key,
  })
}

/** Once all assets are closed. */
export async function tracesOf(services: Services, workers: readonly ServiceProcess[]): Promise<Traces> {
  const uploads = await services.openUploads()
  const left = [...(uploads === 0 ? [] : [`${uploads} uploads`]), ...(await leftOf(services, workers))]
  return { store: storeOf(services), state: STATE, events: await services.lifecycle(), left }
}

/** Processes, folders, handles and jobs; not uploads, which a worker that is killed cannot end. */
export async function leftOf(services: Services, workers: readonly ServiceProcess[]): Promise<string[]> {
  const scratch = services.env['GANTRY_SCRATCH'] ?? ''
  const below = workers
    .flatMap(({ pid }) => processesUnder(pid))
    .filter(({ command }) => /ffmpeg|ffprobe/.test(command))
  const programs = [...below, ...programsBelow(scratch)]
  return [
    ...programs.map(({ pid, command }) => `${pid} ${command.slice(0, 80)}`),
    ...attemptFolders(scratch),
    ...(await jobsLeft(services)),
    ...(await handlesLeft(services.started)),
  ]
}

function attemptFolders(scratch: string): string[] {
  if (!existsSync(scratch)) return []
  return readdirSync(scratch).flatMap((worker) =>
    readdirSync(join(scratch, worker))
      .filter((name) => name.startsWith('attempt-'))
      .map((name) => join(worker, name)),
  )
}

/** The job that ends a run is taken out after its last word. */
const JOBS_GO_MS = 30_000

/** Keys of jobs by their form, `<prefix>:<queue>:<assetId>.<run>.<kind>.<part>`. */
async function jobsLeft({ redis }: Services): Promise<string[]> {
  const client = new Redis(redisTarget(redis.url))
  const until = performance.now() + JOBS_GO_MS
  try {
    for (;;) {
      const jobs = (await client.keys('*')).filter((key) => /:[a-z2-7]{20}\.\d+\.[a-z0-9-]+\.[\w-]+$/.test(key))
      if (jobs.length === 0 || performance.now() > until) return jobs
    }
  } finally {
    client.disconnect()
  }
}

/** What a service holds open after its work is closed a moment later: sockets of what it asked last. */
const HANDLES_GO_MS = 10_000

/** What living services hold open beyond what they did when they were ready. */
async function handlesLeft(services: readonly ServiceProcess[]): Promise<string[]> {
  const until = performance.now() + HANDLES_GO_MS
  for (;;) {
    const left = services.flatMap(({ pid, atReady }) => {
      const before = atReady()
      return before === null ? [] : beyond(before, openHandles(pid)).map((line) => `${pid}: ${line}`)
    })
    if (left.length === 0 || performance.now() > until) return left
    await delay(100)
  }
}

export interface Pieces {
  /** Video pieces that were begun. */
  made: number
  /** Begun more than once: each further time counts. */
  redone: number
}

export function piecesOf(workers: readonly ServiceProcess[], assetId: string): Pieces {
  const begun = workers
    .flatMap(({ lines }) => lines)
    .filter((line) => line.msg === 'job started' && line['kind'] === 'video-piece' && line['assetId'] === assetId)
    .map((line) => String(line['jobId']))
  const made = new Set(begun).size
  return { made, redone: begun.length - made }
}
