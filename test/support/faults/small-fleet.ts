/**
 * Scheduler and workers as functions of this process, on a folder store and a real Redis: whoever calls them decides
 * which step comes when, and which is the last one of a process.
 */
import { cpSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createJobQueue } from '../../../core/adapters/bullmq-queue'
import { createProbe, DEFAULT_PROBE_LIMITS } from '../../../core/adapters/ffprobe'
import { createFileStore } from '../../../core/adapters/file-store'
import { createGateway } from '../../../core/adapters/gateway'
import { createLauncher } from '../../../core/adapters/launcher'
import { createPictureIndexReader } from '../../../core/adapters/picture-index'
import { redisTarget } from '../../../core/adapters/redis-connection'
import { startRedisServer, type RedisServer } from '../../../core/adapters/redis-server'
import { servedConcat, servedObject } from '../../../core/adapters/served-object'
import type { Job } from '../../../core/contract/job'
import { queueOf } from '../../../core/contract/queues'
import { NO_REQUEST } from '../../../core/contract/request'
import type { EventSink } from '../../../core/ports/event-sink'
import type { JobQueue } from '../../../core/ports/job-queue'
import type { MediaProbe } from '../../../core/ports/media-probe'
import type { PictureIndexReader } from '../../../core/ports/picture-index'
import type { ObjectStore } from '../../../core/ports/object-store'
import { createLogger } from '../../../core/service/logger'
import { parseLadder } from '../../../ladders/parse'
import { DEFAULT_NAME } from '../../../routes/name'
import { NO_SPEEDS } from '../../../scheduler/cost/known-speeds'
import type { Submission, SubmitParts } from '../../../scheduler/submit'
import type { WorkerParts } from '../../../worker/handlers'
import { planLimits } from '../builders'
import { runProgram } from '../run-program'

export const STATE = { bucket: 'state', prefix: '' }
export const OUTPUT = { bucket: 'out', prefix: '' }

/** What a process writes to. */
export interface Ports {
  store: ObjectStore
  queue: JobQueue
  sink: EventSink
}

export interface SmallFleet {
  folder: string
  redis: RedisServer
  queue: JobQueue
  /** Empties the queue, as a loss of Redis does. */
  flush(): Promise<void>
  isQueued(job: Job): Promise<boolean>
  /** Some seconds of picture and sound, for pieces of two segments' length at most. */
  master: string
  /** A store of its own below the folder, with what another one holds. */
  openStore(name: string, from?: string): Promise<ObjectStore>
  scheduler(ports: Ports): SubmitParts
  worker(ports: Ports): WorkerParts
  /** A file as an event tells of it. */
  submission(store: ObjectStore, file?: string): Promise<Submission>
  close(): Promise<void>
}

const LADDER = `name: small
segmentSeconds: 2
gopSeconds: 1
rungs:
  - { id: 90p, shortSidePx: 90, maxBitrateBps: 200_000 }
packaging: { dash: true }
`

const QUEUE_PREFIX = '{small}'

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=4.5']
const SOUND = ['-f', 'lavfi', '-i', 'sine=f=440:d=4.5', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac']

export async function openSmallFleet(): Promise<SmallFleet> {
  const ladder = parseLadder(LADDER, 'small')
  const folder = await mkdtemp(join(tmpdir(), 'gantry-small-'))
  const master = join(folder, 'film.mp4')
  const made = await runProgram('ffmpeg', ['-v', 'error', ...PICTURE, ...SOUND, master])
  if (made.code !== 0) throw new Error(made.stderr)
  const redis = await startRedisServer({ program: 'redis-server', folder, onRestart: () => undefined })
  const target = { redis: redisTarget(redis.url), prefix: QUEUE_PREFIX, onError: () => undefined }
  const client = new Redis(redisTarget(redis.url))
  const queue = await createJobQueue({ ...target, attempts: 2, retryDelayMs: 10 })
  const gateway = await createGateway()
  const launcher = createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' })
  const looking = createFileStore({ buckets: { file: { masters: true } } })
  const limits = DEFAULT_PROBE_LIMITS
  const real = createProbe({ store: looking, gateway, launcher, limits, scratchFolder: folder })
  const index = createPictureIndexReader(looking)
  // Of one master many lives are lived: it is looked at once, whatever etag an event tells.
  const probe: MediaProbe = { probe: onceEach((source, signal) => real.probe(source, signal)) }
  const pictureIndex: PictureIndexReader = {
    readIndex: onceEach((source, facts, signal) => index.readIndex(source, facts, signal)),
  }
  const scheduler = ({ store, queue: jobs, sink }: Ports): SubmitParts => ({
    ...{ store, state: STATE, output: OUTPUT, storeOf: () => store, queue: jobs, sink, now: () => new Date() },
    signals: { tell: () => undefined, hear: () => undefined, close: () => Promise.resolve() },
    onRelayFailure: rethrow,
    onLearnFailure: rethrow,
    speeds: () => Promise.resolve(NO_SPEEDS),
    ...{ probe, admission: { maxBytes: 2 ** 30, ownPlaces: [] }, pictureIndex },
    limits: planLimits({ pieceSeconds: 2 }),
  })
  const worker = ({ store, queue: jobs, sink }: Ports): WorkerParts => ({
    ...{ storeOf: () => store, queue: jobs, sink, launcher, gateway, scratch: folder, workerId: 'w' },
    serveFrom: (from) => ({
      object: (at, bytes) => servedObject(from, at, bytes),
      concat: (pieces) => servedConcat(from, pieces),
    }),
    log: createLogger({ service: 'worker', level: 'silent' }),
    ...{ ffmpegBuild: 'x', encoderThreads: 1, memoryBytes: 2 ** 31, now: () => new Date() },
    tellChanged: () => undefined,
  })
  return {
    ...{ folder, redis, queue, master, scheduler, worker },
    flush: async () => void (await client.flushall()),
    isQueued: async ({ kind, jobId }) => (await client.exists(`${QUEUE_PREFIX}:${queueOf(kind)}:${jobId}`)) === 1,
    openStore: (name, from) => openStore(folder, name, from),
    submission: async (store, file = master) => {
      const place = { bucket: 'file', key: file }
      const found = await store.head(place)
      if (found === null) throw new Error(`no ${file}`)
      const target = { place: OUTPUT, template: DEFAULT_NAME }
      const source = { ...place, ...found }
      return { source, lane: 'normal', target, ladder, request: NO_REQUEST, again: 'same', retell: false }
    },
    close: async () => {
      await queue.close()
      client.disconnect()
      await gateway.close()
      await redis.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function openStore(folder: string, name: string, from?: string): Promise<ObjectStore> {
  const bucket = async (of: string): Promise<{ folder: string; scratch: string }> => {
    const place = join(folder, name, of)
    await mkdir(place, { recursive: true })
    if (from !== undefined) cpSync(join(folder, from, of), place, { recursive: true })
    return { folder: place, scratch: join(folder, name, 'tmp') }
  }
  return createFileStore({
    buckets: { state: await bucket('state'), out: await bucket('out'), file: { masters: true } },
  })
}

function onceEach<S extends { key: string }, M extends unknown[], T>(look: (source: S, ...more: M) => T) {
  const known = new Map<string, T>()
  return (source: S, ...more: M): T => {
    const found = known.get(source.key) ?? look(source, ...more)
    known.set(source.key, found)
    return found
  }
}

function rethrow(error: unknown): never {
  throw error
}
