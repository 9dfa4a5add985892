/** A worker process: takes jobs from the queue until it is asked to stop. Composition only. */
import { readFileSync } from 'node:fs'
import { createGateway } from '../core/adapters/gateway'
import { consumeJobs } from '../core/adapters/bullmq-worker'
import { createJobQueue } from '../core/adapters/bullmq-queue'
import { createLauncher } from '../core/adapters/launcher'
import { ndjsonEvents } from '../core/adapters/ndjson-events'
import { openStore } from '../core/adapters/open-store'
import { redisTarget } from '../core/adapters/redis-connection'
import { servedConcat, servedObject } from '../core/adapters/served-object'
import { checkTools } from '../core/adapters/tools'
import { asGantryError } from '../core/contract/errors'
import { printable, readSettings } from '../core/service/config'
import { runService, type Release } from '../core/service/lifecycle'
import { createLogger, type Logger } from '../core/service/logger'
import type { Settings } from '../core/service/settings'
import type { WorkerContext } from './context'
import { handleJob, recordJobFailure } from './handlers'

const NAMES = [
  ...(['GANTRY_REDIS_URL', 'GANTRY_STATE', 'GANTRY_OUTPUT', 'GANTRY_SCRATCH', 'GANTRY_WORKER_ID'] as const),
  ...(['GANTRY_LOG_LEVEL', 'GANTRY_SLOTS', 'GANTRY_ENCODER_THREADS', 'GANTRY_FFMPEG', 'GANTRY_FFPROBE'] as const),
  ...(['GANTRY_QUEUE_PREFIX', 'GANTRY_LOCK_MS', 'GANTRY_STALL_CHECK_MS', 'GANTRY_ATTEMPTS'] as const),
  ...(['GANTRY_RETRY_DELAY_MS', 'GANTRY_POISON_LIMIT', 'GANTRY_FFMPEG_MEMORY_BYTES'] as const),
] as const

type WorkerSettings = Pick<Settings, (typeof NAMES)[number]>

/** Joins, remuxes and publications at once; they are short, and one at a time leaves the encoders their cores. */
const FINISH_SLOTS = 1

/** ffmpeg gets 5 s to end; what cannot be handed back by then is taken over when its lease runs out. */
const DRAIN_MS = 7_000
/** When the parent is gone its Redis is gone too: there is nobody to hand work back to. */
const ORPHAN_MS = 2_000

function run(settings: WorkerSettings, log: Logger): Promise<number> {
  process.once('disconnect', () => setTimeout(() => process.exit(1), ORPHAN_MS).unref())
  return runService(log, { host: process, drainMs: DRAIN_MS }, async (onStop) => {
    const context = await assemble(settings, log, onStop)
    const options = {
      redis: redisTarget(settings.GANTRY_REDIS_URL),
      prefix: settings.GANTRY_QUEUE_PREFIX,
      lockMs: settings.GANTRY_LOCK_MS,
      stallCheckMs: settings.GANTRY_STALL_CHECK_MS,
      poisonLimit: settings.GANTRY_POISON_LIMIT,
      onError: (error: Error) => log.debug({ err: error }, 'queue connection'),
    }
    const lanes = [
      { queue: 'encode', slots: settings.GANTRY_SLOTS },
      { queue: 'finish', slots: FINISH_SLOTS },
    ] as const
    for (const lane of lanes) {
      const consumer = await consumeJobs(options, {
        ...lane,
        handle: (job, attempt) => handleJob(context, job, attempt),
        onFailed: (job, error) => recordJobFailure(context, job, error),
      })
      onStop(`queue ${lane.queue}`, () => consumer.stop({ finishWithinSeconds: 0, limitSeconds: 0 }))
    }
    log.info({ settings: printable(settings), ffmpeg: context.ffmpegBuild }, 'worker ready')
  })
}

async function assemble(
  settings: WorkerSettings,
  log: Logger,
  onStop: (name: string, release: Release) => void,
): Promise<WorkerContext> {
  const { store } = await openStore({ stateUrl: settings.GANTRY_STATE, outputUrl: settings.GANTRY_OUTPUT })
  const launcher = createLauncher({ ffmpeg: settings.GANTRY_FFMPEG, ffprobe: settings.GANTRY_FFPROBE })
  const { ffmpeg } = await checkTools(launcher, settings.GANTRY_SCRATCH)
  const queue = await createJobQueue({
    redis: redisTarget(settings.GANTRY_REDIS_URL),
    prefix: settings.GANTRY_QUEUE_PREFIX,
    attempts: settings.GANTRY_ATTEMPTS,
    retryDelayMs: settings.GANTRY_RETRY_DELAY_MS,
    onError: (error) => log.debug({ err: error }, 'queue connection'),
  })
  onStop('queue', () => queue.close())
  const gateway = await createGateway()
  onStop('gateway', () => gateway.close())
  const sink = ndjsonEvents(process.stdout)
  onStop('events', () => sink.close())
  const threads = settings.GANTRY_ENCODER_THREADS
  return {
    ...{ store, queue, gateway, launcher, sink, log },
    workerId: settings.GANTRY_WORKER_ID,
    serve: {
      object: (at, bytes) => servedObject(store, at, bytes),
      concat: (parts) => servedConcat(store, parts),
    },
    scratch: settings.GANTRY_SCRATCH,
    ffmpegBuild: `${ffmpeg.version} ${ffmpeg.digest}`,
    encoderThreads: threads === 'auto' ? null : threads,
    memoryBytes: settings.GANTRY_FFMPEG_MEMORY_BYTES,
    now: () => new Date(),
  }
}

async function main(): Promise<number> {
  try {
    const settings = readSettings(process.env, NAMES, (path) => readFileSync(path, 'utf8'))
    const log = createLogger({ service: 'worker', level: settings.GANTRY_LOG_LEVEL }).child({
      workerId: settings.GANTRY_WORKER_ID,
    })
    return await run(settings, log)
  } catch (thrown) {
    const error = asGantryError(thrown)
    process.stderr.write(`${JSON.stringify({ level: 60, service: 'worker', code: error.code, msg: error.message })}\n`)
    return 1
  }
}

void main().then((code) => process.exit(code))
