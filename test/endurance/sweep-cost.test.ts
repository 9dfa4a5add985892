/** What a leader asks of the store with 100,000 finished assets and 1,000 open ones: requests as S3 counts them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileStore } from '../../core/adapters/file-store'
import { base32 } from '../../core/contract/ids'
import { at, stateKeys } from '../../core/contract/keys'
import type { Intent } from '../../core/contract/intent'
import type { ObjectStore } from '../../core/ports/object-store'
import { createLooks, type Looks } from '../../scheduler/looks'
import { plannedIntent, putRun, STATE } from '../support/planned-asset'
import { startRunBench, type RunBench } from '../support/run-bench'

const FINISHED = 100_000
const OPEN = 1_000
const WRITES_AT_ONCE = 64
/** Source: Amazon S3 API reference, ListObjectsV2. */
const KEYS_A_PAGE = 1_000

let folder: string
let bench: RunBench
let intents: Intent[]
let counted: Counted
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-sweep-'))
  bench = await startRunBench()
  const store = createFileStore({ buckets: { out: { folder: join(folder, 'out'), scratch: join(folder, 'scratch') } } })
  counted = countRequests(store)
  await inParts(FINISHED, (index) => putFinished(OPEN + index))
  intents = Array.from({ length: OPEN }, (_, index) => plannedIntent({ assetId: idOf(index) }))
  await inParts(OPEN, async (index) => void (await putRun(store, intents[index] ?? plannedIntent())))
})
afterAll(async () => {
  await bench.close()
  await rm(folder, { recursive: true, force: true })
})

function idOf(index: number): string {
  const bytes = Buffer.alloc(13)
  bytes.writeUInt32BE(index)
  return base32(bytes).slice(0, 20)
}

/** As a run leaves it, as far as keys matter; its content is not looked at. */
async function putFinished(index: number): Promise<void> {
  const { bucket, key } = at(STATE, stateKeys.run(idOf(index), 1))
  const run = join(folder, bucket, key)
  await mkdir(run, { recursive: true })
  await writeFile(join(run, 'final.json'), '{}')
}

async function inParts(count: number, work: (index: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += WRITES_AT_ONCE) {
    const indexes = Array.from({ length: Math.min(WRITES_AT_ONCE, count - from) }, (_, index) => from + index)
    await Promise.all(indexes.map(work))
  }
}

interface Counted {
  store: ObjectStore
  lists: number
  gets: number
  writes: number
}

function countRequests(store: ObjectStore): Counted {
  const counts: Counted = { store, lists: 0, gets: 0, writes: 0 }
  const count = <T>(name: 'gets' | 'writes', call: () => T): T => {
    counts[name] += 1
    return call()
  }
  counts.store = {
    ...store,
    head: (where) => count('gets', () => store.head(where)),
    read: (ref, range) => count('gets', () => store.read(ref, range)),
    write: (where, body, how) => count('writes', () => store.write(where, body, how)),
    remove: (where) => count('writes', () => store.remove(where)),
    list: async function* (place) {
      let keys = 0
      for await (const found of store.list(place)) {
        if (keys % KEYS_A_PAGE === 0) counts.lists += 1
        keys += 1
        yield found
      }
      if (keys === 0) counts.lists += 1
    },
  }
  return counts
}

async function costOf(
  name: string,
  work: () => Promise<void>,
): Promise<{ lists: number; gets: number; writes: number }> {
  Object.assign(counted, { lists: 0, gets: 0, writes: 0 })
  const startedMs = performance.now()
  await work()
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(2)
  const { lists, gets, writes } = counted
  process.stdout.write(`${name}: ${lists} LIST, ${gets} GET and HEAD, ${writes} PUT and DELETE, ${seconds} s here\n`)
  return { lists, gets, writes }
}

function newLooks(): Looks {
  return createLooks({
    ...bench.parts(counted.store, []),
    owns: () => true,
    onClosed: () => undefined,
    onError: (error) => {
      throw error
    },
  })
}

it('a sweep costs what is open and not at work, however much is finished', async () => {
  const looks = newLooks()
  const first = await costOf(`the first sweep of a leader, ${OPEN} looks`, () => looks.sweep())
  expect(first.gets / OPEN).toBeLessThan(25)
  expect((await bench.queue.assetsAtWork()).size).toBe(OPEN)
  const steady = await costOf('a sweep while all are at work', () => looks.sweep())
  expect(steady).toEqual({ lists: 1, gets: 0, writes: 0 })
  const [one] = intents
  if (one === undefined) throw new Error('no plan')
  await bench.queue.dropRun(one.jobs)
  const repair = await costOf('a sweep that finds one without work', () => looks.sweep())
  expect(repair.gets).toBeLessThan(25)
  expect((await bench.queue.assetsAtWork()).size).toBe(OPEN)
  await looks.close()
})
