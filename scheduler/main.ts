/** The scheduler as a service: hears of masters, plans them, and sees each to its end. Composition only. */
import { mkdir, rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { tagsOf } from '../core/adapters/from-settings'
import { createProbe, DEFAULT_PROBE_LIMITS } from '../core/adapters/ffprobe'
import { createGateway } from '../core/adapters/gateway'
import { createLauncher } from '../core/adapters/launcher'
import { openParts, PART_NAMES, type Parts } from '../core/adapters/open-parts'
import { createPictureIndexReader } from '../core/adapters/picture-index'
import { takeLease } from '../core/adapters/redis-lock'
import { startSqsIntake } from '../core/adapters/sqs-intake'
import { checkTools } from '../core/adapters/tools'
import { startWebhookIntake } from '../core/adapters/webhook-intake'
import { asGantryError, GantryError } from '../core/contract/errors'
import type { Place } from '../core/contract/source'
import type { TakeMessage } from '../core/ports/intake'
import type { MediaProbe } from '../core/ports/media-probe'
import type { OpenStore } from '../core/ports/object-store'
import { openAdmin } from '../core/service/admin'
import type { Leadership } from '../core/service/leader'
import { runMain, type RunningService } from '../core/service/main'
import { createMetrics, type Metrics } from '../core/service/metrics'
import type { Ladder } from '../ladders/schema'
import { builtInLadders, findLadder, ladderChoice } from './find-ladder'
import { ownPlaces, requestCheck, takerOf, type IntakeParts } from './intake/taker'
import { keptMessages, type KeptMessages } from './intake/kept-messages'
import { lead } from './lead'
import { LIMIT_NAMES, planLimits, sourcePlaces } from './limits'
import { loadRoutes, type LoadedRoutes } from './routing/load-routes'
import { routingOf, type Routing } from './routing/routing'
import type { Target } from './routing/target'
import { speedReader } from './read-speeds'
import { startScheduler, type Scheduler } from './scheduler'
import type { AssetStanding } from './reconcile'

const NAMES = [
  ...[...PART_NAMES, ...LIMIT_NAMES],
  ...(['GANTRY_SOURCES', 'GANTRY_LADDER', 'GANTRY_ROUTES', 'GANTRY_DESTINATIONS', 'GANTRY_SCRATCH'] as const),
  ...(['GANTRY_FFMPEG', 'GANTRY_FFPROBE'] as const),
  ...(['GANTRY_SQS_URL', 'GANTRY_SQS_DEAD_LETTER_URL', 'GANTRY_SQS_ENDPOINT', 'GANTRY_SQS_REGION'] as const),
  ...(['GANTRY_SQS_VISIBILITY_SECONDS', 'GANTRY_INTAKE_CONCURRENCY', 'GANTRY_WEBHOOK_PORT'] as const),
  ...(['GANTRY_WEBHOOK_HOST', 'GANTRY_WEBHOOK_TOKEN', 'GANTRY_LOG_LEVEL'] as const),
  ...(['GANTRY_ADMIN_PORT', 'GANTRY_ADMIN_HOST'] as const),
] as const

type Service = RunningService<(typeof NAMES)[number]>

const SWEEP_MS = 5_000
/** A leader that dies is followed after this long; takeover of a piece takes about as long. */
const LEADER_MS = 10_000
/** Probes that run may finish; a master that was not planned is brought again by its intake. */
const DRAIN_MS = 20_000
const INTAKE_DRAIN_MS = 8_000

/** The package's folder: `dist/scheduler` is two below it. */
const BUILT_IN = resolve(__dirname, '..', '..', 'ladders')

/** What files say, read before anything is started. */
interface Loaded {
  ladder: Ladder
  routes: LoadedRoutes | null
}

async function load({ GANTRY_LADDER: ladder, GANTRY_ROUTES: routes }: Service['settings']): Promise<Loaded> {
  return {
    ladder: await findLadder(ladderChoice(ladder, process.cwd()), BUILT_IN),
    routes: routes === undefined ? null : await loadRoutes(resolve(routes), BUILT_IN),
  }
}

async function run(service: Service): Promise<void> {
  const { settings, log, onStop } = service
  const loaded = await load(settings)
  const metrics = createMetrics('scheduler')
  const admin = await openAdmin(settings, { metrics, log }, onStop)
  const kept = keptMessages({ log, sources: sourcePlaces(settings.GANTRY_SOURCES) })
  // Before the store is there: some S3 servers do not start while nobody hears their events.
  await openWebhook(service, kept, metrics)

  const awsRegion = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION
  const parts = await openParts(service, awsRegion)
  const { places } = parts
  const routing = await openRouting(service, places, loaded)
  const leadership: { current: Leadership | null } = { current: null }
  const own = ownPlaces({ places, routing })
  const leads = (): boolean => leadership.current?.leads() ?? false
  const scheduler = await assemble(service, parts, { metrics, leads, own })
  const onCount: IntakeParts['onCount'] = (outcome) => metrics.intakeObjects.inc({ outcome })
  const take = takerOf({ places, routing, scheduler, log, onCount })
  kept.open({
    ...{ store: places.store, state: places.state, ownPlaces: own, take },
    ...{ checkRequest: requestCheck({ places, routing }), concurrency: settings.GANTRY_INTAKE_CONCURRENCY },
  })
  onStop('kept messages', () => kept.close(INTAKE_DRAIN_MS))
  const key = `${settings.GANTRY_QUEUE_PREFIX}:leader`
  const targets = [...routing.namedTargets.values()]
  leadership.current = lead({
    ...{ take: () => takeLease(parts.redis, key, LEADER_MS), lastsMs: LEADER_MS },
    ...{ places, targets, scheduler, onStop, log },
    onChange: (leads) => metrics.leader.set(leads ? 1 : 0),
  })
  openSqs(service, { take, metrics, awsRegion })
  onStop('readiness', () => Promise.resolve(admin?.stopping()))
  admin?.ready(parts.readyChecks)
  await lookAtDestinations(service, places, targets)
  log.info({ ladder: loaded.ladder.name, rules: routing.rules.length }, 'scheduler ready')
}

async function assemble(
  service: Service,
  parts: Parts,
  { metrics, leads, own }: { metrics: Metrics; leads: () => boolean; own: readonly Place[] },
): Promise<Scheduler> {
  const { settings, log, onStop } = service
  const { places, queue, signals, sink } = parts
  metrics.onRead(async () => {
    for (const { queue: name, state, jobs } of await queue.counts()) metrics.queueJobs.set({ queue: name, state }, jobs)
  })
  const { store, state, output, storeOf } = places
  const now = (): Date => new Date()
  const onTrouble = ({ code, message }: GantryError): void => log.warn({ code, reason: message }, 'speeds not known')
  const scheduler = startScheduler({
    ...{ store, state, output, storeOf, queue, signals, sink },
    probe: await openProbe(service, places),
    now,
    admission: { maxBytes: settings.GANTRY_MAX_BYTES, ownPlaces: own },
    limits: planLimits(settings),
    pictureIndex: createPictureIndexReader(store),
    speeds: speedReader({ store, state, now, onTrouble }),
    sweepMs: SWEEP_MS,
    owns: leads,
    onClosed: (assetId, standing) => tellClosed(service, metrics, assetId, standing),
    onRelayFailure: (error, assetId) => log.debug({ err: error, assetId }, 'event not told yet'),
    onLearnFailure: (error, assetId) => log.warn({ err: error, assetId }, 'speeds of a run not counted'),
    // What waits for Kafka is looked at in every sweep; the sink itself says once that Kafka is away.
    onError: (error, assetId) =>
      log[isOfEvents(error) ? 'debug' : 'warn']({ err: error, assetId }, 'asset cannot be brought on now'),
  })
  onStop('scheduler', () => scheduler.close())
  return scheduler
}

function isOfEvents(error: Error): boolean {
  return error instanceof GantryError && error.code === 'EVENTS_UNAVAILABLE'
}

function tellClosed({ log }: Service, metrics: Metrics, assetId: string, standing: AssetStanding): void {
  if (standing.status !== 'closed') return
  const { final } = standing
  metrics.assets.inc({ outcome: final.status === 'failed' ? final.code : final.status })
  if (final.status === 'published') metrics.mediaSeconds.inc(final.asset.durationSeconds)
  log.info({ assetId, run: final.run, outcome: final.status }, 'asset closed')
}

async function openProbe({ settings, onStop }: Service, { store }: OpenStore): Promise<MediaProbe> {
  const scratchFolder = join(settings.GANTRY_SCRATCH, settings.GANTRY_WORKER_ID)
  await mkdir(scratchFolder, { recursive: true, mode: 0o700 })
  onStop('scratch', () => rm(scratchFolder, { recursive: true, force: true }))
  const launcher = createLauncher({ ffmpeg: settings.GANTRY_FFMPEG, ffprobe: settings.GANTRY_FFPROBE })
  await checkTools(launcher, scratchFolder)
  const gateway = await createGateway()
  onStop('gateway', () => gateway.close())
  const limits = {
    ...DEFAULT_PROBE_LIMITS,
    maxPixels: settings.GANTRY_MAX_PIXELS,
    maxDurationSeconds: settings.GANTRY_MAX_DURATION_SECONDS,
  }
  return createProbe({ store, gateway, launcher, limits, scratchFolder })
}

/** A destination that does not answer holds up its own assets alone. */
async function lookAtDestinations({ log }: Service, { storeOf }: OpenStore, targets: readonly Target[]): Promise<void> {
  for (const { place, destination } of targets) {
    try {
      await storeOf(destination).list(place)[Symbol.asyncIterator]().next()
    } catch (thrown) {
      const { code, message } = asGantryError(thrown)
      log.warn({ code, reason: message, destination: place }, 'destination cannot be looked at')
    }
  }
}

async function openRouting({ settings }: Service, { state, output }: OpenStore, loaded: Loaded): Promise<Routing> {
  const { GANTRY_S3_TAGS: tags, GANTRY_S3_KMS_KEY: kmsKey } = settings
  return routingOf(loaded.routes, {
    ...{ state, output, kmsKey, ladder: loaded.ladder, builtIn: await builtInLadders(BUILT_IN) },
    sources: sourcePlaces(settings.GANTRY_SOURCES),
    openPlaces: sourcePlaces(settings.GANTRY_DESTINATIONS ?? []),
    tags: tagsOf(tags ?? []),
  })
}

async function openWebhook({ settings, log, onStop }: Service, kept: KeptMessages, metrics: Metrics): Promise<void> {
  const { GANTRY_WEBHOOK_PORT: port, GANTRY_WEBHOOK_TOKEN: token, GANTRY_WEBHOOK_HOST: host } = settings
  if (port === undefined) return
  if (token === undefined) {
    throw new GantryError('CONFIG_INVALID', 'GANTRY_WEBHOOK_PORT is set but GANTRY_WEBHOOK_TOKEN is not')
  }
  const webhook = await startWebhookIntake({ host, port, token, log }, async (body) => {
    const verdict = await kept.accept(body)
    metrics.intakeMessages.inc({ intake: 'webhook', outcome: verdict.outcome })
    return verdict
  })
  onStop('webhook', () => webhook.close())
}

function openSqs(
  { settings, log, onStop }: Service,
  { take, metrics, awsRegion }: { take: TakeMessage; metrics: Metrics; awsRegion: string | undefined },
): void {
  const { GANTRY_SQS_URL: queueUrl, GANTRY_SQS_DEAD_LETTER_URL: deadLetterUrl } = settings
  if (queueUrl === undefined) return
  const region = settings.GANTRY_SQS_REGION ?? awsRegion
  if (region === undefined) throw new GantryError('CONFIG_INVALID', 'GANTRY_SQS_REGION is not set, nor is AWS_REGION')
  const intake = startSqsIntake(
    {
      ...{ queueUrl, region, log, drainMs: INTAKE_DRAIN_MS },
      visibilitySeconds: settings.GANTRY_SQS_VISIBILITY_SECONDS,
      concurrency: settings.GANTRY_INTAKE_CONCURRENCY,
      onVerdict: ({ outcome }) => metrics.intakeMessages.inc({ intake: 'sqs', outcome }),
      ...(deadLetterUrl !== undefined && { deadLetterUrl }),
      ...(settings.GANTRY_SQS_ENDPOINT !== undefined && { endpoint: settings.GANTRY_SQS_ENDPOINT }),
    },
    take,
  )
  onStop('sqs', () => intake.close())
}

void runMain({
  service: 'scheduler',
  names: NAMES,
  env: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  host: process,
  drainMs: () => DRAIN_MS,
  body: run,
}).then((code) => process.exit(code))
