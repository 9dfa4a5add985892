/**
 * What is damaged between its encodes and its publication is not published, by a real fleet: the run ends with the gate's
 * findings, and what was public before stays as it was to the byte.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue } from 'bullmq'
import { redisTarget } from '../../core/adapters/redis-connection'
import type { GantryEvent } from '../../core/contract/event'
import { at, homeKeys } from '../../core/contract/keys'
import { queueOf } from '../../core/contract/queues'
import type { Place } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { readFinal, readIntent, runPlace } from '../../core/state/run-records'
import type { Finding } from '../../media/gate/findings'
import { httpOrigin, watchAsset, type AssetWatch } from '../support/asset-watch'
import {
  plantCodec,
  plantHole,
  plantHoleInSound,
  plantMissingObject,
  plantShortBySegment,
  plantShortRung,
  type PlantedRun,
} from '../support/faults/plant-output'
import { STATE, storeOf } from '../support/faults/service-traces'
import { runCommand } from '../support/product'
import { runProgram } from '../support/run-program'
import { BUCKETS, startServices, type ServiceProcess, type Services } from '../support/services'

const LADDER = `name: small
segmentSeconds: 2
gopSeconds: 1
mp4: false
rungs:
  - { id: 90p, shortSidePx: 90, maxBitrateBps: 200_000, preset: ultrafast }
  - { id: 144p, shortSidePx: 144, maxBitrateBps: 300_000, preset: ultrafast }
`
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=256x144:r=25:d=7']
const SOUND = ['-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=7']
const CODING = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac']

let folder: string
let services: Services & { first: ServiceProcess }
let worker: ServiceProcess
let store: ObjectStore
/** Of joins and publications: while it is paused nobody takes them, and encodes go on. */
let finish: Queue
let assetId: string
let home: Place
let before: Map<string, string>
let watch: AssetWatch

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-refused-'))
  const [master, ladder] = [join(folder, 'film.mp4'), join(folder, 'small.yaml')]
  writeFileSync(ladder, LADDER)
  expect(await runProgram('ffmpeg', ['-v', 'error', ...PICTURE, ...SOUND, ...CODING, master])).toMatchObject({
    code: 0,
  })
  services = await startServices({ events: true, env: { GANTRY_LADDER: ladder, GANTRY_ATTEMPTS: '1' } })
  worker = await services.worker()
  await services.first.line({ msg: 'scheduler ready' })
  await worker.line({ msg: 'worker ready' })
  store = storeOf(services)
  finish = new Queue('finish', { connection: redisTarget(services.redis.url), prefix: '{gantry}' })
  await services.put('film.mp4', master)
  const published = await services.event('asset.published')
  assetId = published.assetId
  const intent = await readIntent(store, runPlace(STATE, assetId, 1))
  if (intent === null) throw new Error('the first run has no plan')
  home = intent.home
  before = await publicObjects()
  watch = watchAsset(`${home.prefix}/${homeKeys.master}`, httpOrigin(`${services.s3.endpoint}/${home.bucket}`))
})
afterAll(async () => {
  await finish.close()
  await services.close()
  rmSync(folder, { recursive: true, force: true })
})

const gantry = async (...words: string[]): Promise<{ code: number | null; told: unknown }> => {
  const { code, events } = await runCommand(words, services.env)
  return { code, told: events[0] }
}

/** The stable addresses by their bytes, all else of the first run by its etag. */
async function publicObjects(): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for await (const { key } of store.list({ bucket: home.bucket, prefix: `${home.prefix}/${homeKeys.run(1)}/` })) {
    found.set(key, (await store.head({ bucket: home.bucket, key }))?.etag ?? 'gone')
  }
  for (const key of [homeKeys.master, homeKeys.asset]) {
    found.set(key, (await buffer(await store.read(at(home, key)))).toString('utf8'))
  }
  return found
}

/** Opens the next run, lets it be encoded and damaged, then finished. */
async function damagedRun(
  run: number,
  plant: (run: PlantedRun) => Promise<void>,
): Promise<GantryEvent<'asset.failed'>> {
  await finish.pause()
  const words = run === 2 ? ['redo', assetId, '--rung', '144p'] : ['retry', assetId]
  expect(await gantry(...words)).toMatchObject({ code: 0, told: { run, outcome: 'done' } })
  const state = runPlace(STATE, assetId, run)
  const intent = await readIntent(store, state)
  if (intent === null) throw new Error(`run ${run} has no plan`)
  const encodes = intent.jobs.filter(({ kind }) => queueOf(kind) === 'encode')
  await Promise.all(encodes.map(({ jobId }) => worker.line({ msg: 'job done', jobId })))
  await plant({ store, state, intent })
  await finish.resume()
  return services.event('asset.failed', (event) => event.run === run)
}

async function expectUntouched(run: number): Promise<void> {
  expect(await publicObjects()).toEqual(before)
  const types = (await services.lifecycle()).filter((event) => event.run === run).map(({ type }) => type)
  expect(types).toEqual(['asset.accepted', 'asset.planned', 'asset.failed'])
  const verified = await gantry('verify', `s3://${BUCKETS.output}/${home.prefix}`)
  expect(verified).toMatchObject({ code: 0, told: { findings: [] } })
}

const found = (rule: Finding['rule'], where: string, message: string): object => ({
  rule,
  where: expect.stringMatching(where) as string,
  message: expect.stringMatching(message) as string,
})

const REFUSED: [string, number, (run: PlantedRun) => Promise<void>, object[]][] = [
  [
    'a hole: a segment that no rung has',
    2,
    plantHole,
    ['90p', '144p'].map((id) =>
      found('record-differs', `^r2/video/${id}/playlist.m3u8$`, '^its segments have 125 samples together, 175 were'),
    ),
  ],
  [
    'a codec that is not the one of the init segment',
    3,
    (run) => plantCodec(run, '144p'),
    [found('codecs-differ', '^master.m3u8:\\d+$', 'avc1.42c00a')],
  ],
  [
    'a rung that ends before the others',
    4,
    (run) => plantShortRung(run, '90p'),
    [found('record-differs', '^r4/video/90p/playlist.m3u8$', '^its segments have 170 samples together, 175 were')],
  ],
  [
    'a hole in the sound',
    5,
    plantHoleInSound,
    [
      found('record-differs', '^r5/audio/audio/playlist.m3u8$', '^its segments have \\d+ samples together, \\d+ were'),
      found('timeline-gap', '^r5/audio/audio/playlist.m3u8:\\d+$', 'ends 2.\\d+ s earlier$'),
    ],
  ],
  [
    'an object that is gone',
    6,
    plantMissingObject,
    [found('object-missing', '^r6/audio/audio/playlist.m3u8:\\d+$', 'is not there$')],
  ],
]

it.each(REFUSED)('is refused by the gate, and nothing public changes: %s', async (_, run, plant, findings) => {
  const failed = await damagedRun(run, plant)
  expect(failed).toMatchObject({ assetId, data: { code: 'OUTPUT_INVALID', source: { key: 'film.mp4' } } })
  expect(failed.data.findings).toEqual(findings)
  expect(await readFinal(store, runPlace(STATE, assetId, run))).toMatchObject({
    ...{
      status: 'failed',
      code: 'OUTPUT_INVALID',
      message: failed.data.message,
      jobId: `${assetId}.${run}.publish.publish`,
    },
    findings: failed.data.findings,
  })
  await expectUntouched(run)
})

it('is refused by the join already: a rung without its last segment', async () => {
  const failed = await damagedRun(7, (run) => plantShortBySegment(run, '90p'))
  expect(failed.data).toMatchObject({ code: 'FFMPEG_OUTPUT_INVALID', findings: [] })
  expect(failed.data.message).toBe("rung '144p' has more segments")
  await expectUntouched(7)
})

it('is made anew by a retry, and whoever looked all the time met one whole asset, then the other', async () => {
  expect(await gantry('retry', assetId)).toMatchObject({ code: 0, told: { run: 8, outcome: 'done' } })
  await services.event('asset.published', (event) => event.run === 8)
  const seen = await watch.stop()
  expect(seen).toMatchObject({ faults: [], generations: ['r1', 'r8'] })
  const verified = await gantry('verify', `s3://${BUCKETS.output}/${home.prefix}`)
  expect(verified).toMatchObject({ code: 0, told: { findings: [] } })
})
