/** What a sweep costs: assets that are at work are left alone, all others are looked at. On a real queue. */
import { createLooks, type Looks } from '../../scheduler/looks'
import type { ReconcileParts } from '../../scheduler/reconcile'
import { GantryError } from '../../core/contract/errors'
import type { AnyEvent } from '../../core/contract/event'
import { ASSET, finalOf, plannedIntent, putRun } from '../support/planned-asset'
import { startRunBench, type RunBench } from '../support/run-bench'
import { tempStore, type TempStore } from '../support/temp-store'

const intent = plannedIntent()

let bench: RunBench
let temp: TempStore
let told: AnyEvent[]
let closed: string[]
let errors: string[]
let reads: number
beforeAll(async () => {
  bench = await startRunBench()
})
afterAll(() => bench.close())
beforeEach(async () => {
  temp = await tempStore()
  told = []
  closed = []
  errors = []
  await putRun(temp.store, intent)
})
afterEach(async () => {
  await bench.queue.dropRun(intent.jobs)
  await temp.remove()
})

function looksWith(change: Partial<ReconcileParts> = {}): Looks {
  reads = 0
  const read: typeof temp.store.read = (...words) => {
    reads += 1
    return temp.store.read(...words)
  }
  return createLooks({
    ...{ ...bench.parts({ ...temp.store, read }, told), ...change },
    owns: () => true,
    onClosed: (assetId) => void closed.push(assetId),
    onError: (error) => void errors.push(error.message),
  })
}

it('looks at all that is open at first, and then not at what is at work', async () => {
  const looks = looksWith()
  await looks.sweep()
  expect(await bench.queue.assetsAtWork()).toEqual(new Set([ASSET]))
  expect(reads).toBeGreaterThan(0)
  reads = 0
  await looks.sweep()
  expect(reads).toBe(0)
  looks.forget()
  await looks.sweep()
  expect(reads).toBeGreaterThan(0)
  await looks.close()
})

it('looks at an asset whose jobs are lost, and queues them again', async () => {
  const looks = looksWith()
  await looks.sweep()
  await bench.queue.dropRun(intent.jobs)
  expect(await bench.queue.assetsAtWork()).toEqual(new Set())
  await looks.sweep()
  expect(await bench.queue.assetsAtWork()).toEqual(new Set([ASSET]))
  await looks.close()
})

it('looks in every sweep at one whose events could not be told, until they are', async () => {
  let isAway = true
  const emit = (event: AnyEvent): Promise<void> =>
    isAway ? Promise.reject(new Error('away')) : Promise.resolve(void told.push(event))
  const looks = looksWith({ sink: { emit, close: () => Promise.resolve() } })
  await looks.sweep()
  await looks.sweep()
  expect(told).toEqual([])
  isAway = false
  await looks.sweep()
  expect(told.map(({ type }) => type)).toEqual(['asset.accepted', 'asset.planned'])
  reads = 0
  await looks.sweep()
  expect(reads).toBe(0)
  await looks.close()
})

it('says once a sweep that the queue is away, and closes what needs no queue', async () => {
  const looks = looksWith()
  await looks.sweep()
  const away = looksWith({
    queue: {
      ...bench.queue,
      assetsAtWork: () => Promise.reject(new GantryError('QUEUE_UNAVAILABLE', 'Redis is away')),
    },
  })
  await putRun(temp.store, intent, finalOf('cancelled'))
  await away.sweep()
  expect(errors).toEqual(['Redis is away'])
  expect(closed).toEqual([ASSET])
  await Promise.all([looks.close(), away.close()])
})
