/** S3 that answers badly all the time: masters cut into pieces come out whole, or not at all. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { download } from '../support/download'
import type { Fault, SeenRequest } from '../support/fault-proxy'
import { mastersFolder } from '../support/masters'
import { judgeAsset } from '../support/reading/judge'
import { seededRandom } from '../support/seeded-random'
import { BUCKETS, startServices, type ServiceProcess, type Services } from '../support/services'

const MASTERS = ['butterfly-720p30-aac.mp4', 'rooftops-360p30-17s.mp4']

const LADDER = `name: faults
segmentSeconds: 2
gopSeconds: 1
rungs:
  - { id: 180p, shortSidePx: 180, maxBitrateBps: 500_000 }
  - { id: 240p, shortSidePx: 240, maxBitrateBps: 900_000 }
`

let services: Services & { first: ServiceProcess }
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-faults-'))
  await writeFile(join(folder, 'ladder.yaml'), LADDER)
  const env = { GANTRY_LADDER: join(folder, 'ladder.yaml'), GANTRY_PIECE_SECONDS: '2' }
  services = await startServices({ events: true, proxied: true, env })
  const workers = await Promise.all(['w1', 'w2', 'w3'].map((id) => services.worker({ GANTRY_WORKER_ID: id })))
  await services.first.line({ msg: 'scheduler ready' })
  await Promise.all(workers.map((one) => one.line({ msg: 'worker ready' })))
})
afterEach(async () => {
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

type Decide = (request: SeenRequest) => Fault | null

/** Of each hundred requests for media so many meet each of the faults, by a seed that is the same on every run. */
function faultsOf(seed: number, counts: Map<string, number>): Decide {
  const random = seededRandom(seed)
  const told = (name: string, fault: Fault): Fault => {
    counts.set(name, (counts.get(name) ?? 0) + 1)
    return fault
  }
  return ({ method, url }) => {
    const isInput = method === 'GET' && url.startsWith(`/${BUCKETS.masters}/`)
    const isOutput = method === 'PUT' && url.startsWith(`/${BUCKETS.output}/`)
    const lot = random.integer(0, 99)
    if (!isInput && !isOutput) return null
    if (lot < 8) return told('500', { answer: 500 })
    if (lot < 20) return told('503', { answer: 503 })
    if (isOutput) return lot < 28 ? told('lost', 'lose the answer') : null
    if (lot < 35) return told('cut', { cutAfter: random.integer(1, 200_000) })
    return lot < 45 ? told('slow', { bytesPerSecond: 2_000_000 }) : null
  }
}

it('500, 503, slow and cut answers to reads and writes: every picture and sound is there', async () => {
  const counts = new Map<string, number>()
  const proxy = services.proxy
  if (proxy === null) throw new Error('the services have a proxy')
  proxy.decide = faultsOf(6, counts)
  for (const file of MASTERS) await services.put(file, join(mastersFolder(), file))
  for (const file of MASTERS) {
    const accepted = await services.event('asset.accepted', ({ data }) => data.source.key === file)
    const { data } = await services.event('asset.published', ({ assetId }) => assetId === accepted.assetId)
    const name = new URL(data.master).pathname.split('/')[2] ?? ''
    await download(services.client, BUCKETS.output, `${name}/`, join(folder, name))
    expect(await judgeAsset(join(folder, name, 'master.m3u8'), join(mastersFolder(), file))).toEqual([])
    expect(data.warnings).toEqual([])
  }
  // A proxy that broke nothing would prove nothing.
  expect([...counts.keys()].sort()).toEqual(['500', '503', 'cut', 'lost', 'slow'])
  expect((await services.lifecycle()).filter(({ type }) => type === 'asset.failed')).toEqual([])
  expect(await services.openUploads()).toBe(0)
})

it('reading that is refused from the middle of the input on: nothing short is published', async () => {
  const proxy = services.proxy
  if (proxy === null) throw new Error('the services have a proxy')
  let reads = 0
  proxy.decide = ({ method, url }) => {
    if (method !== 'GET' || !url.startsWith(`/${BUCKETS.masters}/`)) return null
    reads += 1
    // Probe and index go well, and some of the media. ffmpeg takes the end of its input for the end of the film.
    return reads > 12 ? { answer: 403, body: '<Error><Code>AccessDenied</Code></Error>' } : null
  }
  await services.put('film.mp4', join(mastersFolder(), 'rooftops-360p30-17s.mp4'))
  const failed = await services.event('asset.failed')
  expect(failed.data.code).toMatch(/^(STORE|SOURCE)_DENIED$/)
  expect(reads).toBeGreaterThan(12)
  expect((await services.lifecycle()).filter(({ type }) => type === 'asset.published')).toEqual([])
})
