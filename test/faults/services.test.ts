/** What the services make of a master that is replaced, of a broker that is away, and of a store that says no. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { download } from '../support/download'
import { mastersFolder } from '../support/masters'
import { processesUnder } from '../support/product'
import { judgeAsset } from '../support/reading/judge'
import { BUCKETS, startServices, type ServiceProcess, type Services, type ServicesOptions } from '../support/services'

const LONG = join(mastersFolder(), 'butterfly-720p30-aac.mp4')
const OTHER = join(mastersFolder(), 'rooftops-360p30-17s.mp4')
const SHORT = join(mastersFolder(), 'bikes-640x272-10s-no-audio.mp4')

const KAFKA_AWAY_MS = 15_000
const STORE_AWAY_MS = 20_000

let services: Services & { first: ServiceProcess }
let workers: ServiceProcess[]
let folder: string

async function start(options: ServicesOptions): Promise<void> {
  services = await startServices(options)
  workers = [await services.worker({ GANTRY_WORKER_ID: 'w1' }), await services.worker({ GANTRY_WORKER_ID: 'w2' })]
  await services.first.line({ msg: 'scheduler ready' })
  await Promise.all(workers.map((one) => one.line({ msg: 'worker ready' })))
  folder = await mkdtemp(join(tmpdir(), 'gantry-faults-'))
}
afterEach(async () => {
  expect(await services.openUploads()).toBe(0)
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

/** The home of an asset, copied from S3 and read by the judge. */
async function judged(masterUrl: string, source: string): Promise<string[]> {
  const name = new URL(masterUrl).pathname.split('/')[2] ?? ''
  await download(services.client, BUCKETS.output, `${name}/`, join(folder, name))
  return judgeAsset(join(folder, name, 'master.m3u8'), source)
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function isThere(bucket: string, key: string): Promise<boolean> {
  const found = services.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
  return found.then(
    () => true,
    () => false,
  )
}

it('a master that is replaced in mid-encode: the old run stops, the new one is published, nothing is mixed', async () => {
  await start({ events: true })
  await services.put('film.mp4', LONG)
  const old = await services.event('rendition.progress', ({ data }) => data.kind === 'video' && data.outSeconds > 0)
  await services.put('film.mp4', OTHER)
  const published = await services.event('asset.published')
  expect(published.assetId).not.toBe(old.assetId)
  const superseded = await services.event('asset.superseded')
  expect(superseded).toMatchObject({ assetId: old.assetId, data: { source: { key: 'film.mp4' } } })
  // The old run was ended by the word of its end, or found the other bytes by itself.
  const ends = workers.flatMap(({ lines }) => lines.filter((line) => line['assetId'] === old.assetId))
  expect(ends.filter(({ msg }) => msg === 'job failed').map((line) => line['code'])).toContainEqual(
    expect.stringMatching(/^(QUEUE_DROPPED|SOURCE_CHANGED)$/),
  )
  expect(await judged(published.data.master, OTHER)).toEqual([])
  const all = await services.lifecycle()
  expect(all.filter(({ type }) => type === 'asset.published')).toHaveLength(1)
  expect(all.filter(({ type }) => type === 'asset.failed')).toEqual([])
  const accepted = all.find(({ type, assetId }) => type === 'asset.accepted' && assetId === old.assetId)
  const name = accepted?.type === 'asset.accepted' ? accepted.data.name : ''
  expect(await isThere(BUCKETS.output, `${name}/master.m3u8`)).toBe(false)
  expect(workers.flatMap(({ pid }) => processesUnder(pid)).filter(({ command }) => command.includes('ffmpeg'))).toEqual(
    [],
  )
})

it('Kafka away for 15 s: encoding goes on, and every event comes afterwards, once and in order', async () => {
  await start({ events: true })
  await services.put('before.mp4', LONG)
  await services.event('asset.planned')
  services.kafka.process().signal('SIGKILL')
  const back = after(KAFKA_AWAY_MS)
  await services.put('during.mp4', SHORT)
  // Without the broker the asset is made and public.
  const taken = await services.first.line({ msg: 'master taken', key: 'during.mp4' })
  const home = `during-${String(taken['assetId']).slice(0, 10)}`
  while (!(await isThere(BUCKETS.output, `${home}/master.m3u8`))) await after(200)
  await back
  await services.kafka.startAgain()
  for (const { assetId } of [taken, await services.first.line({ msg: 'master taken', key: 'before.mp4' })]) {
    await services.event('asset.published', (event) => event.assetId === assetId)
  }
  const all = await services.lifecycle()
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  for (const id of new Set(all.map(({ assetId }) => assetId))) {
    const types = all.filter(({ assetId }) => assetId === id).map(({ type }) => type)
    expect(types).toEqual(['asset.accepted', 'asset.planned', 'asset.published'])
  }
  expect(new Set(all.map(({ assetId }) => assetId)).size).toBe(2)
})

it('S3 that answers 503 for 20 s in mid-encode: the asset is published, and right', async () => {
  await start({ events: true, proxied: true })
  const { proxy } = services
  await services.put('film.mp4', LONG)
  await services.event('rendition.progress', ({ data }) => data.kind === 'video' && data.outSeconds > 0)
  let refused = 0
  if (proxy !== null) {
    proxy.decide = () => {
      refused += 1
      return { answer: 503 }
    }
    await after(STORE_AWAY_MS)
    proxy.decide = () => null
  }
  const published = await services.event('asset.published')
  expect(refused).toBeGreaterThan(0)
  expect(await judged(published.data.master, LONG)).toEqual([])
  expect((await services.lifecycle()).map(({ type }) => type)).toEqual([
    'asset.accepted',
    'asset.planned',
    'asset.published',
  ])
})
