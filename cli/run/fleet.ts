/** The whole fleet on one machine, for the time of a command: Redis, workers, scheduler, folder store. */
import { mkdir } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { createJobQueue } from '../../core/adapters/bullmq-queue'
import { createProbe, DEFAULT_PROBE_LIMITS, type ProbeLimits } from '../../core/adapters/ffprobe'
import { createGateway } from '../../core/adapters/gateway'
import { createLauncher } from '../../core/adapters/launcher'
import { createLocalWorkers } from '../../core/adapters/local-workers'
import { MASTERS_BUCKET, openStore } from '../../core/adapters/open-store'
import { redisSignals } from '../../core/adapters/redis-signals'
import { createPictureIndexReader } from '../../core/adapters/picture-index'
import { redisTarget } from '../../core/adapters/redis-connection'
import { startRedisServer } from '../../core/adapters/redis-server'
import { checkTools } from '../../core/adapters/tools'
import { destinationIdOf } from '../../core/contract/destination'
import type { AnyEvent } from '../../core/contract/event'
import { findMaster } from '../input/find-master'
import { stateFolderOf } from '../out-folder'
import { findRequest } from '../input/request'
import { localTarget, type Asked } from '../input/request-file'
import type { JobQueue } from '../../core/ports/job-queue'
import type { MediaProbe } from '../../core/ports/media-probe'
import type { OpenStore } from '../../core/ports/object-store'
import type { Signals } from '../../core/ports/signals'
import type { EventSink } from '../../core/ports/event-sink'
import type { Settings } from '../../core/service/settings'
import type { Logger } from '../../core/service/logger'
import type { AssetStanding } from '../../scheduler/reconcile'
import { startScheduler, type Scheduler, type SchedulerOptions } from '../../scheduler/scheduler'
import { assetIdOf } from '../../scheduler/identity'
import { LIMIT_NAMES, planLimits } from '../../scheduler/limits'
import { startSweeper } from '../../scheduler/sweeper/sweeper'
import { speedReader } from '../../scheduler/read-speeds'
import type { Submitted } from '../../scheduler/submit'
import { lockOutput } from './out-lock'
import { makeTempFolder } from './temp-folder'
import { workerEnvironment } from './worker-environment'
import { createReleases, type Releases } from '../../core/service/lifecycle'

/** Settings of a fleet on one machine; where things are follows from the command. */
export const FLEET_SETTINGS = [
  ...(['GANTRY_FFMPEG', 'GANTRY_FFPROBE', 'GANTRY_REDIS_SERVER', 'GANTRY_LOG_LEVEL', 'GANTRY_WORKERS'] as const),
  ...(['GANTRY_SLOTS', 'GANTRY_ENCODER_THREADS', 'GANTRY_QUEUE_PREFIX', 'GANTRY_LOCK_MS'] as const),
  ...(['GANTRY_STALL_CHECK_MS', 'GANTRY_ATTEMPTS', 'GANTRY_RETRY_DELAY_MS', 'GANTRY_POISON_LIMIT'] as const),
  ...(['GANTRY_FFMPEG_MEMORY_BYTES'] as const),
  ...LIMIT_NAMES,
] as const

export type FleetSettings = Pick<Settings, (typeof FLEET_SETTINGS)[number]>

export interface FleetOptions {
  settings: FleetSettings
  /** Folders to look for programs in. */
  searchPath: string
  /** Absolute; published assets go here, the state into its `.gantry`. */
  outFolder: string
  workers: number
  /** Absolute; files of captions are looked for from here. */
  cwd: string
  /** A person asks again on purpose, so failed or lost work is made anew. An inbox only tells of what it sees. */
  again: 'same' | 'renew'
  /** Whether open assets of earlier commands are worked on too. */
  resumeAll: boolean
  onEvent: (event: AnyEvent) => void
  onClosed: (assetId: string, standing: AssetStanding) => void
  /** A worker's log line, as it printed it. */
  onWorkerLog: (line: string) => void
  log: Logger
  /** The compiled `worker/main.js`. */
  workerScript: string
  signal: AbortSignal
}

export interface Fleet {
  /** @throws SOURCE_NOT_FOUND, SOURCE_DENIED for a path that cannot be read; other rejects are told as events. */
  submit(path: string, asked: Asked): Promise<Submitted>
  places: Pick<OpenStore, 'store' | 'state' | 'storeOf'>
  /** Makes an open asset this fleet's own, and looks at it. */
  bringOn(assetId: string): Promise<void>
  /** Ends everything that was started, in reverse order; nothing is left running and no temporary file stays. */
  close(): Promise<void>
}

const SWEEP_MS = 5_000
/** Workers end their ffmpeg in 5 s; then they are ended. */
const WORKER_GRACE_MS = 8_000

/** Starts the fleet; what was started is released again when a later step fails. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const releases = createReleases(options.log)
  try {
    return await assemble(options, releases)
  } catch (error) {
    await releases.run()
    throw error
  }
}

async function assemble(options: FleetOptions, releases: Releases): Promise<Fleet> {
  const { settings, log, searchPath } = options
  const stateFolder = stateFolderOf(options.outFolder)
  await mkdir(stateFolder, { recursive: true })
  const urls = { stateUrl: pathToFileURL(stateFolder).href, outputUrl: pathToFileURL(options.outFolder).href }
  const places = await openStore(urls)
  const lock = await lockOutput(places.store, places.state, options.outFolder)
  releases.add('lock', () => lock.release())
  const temp = await makeTempFolder()
  releases.add('temporary folder', () => temp.remove())
  const launcher = createLauncher({ ffmpeg: settings.GANTRY_FFMPEG, ffprobe: settings.GANTRY_FFPROBE })
  await checkTools(launcher, temp.path)
  const onRestart = (): void => log.warn('redis-server ended and is started again')
  const redis = await startRedisServer({ program: settings.GANTRY_REDIS_SERVER, folder: temp.path, onRestart })
  releases.add('redis-server', () => redis.close())
  const queue = await connectQueue(options, redis.url)
  releases.add('queue', () => queue.close())
  const gateway = await createGateway()
  releases.add('gateway', () => gateway.close())
  const signals = connectSignals(options, redis.url)
  releases.add('signals', () => signals.close())
  const limits = probeLimits(settings)
  const probe = createProbe({ store: places.store, gateway, launcher, limits, scratchFolder: temp.path })
  // What this command was given is its own; what others left open is not, unless it is to resume all.
  const owned = new Set<string>()
  const scheduler = startScheduler(schedulerOptions(options, { ...places, queue, signals, probe }, owned))
  releases.add('scheduler', () => scheduler.close())
  sweepFolder(places, log, releases)
  const workers = createLocalWorkers({
    script: options.workerScript,
    env: workerEnvironment(settings, { ...urls, searchPath, redisUrl: redis.url, scratch: temp.path }),
    onEvent: options.onEvent,
    onLog: options.onWorkerLog,
    onDeath: (worker) => log.warn(worker, 'worker died; its work is taken over'),
  })
  releases.add('workers', () => workers.close(WORKER_GRACE_MS))
  await workers.setWorkers(options.workers)
  return { ...fleetOf(options, places, { scheduler, owned }), close: () => releases.run() }
}

/** The folder is this command's alone; what commands that were killed have left is a day old when it goes. */
function sweepFolder({ store, state, output, storeOf }: OpenStore, log: Logger, releases: Releases): void {
  const outputs = [{ place: output }]
  const sweeper = startSweeper({ store, state, storeOf, outputs, leads: () => true, log, now: () => new Date() })
  releases.add('sweeper', () => sweeper.close())
  sweeper.now()
}

function fleetOf(
  options: FleetOptions,
  places: OpenStore,
  own: { scheduler: Scheduler; owned: Set<string> },
): Omit<Fleet, 'close'> {
  return {
    places,
    submit: (path, asked) => submitFile(options, places, own, { path, asked }),
    bringOn: (assetId) => {
      own.owned.add(assetId)
      return own.scheduler.look(assetId)
    },
  }
}

async function submitFile(
  { cwd, again, signal }: FleetOptions,
  { store, output }: OpenStore,
  { scheduler, owned }: { scheduler: Scheduler; owned: Set<string> },
  { path, asked }: { path: string; asked: Asked },
): Promise<Submitted> {
  const source = await findMaster(store, path)
  const request = await findRequest(asked.request, store, cwd)
  const target = localTarget(asked, output)
  owned.add(assetIdOf(source, destinationIdOf(target.place), request.clip))
  const { ladder, lane } = asked
  return scheduler.submit({ source, lane, ladder, request, target, again, retell: true }, signal)
}

function connectQueue({ settings, log }: FleetOptions, redisUrl: string): Promise<JobQueue> {
  return createJobQueue({
    redis: redisTarget(redisUrl),
    prefix: settings.GANTRY_QUEUE_PREFIX,
    attempts: settings.GANTRY_ATTEMPTS,
    retryDelayMs: settings.GANTRY_RETRY_DELAY_MS,
    onError: (error) => log.debug({ err: error }, 'queue connection'),
  })
}

function connectSignals({ settings, log }: FleetOptions, redisUrl: string): Signals {
  const onError = (error: Error): void => log.debug({ err: error }, 'signals connection')
  return redisSignals(redisTarget(redisUrl), settings.GANTRY_QUEUE_PREFIX, onError)
}

function schedulerOptions(
  options: FleetOptions,
  parts: OpenStore & { queue: JobQueue; signals: Signals; probe: MediaProbe },
  owned: ReadonlySet<string>,
): SchedulerOptions {
  const { settings, log } = options
  const now = (): Date => new Date()
  const sink: EventSink = {
    emit: (event) => Promise.resolve(options.onEvent(event)),
    close: () => Promise.resolve(),
  }
  return {
    ...parts,
    sink,
    now,
    admission: {
      maxBytes: settings.GANTRY_MAX_BYTES,
      ownPlaces: [{ bucket: MASTERS_BUCKET, prefix: options.outFolder }],
    },
    limits: planLimits(settings),
    pictureIndex: createPictureIndexReader(parts.store),
    speeds: speedReader({
      ...{ store: parts.store, state: parts.state, now },
      onTrouble: (error) => log.warn({ err: error }, 'speeds not known'),
    }),
    sweepMs: SWEEP_MS,
    owns: (assetId) => options.resumeAll || owned.has(assetId),
    onClosed: options.onClosed,
    onRelayFailure: (error, assetId) => log.warn({ err: error, assetId }, 'event not told yet'),
    onLearnFailure: (error, assetId) => log.warn({ err: error, assetId }, 'speeds of a run not counted'),
    onError: (error, assetId) => log.warn({ err: error, assetId }, 'reconcile failed'),
  }
}

function probeLimits(settings: FleetSettings): ProbeLimits {
  return {
    ...DEFAULT_PROBE_LIMITS,
    maxPixels: settings.GANTRY_MAX_PIXELS,
    maxDurationSeconds: settings.GANTRY_MAX_DURATION_SECONDS,
  }
}
