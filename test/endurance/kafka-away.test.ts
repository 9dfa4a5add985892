/** Kafka is gone for a minute while masters are encoded: they are published meanwhile, and told of afterwards, in order. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { homeKeys } from '../../core/contract/keys'
import { writeSmall } from '../support/faults/deaths'
import { piecesOf, storeOf, tracesOf } from '../support/faults/service-traces'
import { brokenInvariants } from '../support/invariants'
import { BUCKETS, startServices, type ServiceProcess, type Services } from '../support/services'

const AWAY_MS = 60_000
const STORY = ['asset.accepted', 'asset.planned', 'asset.published']

let services: Services & { first: ServiceProcess }
let worker: ServiceProcess
let folder: string
let film: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-kafka-away-'))
  const small = await writeSmall(folder)
  film = small.film
  services = await startServices({ events: true, networks: ['kafka'], env: { GANTRY_LADDER: small.ladder } })
  worker = await services.worker()
  await Promise.all([services.first.line({ msg: 'scheduler ready' }), worker.line({ msg: 'worker ready' })])
})
afterAll(async () => {
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

/** @returns The asset, once a piece of it is being encoded. */
async function begin(key: string): Promise<string> {
  await services.put(key, film)
  const { assetId } = await services.first.line({ msg: 'master taken', key })
  await worker.line({ msg: 'job started', kind: 'video-piece', assetId })
  return String(assetId)
}

async function publicHomes(): Promise<string[]> {
  const homes: string[] = []
  for await (const { key } of storeOf(services).list({ bucket: BUCKETS.output, prefix: '' })) {
    if (key.endsWith(`/${homeKeys.master}`)) homes.push(key)
  }
  return homes
}

async function isPublic(assetId: string): Promise<boolean> {
  return (await publicHomes()).some((key) => key.includes(assetId.slice(0, 10)))
}

it.each<[string, () => void, () => Promise<void>]>([
  ['killed', () => services.kafka.process().signal('SIGKILL'), () => services.kafka.startAgain()],
  [
    'silent',
    () => services.network('kafka').behave('black hole'),
    () => Promise.resolve(services.network('kafka').behave('pass')),
  ],
])('%s for a minute', async (how, leave, comeBack) => {
  const untilMs = performance.now() + AWAY_MS
  const inMidEncode = await begin(`${how}-1.mp4`)
  leave()
  const meanwhile = await begin(`${how}-2.mp4`)
  for (const assetId of [inMidEncode, meanwhile]) {
    while (!(await isPublic(assetId))) expect(performance.now()).toBeLessThan(untilMs)
  }
  await delay(untilMs - performance.now())
  // Nothing was told of what came while Kafka was away.
  expect(services.first.lines.filter(({ msg, assetId }) => msg === 'asset closed' && assetId === meanwhile)).toEqual([])
  await comeBack()
  for (const assetId of [inMidEncode, meanwhile]) {
    expect(await services.first.line({ msg: 'asset closed', assetId })).toMatchObject({ outcome: 'published' })
    const told = (await services.lifecycle()).filter((event) => event.assetId === assetId)
    const ids = told.map(({ id }) => id)
    expect(told.filter(({ id }, index) => ids.indexOf(id) === index).map(({ type }) => type)).toEqual(STORY)
    expect(piecesOf([worker], assetId)).toEqual({ made: 1, redone: 0 })
  }
  expect(await brokenInvariants(await tracesOf(services, [worker]))).toEqual([])
  process.stdout.write(`${how}: 2 published while Kafka was away, told of afterwards\n`)
})
