/** A worker process: takes jobs from the queue until it is asked to stop. Composition only. */
import { mkdir, rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { consumeJobs } from '../core/adapters/bullmq-worker'
import { createGateway } from '../core/adapters/gateway'
import { createLauncher } from '../core/adapters/launcher'
import { openParts, PART_NAMES, type Parts } from '../core/adapters/open-parts'
import { redisTarget } from '../core/adapters/redis-connection'
import { createMasterEnds } from '../core/adapters/master-ends'
import { servedConcat, servedObject } from '../core/adapters/served-object'
import { checkTools } from '../core/adapters/tools'
import type { Drain, JobConsumer } from '../core/ports/job-queue'
import { openAdmin } from '../core/service/admin'
import { runMain, type RunningService } from '../core/service/main'
import { createMetrics, type Metrics } from '../core/service/metrics'
import type { Settings } from '../core/service/settings'
import { calibrate } from './calibrate'
import { handleJob, recordJobFailure, type WorkerParts } from './handlers'
import { measured } from './measured'

const NAMES = [
  ...PART_NAMES,
  ...(['GANTRY_SCRATCH', 'GANTRY_LOG_LEVEL', 'GANTRY_SLOTS', 'GANTRY_ENCODER_THREADS', 'GANTRY_FFMPEG'] as const),
  ...(['GANTRY_FFPROBE', 'GANTRY_LOCK_MS', 'GANTRY_STALL_CHECK_MS', 'GANTRY_POISON_LIMIT'] as const),
  ...(['GANTRY_FFMPEG_MEMORY_BYTES', 'GANTRY_DRAIN_SECONDS', 'GANTRY_ADMIN_PORT', 'GANTRY_ADMIN_HOST'] as const),
] as const

type Name = (typeof NAMES)[number]
type Service = RunningService<Name>

/** Joins, remuxes and publications at once; they are short, and one at a time leaves the encoders their cores. */
const FINISH_SLOTS = 1

/** ffmpeg gets 5 s to end; what cannot be handed back by then is taken over when its lease runs out. */
const END_MS = 7_000
/** A piece that is a little slower than it told is still waited for. */
const SLACK_SECONDS = 20
/** When the parent is gone its Redis is gone too: there is nobody to hand work back to. */
const ORPHAN_MS = 2_000

function drainOf({ GANTRY_DRAIN_SECONDS: seconds }: Pick<Settings, 'GANTRY_DRAIN_SECONDS'>): Drain {
  return { finishWithinSeconds: seconds, limitSeconds: seconds === 0 ? 0 : seconds + SLACK_SECONDS }
}

async function run(service: Service): Promise<void> {
  const { settings, log, onStop } = service
  const metrics = createMetrics('worker')
  const admin = await openAdmin(settings, { metrics, log }, onStop)
  const parts = await openParts(service, process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION)
  metrics.onRead(() => metrics.droppedEvents.set(parts.sink.droppedCount()))
  const context = await assemble(service, parts)
  await measureMachine(service, context, parts)
  const consumers = await consume(service, context, metrics)
  parts.signals.hear('run-closed', (runId) => consumers.forEach((consumer) => consumer.drop(runId)))
  onStop('readiness', () => Promise.resolve(admin?.stopping()))
  admin?.ready(parts.readyChecks)
  log.info({ ffmpeg: context.ffmpegBuild, slots: settings.GANTRY_SLOTS }, 'worker ready')
}

/** Before the first job, which would be measured with it. */
function measureMachine({ log, signal }: Service, context: WorkerParts, { places }: Parts): Promise<void> {
  const { launcher, scratch, memoryBytes, ffmpegBuild, encoderThreads, now } = context
  const cpu = (cpus()[0]?.model ?? 'unknown').trim()
  const kind = { cpu, arch: process.arch, ffmpegBuild, encoderThreads }
  return calibrate({
    ...{ store: places.store, state: places.state, launcher, scratch, memoryBytes },
    ...{ kind, log, now, signal },
  })
}

async function consume(service: Service, context: WorkerParts, metrics: Metrics): Promise<JobConsumer[]> {
  const { settings, log, onStop } = service
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
  const handle = measured(metrics, (job, lease) => handleJob(context, job, lease))
  const onFailed = recordJobFailure.bind(null, context)
  const consumers = await Promise.all(lanes.map((lane) => consumeJobs(options, { ...lane, handle, onFailed })))
  // Both at once: the time to drain is the same.
  onStop('queues', () => Promise.all(consumers.map((consumer) => consumer.stop(drainOf(settings)))))
  return consumers
}

async function assemble({ settings, log, onStop }: Service, parts: Parts): Promise<WorkerParts> {
  const scratch = join(settings.GANTRY_SCRATCH, settings.GANTRY_WORKER_ID)
  // What a process of this name left when it died is of no use.
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true, mode: 0o700 })
  onStop('scratch', () => rm(scratch, { recursive: true, force: true }))
  const launcher = createLauncher({ ffmpeg: settings.GANTRY_FFMPEG, ffprobe: settings.GANTRY_FFPROBE })
  const { ffmpeg } = await checkTools(launcher, scratch)
  const gateway = await createGateway()
  onStop('gateway', () => gateway.close())
  const { storeOf } = parts.places
  const threads = settings.GANTRY_ENCODER_THREADS
  const ends = createMasterEnds()
  return {
    ...{ storeOf, queue: parts.queue, sink: parts.sink, gateway, launcher, log, scratch },
    workerId: settings.GANTRY_WORKER_ID,
    serveFrom: (store) => ({
      object: (at, bytes) => ends.of(at, servedObject(store, at, bytes)),
      concat: (pieces) => servedConcat(store, pieces),
    }),
    ffmpegBuild: `${ffmpeg.version} ${ffmpeg.digest}`,
    encoderThreads: threads === 'auto' ? null : threads,
    memoryBytes: settings.GANTRY_FFMPEG_MEMORY_BYTES,
    tellChanged: (assetId) => parts.signals.tell('asset-changed', assetId),
    now: () => new Date(),
  }
}

process.once('disconnect', () => setTimeout(() => process.exit(1), ORPHAN_MS).unref())
void runMain({
  service: 'worker',
  names: NAMES,
  env: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  host: process,
  drainMs: (settings) => drainOf(settings).limitSeconds * 1_000 + END_MS,
  body: run,
}).then((code) => process.exit(code))
