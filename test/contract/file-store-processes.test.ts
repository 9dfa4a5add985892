import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createFileStore, sweepScratch, type FileStoreOptions } from '../../core/adapters/file-store'
import type { ObjectStore } from '../../core/ports/object-store'
import { compileStore, startStoreProcess, type StoreProcess } from '../support/store-process'

const at = { bucket: 'out', key: 'assets/master.m3u8' }
const octets = { contentType: 'application/octet-stream' }

let compiled: string
beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'gantry-compiled-'))
  compileStore(compiled)
})
afterAll(() => rm(compiled, { recursive: true }))

let root: string
let scratch: string
let options: FileStoreOptions
let store: ObjectStore
let processes: StoreProcess[]
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gantry-store-'))
  scratch = join(root, 'scratch')
  options = { buckets: { out: { folder: join(root, 'out'), scratch } } }
  store = createFileStore(options)
  processes = []
})
afterEach(async () => {
  await Promise.all(processes.map((one) => one.kill()))
  await rm(root, { recursive: true })
})

const start = async (fault?: 'SIGKILL' | 'SIGSTOP', more: Partial<FileStoreOptions> = {}): Promise<StoreProcess> => {
  const one = await startStoreProcess(compiled, { ...options, ...more }, fault)
  processes.push(one)
  return one
}
const put = (body: string) => store.write(at, Buffer.from(body), octets)
const content = async (): Promise<string> => text(await store.read(at))

describe('several processes', () => {
  it('let exactly one of ten replace an object, in each of 20 rounds', async () => {
    const ten = await Promise.all(Array.from({ length: 10 }, () => start()))
    let { etag } = await put('old')
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(ten.map((one, i) => one.write(at, `${round} by ${i}`, { etag })))
      const winner = answers.findIndex(({ result }) => result !== undefined)
      expect(answers.filter(({ code }) => code === 'STORE_CONFLICT')).toHaveLength(9)
      expect(await content()).toBe(`${round} by ${winner}`)
      const now = await store.head(at)
      expect(now).toEqual(answers[winner]?.result)
      etag = now?.etag ?? ''
    }
    expect(await readdir(scratch)).toEqual([])
  })

  it('let exactly one of ten create an object, in each of 20 rounds', async () => {
    const ten = await Promise.all(Array.from({ length: 10 }, () => start()))
    for (let round = 0; round < 20; round += 1) {
      const place = { ...at, key: `open/${round}/a` }
      const answers = await Promise.all(ten.map((one) => one.write(place, 'x', { absent: true })))
      expect(answers.filter(({ result }) => result !== undefined)).toHaveLength(1)
      expect(answers.filter(({ code }) => code === 'STORE_CONFLICT')).toHaveLength(9)
    }
  })

  it('lose no step of a number that all of them add to', async () => {
    await put('0')
    const four = await Promise.all(Array.from({ length: 4 }, () => start()))
    const answers = await Promise.all(four.map((one) => one.count(at, 50)))
    expect(answers.map(({ result }) => result)).toEqual([50, 50, 50, 50])
    expect(await content()).toBe('200')
  })
})

describe('a process killed while it has the lock', () => {
  it('does not stop the next writer, and leaves the old object', async () => {
    const { etag } = await put('old')
    const victim = await start('SIGKILL')
    expect(await victim.write(at, 'never', { etag })).toEqual({ code: 'dead' })
    expect(await content()).toBe('old')
    expect((await readdir(scratch)).filter((name) => name.startsWith('lock-'))).toHaveLength(1)

    const startedMs = performance.now()
    await store.write(at, Buffer.from('new'), { ...octets, condition: { etag } })
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    expect(await content()).toBe('new')
  })

  it('leaves nothing that a sweep does not take away', async () => {
    await put('old')
    const victim = await start('SIGKILL')
    expect(await victim.write(at, 'never')).toEqual({ code: 'dead' })
    expect(await readdir(scratch)).toHaveLength(2)
    await sweepScratch(scratch)
    expect(await readdir(scratch)).toEqual([])
  })

  it('leaves its lock to exactly one of ten others', async () => {
    const ten = await Promise.all(Array.from({ length: 10 }, () => start()))
    for (let round = 0; round < 5; round += 1) {
      const { etag } = await put('old')
      const victim = await start('SIGKILL')
      await victim.write(at, 'never', { etag })
      const answers = await Promise.all(ten.map((one, i) => one.write(at, `${i}`, { etag })))
      expect(answers.filter(({ code }) => code === 'STORE_CONFLICT')).toHaveLength(9)
      expect(await content()).toBe(String(answers.findIndex(({ result }) => result !== undefined)))
    }
  })

  it('loses no step of a number that the others add to', async () => {
    await put('0')
    const three = await Promise.all(Array.from({ length: 3 }, () => start()))
    const counted = Promise.all(three.map((one) => one.count(at, 40)))
    for (let round = 0; round < 5; round += 1) {
      const victim = await start('SIGKILL')
      expect(await victim.count(at, 1)).toEqual({ code: 'dead' })
    }
    await counted
    expect(await content()).toBe('120')
  })
})

describe('a process frozen while it has the lock', () => {
  it('makes others fail after the wait with what can be tried again, and finishes when it goes on', async () => {
    const { etag } = await put('old')
    const frozen = await start('SIGSTOP')
    const slow = frozen.write(at, 'slow', { etag })
    await frozen.holding
    const hasty = createFileStore({ ...options, lockWaitMs: 200 })
    const other = hasty.write(at, Buffer.from('other'), { ...octets, condition: { etag } })
    await expect(other).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining(`process ${String(frozen.child.pid)} `),
    })
    expect(await content()).toBe('old')

    frozen.child.kill('SIGCONT')
    expect(await slow).toMatchObject({ result: { bytes: 4 } })
    expect(await content()).toBe('slow')
    await expect(hasty.write(at, Buffer.from('other'), { ...octets, condition: { etag } })).rejects.toMatchObject({
      code: 'STORE_CONFLICT',
    })
  })

  it('does not keep a writer whose signal is aborted', async () => {
    await put('old')
    const frozen = await start('SIGSTOP')
    void frozen.write(at, 'slow')
    await frozen.holding
    const control = new AbortController()
    const waiting = store.write(at, Buffer.from('other'), { ...octets, signal: control.signal })
    const reason = new Error('stopped')
    control.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })
})
