/** The scheduler on a folder store, a real Redis and a real probe: what is recorded, queued, told and repaired. */
import { NO_REQUEST } from '../../core/contract/request'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { createJobQueue } from '../../core/adapters/bullmq-queue'
import { createProbe, DEFAULT_PROBE_LIMITS } from '../../core/adapters/ffprobe'
import { createFileStore } from '../../core/adapters/file-store'
import { createGateway } from '../../core/adapters/gateway'
import { createLauncher } from '../../core/adapters/launcher'
import { redisSignals } from '../../core/adapters/redis-signals'
import { createPictureIndexReader } from '../../core/adapters/picture-index'
import { redisTarget } from '../../core/adapters/redis-connection'
import { startRedisServer, type RedisServer } from '../../core/adapters/redis-server'
import type { FailureCode } from '../../core/contract/failures'
import type { AnyEvent } from '../../core/contract/event'
import type { Intent } from '../../core/contract/intent'
import { at, runKeys } from '../../core/contract/keys'
import type { FailureMarker } from '../../core/contract/markers'
import type { JobQueue } from '../../core/ports/job-queue'
import type { MediaGateway } from '../../core/ports/media-gateway'
import type { MediaProbe } from '../../core/ports/media-probe'
import type { Signals } from '../../core/ports/signals'
import type { ObjectStore } from '../../core/ports/object-store'
import { readIntent, readFinal, runPlace, writeFailure } from '../../core/state/run-records'
import { parseLadder } from '../../ladders/parse'
import { DEFAULT_NAME } from '../../routes/name'
import { NO_SPEEDS } from '../../scheduler/cost/known-speeds'
import { openAssets, reconcileAsset, type ReconcileParts } from '../../scheduler/reconcile'
import { cancelAsset } from '../../scheduler/runs/cancel'
import { deleteAsset } from '../../scheduler/runs/delete'
import { submit, type Submission, type SubmitParts } from '../../scheduler/submit'
import { planLimits } from '../support/builders'
import { runProgram } from '../support/run-program'

const OUT = { bucket: 'out', prefix: '' }
const STATE = { bucket: 'state', prefix: '' }
const defaults = parseLadder(readFileSync(join(__dirname, '..', '..', 'ladders', 'default.yaml'), 'utf8'), 'default')
const never = new AbortController().signal

let folder: string
let server: RedisServer
let redis: Redis
let queue: JobQueue
let gateway: MediaGateway
let store: ObjectStore
let parts: SubmitParts
let told: AnyEvent[]
let relayFailures: unknown[]
let signals: Signals
let count = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-scheduler-'))
  server = await startRedisServer({ program: 'redis-server', folder, onRestart: () => undefined })
  redis = new Redis({ ...redisTarget(server.url) })
  gateway = await createGateway()
  const size = 'testsrc2=s=480x270:r=25:d=1'
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', join(folder, 'm.mp4')]
  const words = ['-v', 'error', '-f', 'lavfi', '-i', size, ...encode]
  expect(await runProgram('ffmpeg', words)).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await gateway.close()
  redis.disconnect()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  count += 1
  const root = join(folder, `store-${count}`)
  const bucket = async (name: string) => {
    await mkdir(join(root, name), { recursive: true })
    return { folder: join(root, name), scratch: join(root, 'tmp') }
  }
  store = createFileStore({
    buckets: { state: await bucket('state'), out: await bucket('out'), file: { masters: true } },
  })
  const target = redisTarget(server.url)
  const onError = (): void => undefined
  queue = await createJobQueue({ redis: target, prefix: `{s${count}}`, attempts: 2, retryDelayMs: 10, onError })
  signals = redisSignals(target, `{s${count}}`, onError)
  told = []
  relayFailures = []
  const launcher = createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' })
  parts = {
    ...{ store, state: STATE, output: OUT, storeOf: () => store, queue, signals, now: () => new Date() },
    onRelayFailure: (error) => void relayFailures.push(error),
    onLearnFailure: (error) => {
      throw error
    },
    speeds: () => Promise.resolve(NO_SPEEDS),
    sink: { emit: (event) => Promise.resolve(void told.push(event)), close: () => Promise.resolve() },
    probe: createProbe({ store, gateway, launcher, limits: DEFAULT_PROBE_LIMITS, scratchFolder: folder }),
    admission: { maxBytes: 2 ** 30, ownPlaces: [] },
    limits: planLimits(),
    pictureIndex: createPictureIndexReader(store),
  }
})
afterEach(() => Promise.all([queue.close(), signals.close()]))

async function submission(file = join(folder, 'm.mp4')): Promise<Submission> {
  const place = { bucket: 'file', key: file }
  const found = await store.head(place)
  if (found === null) throw new Error(`no ${file}`)
  return {
    source: { ...place, ...found },
    lane: 'normal',
    target: { place: OUT, template: DEFAULT_NAME },
    ladder: defaults,
    request: NO_REQUEST,
    again: 'same',
    retell: false,
  }
}

function failureOf(assetId: string, code: FailureCode): FailureMarker {
  return {
    ...{ v: 1, jobId: `${assetId}.1.video-piece.video-0000`, part: 'video-0000', code },
    ...{ message: 'it broke', details: {}, workerId: 'w', at: new Date().toISOString() },
  }
}

const waiting = (): Promise<number> => redis.zcard(`{s${count}}:encode:prioritized`)
const types = (): string[] => told.map((event) => event.type)

async function opened(): Promise<string[]> {
  const ids: string[] = []
  for await (const id of openAssets(store, STATE)) ids.push(id)
  return ids
}

describe('submit', () => {
  it('records the plan, opens the asset, tells of it and queues its encodes', async () => {
    const { assetId, outcome } = await submit(parts, await submission(), never)
    expect(outcome).toBe('planned')
    expect(await opened()).toEqual([assetId])
    await reconcileAsset(parts, assetId)
    expect(types()).toEqual(['asset.accepted', 'asset.planned'])
    expect(await waiting()).toBe(1)
  })

  it('makes one plan and one encode of ten submissions at once, and tells of them with the same ids', async () => {
    const one = await submission()
    const results = await Promise.all(Array.from({ length: 10 }, () => submit(parts, one, never)))
    expect(new Set(results.map((result) => `${result.assetId} ${result.run}`)).size).toBe(1)
    expect(await waiting()).toBe(1)
    await Promise.all(results.map(({ assetId }) => reconcileAsset(parts, assetId)))
    expect(new Set(told.map((event) => event.id)).size).toBe(2)
  })

  it('uses the stored plan when the ladder was edited meanwhile', async () => {
    const one = await submission()
    const { assetId } = await submit(parts, one, never)
    const edited = { ...defaults, segmentSeconds: 6 }
    await submit(parts, { ...one, ladder: edited }, never)
    const intent = (await readIntent(store, runPlace(STATE, assetId, 1))) as Intent
    const [piece] = intent.jobs
    expect(piece?.kind === 'video-piece' && piece.grid.gopsPerSegment).toBe(2)
    expect(await readIntent(store, runPlace(STATE, assetId, 2))).toBeNull()
  })

  it('records and tells a reject, leaves nothing open, and says the same again', async () => {
    const notMedia = await submission(join(__dirname, 'scheduler.test.ts'))
    const { assetId, outcome } = await submit(parts, notMedia, never)
    expect(outcome).toBe('rejected')
    expect(await opened()).toEqual([assetId])
    await reconcileAsset(parts, assetId)
    expect(await opened()).toEqual([])
    expect(types()).toEqual(['asset.failed'])
    expect(await readFinal(store, runPlace(STATE, assetId, 1))).toMatchObject({ code: 'SOURCE_NOT_MEDIA' })
    expect(await submit(parts, notMedia, never)).toMatchObject({ outcome: 'known', run: 1 })
    expect(told).toHaveLength(1)
    await submit(parts, { ...notMedia, retell: true }, never)
    expect(told[1]).toEqual(told[0])
  })

  it('opens the next run of a failed asset for a person who asks again', async () => {
    const notMedia = await submission(join(__dirname, 'scheduler.test.ts'))
    await submit(parts, notMedia, never)
    expect(await submit(parts, { ...notMedia, again: 'renew' }, never)).toMatchObject({ outcome: 'rejected', run: 2 })
  })
})

describe('a submission after the end of an asset', () => {
  const ends = {
    cancelled: (assetId: string) => cancelAsset(parts, assetId),
    deleted: async (assetId: string) => {
      await cancelAsset(parts, assetId)
      await reconcileAsset(parts, assetId)
      return deleteAsset(parts, assetId)
    },
  }

  it.each(['cancelled', 'deleted'] as const)(
    'that was %s: an event makes nothing, a person the next run',
    async (end) => {
      const one = await submission()
      const { assetId } = await submit(parts, one, never)
      const { run } = await ends[end](assetId)
      await reconcileAsset(parts, assetId)
      expect(await submit(parts, one, never)).toMatchObject({ outcome: 'known', run })
      expect(await submit(parts, { ...one, again: 'once' }, never)).toMatchObject({ outcome: 'known', run })
      expect(await opened()).toEqual([])
      expect(await waiting()).toBe(0)
      const asked = await submit(parts, { ...one, again: 'renew' }, never)
      expect(asked).toMatchObject({ outcome: 'planned', run: run + 1 })
      expect(await waiting()).toBe(1)
      const forced = { ...one, again: 'once' as const, request: { ...NO_REQUEST, force: 'again' } }
      await cancelAsset(parts, assetId)
      await reconcileAsset(parts, assetId)
      expect(await submit(parts, forced, never)).toMatchObject({ outcome: 'planned', run: run + 2 })
    },
  )
})

describe('reconcile', () => {
  let assetId: string
  let run: ReturnType<typeof runPlace>
  beforeEach(async () => {
    assetId = (await submit(parts, await submission(), never)).assetId
    run = runPlace(STATE, assetId, 1)
    await look()
  })
  const look = (changed: Partial<ReconcileParts> = {}) => reconcileAsset({ ...parts, ...changed }, assetId)

  it('changes nothing while all is as it should be', async () => {
    await look()
    await look()
    expect(await waiting()).toBe(1)
    expect(types()).toEqual(['asset.accepted', 'asset.planned'])
  })

  it('queues again what Redis has lost', async () => {
    await redis.flushall()
    expect(await waiting()).toBe(0)
    await look()
    expect(await waiting()).toBe(1)
  })

  it('closes a run of which a part failed for good, once, with its code', async () => {
    await writeFailure(store, run, failureOf(assetId, 'FFMPEG_EXIT'))
    expect(await look()).toMatchObject({ status: 'closed', final: { status: 'failed', code: 'FFMPEG_EXIT' } })
    await look()
    expect(types()).toEqual(['asset.accepted', 'asset.planned', 'asset.failed'])
    expect(await opened()).toEqual([])
    expect(await waiting()).toBe(0)
  })

  it('tells an event that was recorded but not sent, with the recorded id', async () => {
    await store.remove(at(run, runKeys.eventSent('asset.planned')))
    const [, planned] = told
    await look()
    expect(told.at(-1)).toEqual(planned)
  })

  it('keeps an event for later when the sink fails, and queues the work all the same', async () => {
    await redis.flushall()
    await store.remove(at(run, runKeys.eventSent('asset.planned')))
    const broken = { emit: () => Promise.reject(new Error('broker down')), close: () => Promise.resolve() }
    await look({ sink: broken })
    expect(relayFailures).toEqual([new Error('broker down')])
    expect(await waiting()).toBe(1)
    await look()
    expect(told.at(-1)?.type).toBe('asset.planned')
  })

  it('keeps an asset open whose end could not be told, and tells it later', async () => {
    await writeFailure(store, run, failureOf(assetId, 'FFMPEG_EXIT'))
    const broken = { emit: () => Promise.reject(new Error('broker down')), close: () => Promise.resolve() }
    await expect(look({ sink: broken })).rejects.toThrow('broker down')
    expect(await opened()).toEqual([assetId])
    await look()
    expect(types()).toEqual(['asset.accepted', 'asset.planned', 'asset.failed'])
    expect(await opened()).toEqual([])
  })
})

describe('a master that is replaced under its key', () => {
  const arrived = async (etag: string, sequencer?: string): Promise<Submission> => {
    const one = await submission()
    return { ...one, source: { ...one.source, etag, ...(sequencer !== undefined && { sequencer }) } }
  }
  /** The probe looks at real bytes, whose etag is another; what it says of them is not the matter here. */
  const take = async (etag: string, sequencer?: string) => {
    const { source } = await submission()
    const probe: MediaProbe = { probe: (_, signal) => parts.probe.probe(source, signal) }
    return submit({ ...parts, probe }, await arrived(etag, sequencer), never)
  }

  it('ends the work on the older one, tells of it, and keeps that on the newer', async () => {
    const closed = new Promise<string>((resolve) => signals.hear('run-closed', resolve))
    const old = await take('old', '0A')
    const young = await take('young', '00B')
    expect(young).toMatchObject({ outcome: 'planned', replaced: old.assetId })
    await reconcileAsset(parts, old.assetId)
    await reconcileAsset(parts, young.assetId)
    expect(await opened()).toEqual([young.assetId])
    expect(told.filter(({ assetId }) => assetId === old.assetId).at(-1)).toMatchObject({
      type: 'asset.superseded',
      data: { by: young.assetId },
    })
    expect(await waiting()).toBe(1)
    expect(await closed).toBe(`${old.assetId}.1`)
  })

  it('takes no notice of late news of the older one, in any order of events', async () => {
    const young = await take('young', 'B')
    expect(await take('old', '0A')).toMatchObject({ outcome: 'stale' })
    expect(await take('young', 'B')).toMatchObject({ outcome: 'known' })
    expect(await opened()).toEqual([young.assetId])
    expect(await waiting()).toBe(1)
  })

  it('is encoded when its bytes come back after others', async () => {
    const first = await take('a', '1')
    await take('b', '2')
    await reconcileAsset(parts, first.assetId)
    expect(await take('a', '3')).toMatchObject({ assetId: first.assetId, run: 2, outcome: 'planned' })
    // Of what came between nothing is wanted any more, also when its event comes again.
    expect(await take('b', '2')).toMatchObject({ outcome: 'stale' })
  })

  it('is superseded, not failed, when a worker finds out first', async () => {
    const { assetId } = await take('old', '1')
    await writeFailure(store, runPlace(STATE, assetId, 1), failureOf(assetId, 'SOURCE_CHANGED'))
    await reconcileAsset(parts, assetId)
    expect(told.at(-1)).toMatchObject({ type: 'asset.superseded', data: { by: null } })
    expect(await opened()).toEqual([])
  })
})

describe('a request', () => {
  const asked = async (more: Partial<Submission['request']> = {}): Promise<Submission> => ({
    ...(await submission()),
    ...{ again: 'once', request: { ...NO_REQUEST, ...more } },
  })
  const fail = async (assetId: string, run: number): Promise<void> => {
    await writeFailure(store, runPlace(STATE, assetId, run), failureOf(assetId, 'FFMPEG_EXIT'))
    await reconcileAsset(parts, assetId)
  }

  it('for a part of a master does not end the work on the whole, nor on another part', async () => {
    const whole = await submit(parts, await submission(), never)
    const ids = [whole.assetId]
    for (const inSeconds of [0.2, 0.4]) {
      const part = await submit(parts, await asked({ clip: { inSeconds, outSeconds: null } }), never)
      expect(part).toMatchObject({ outcome: 'planned', run: 1, replaced: null })
      ids.push(part.assetId)
    }
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(await reconcileAsset(parts, id)).toMatchObject({ status: 'running' })
  })

  it('for a version by its id does not take the place of what is there now', async () => {
    const now = await submit(parts, await submission(), never)
    const other = await asked({ versionId: 'v0' })
    await submit(parts, { ...other, source: { ...other.source, versionId: 'v0' } }, never)
    expect(await reconcileAsset(parts, now.assetId)).toMatchObject({ status: 'running' })
  })

  it('for a place below the output is not ended by the same master in the output itself', async () => {
    const below = { place: { bucket: 'out', prefix: 'team/a' }, template: '{folder}/{id}' }
    const theirs = await submit(parts, { ...(await asked()), target: below }, never)
    await submit(parts, await asked({ posterAtSeconds: 0.5 }), never)
    expect(await reconcileAsset(parts, theirs.assetId)).toMatchObject({ status: 'running' })
  })

  it('waits while the asset is made for another wish, and is known while it is made for this one', async () => {
    await submit(parts, await asked(), never)
    expect(await submit(parts, await asked(), never)).toMatchObject({ outcome: 'known', run: 1 })
    await expect(submit(parts, await asked({ posterAtSeconds: 0.5 }), never)).rejects.toMatchObject({
      ...{ code: 'API_ASSET_BUSY', retryable: true },
    })
  })

  it('is done once in any order, and again after the last run failed or for a new word', async () => {
    const { assetId } = await submit(parts, await asked(), never)
    await fail(assetId, 1)
    expect(await submit(parts, await asked(), never)).toMatchObject({ outcome: 'planned', run: 2 })
    await fail(assetId, 2)
    expect(await submit(parts, await asked({ force: 'a' }), never)).toMatchObject({ outcome: 'planned', run: 3 })
    await fail(assetId, 3)
    expect(await submit(parts, await asked(), never)).toMatchObject({ outcome: 'known', run: 3 })
  })

  it('is refused for a poster from after the end, as a failure of the asset', async () => {
    const { outcome, assetId, run } = await submit(parts, await asked({ posterAtSeconds: 1.5 }), never)
    expect(outcome).toBe('rejected')
    expect(await readFinal(store, runPlace(STATE, assetId, run))).toMatchObject({
      ...{
        code: 'API_REQUEST_INVALID',
        message: 'the poster is to be taken at 1.5 s, it must be before the end (1 s)',
      },
    })
  })
})
