import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ObjectStore } from '../../core/ports/object-store'
import { measure, readRecord, sha256Hex, storeOnce, writeRecord, writeRecordOnce } from '../../core/state/records'
import { tempStore, type TempStore } from '../support/temp-store'

const where = { bucket: 'state', key: 'assets/a/intent.json' }
const never = new AbortController().signal
let temp: TempStore
beforeEach(async () => {
  temp = await tempStore()
})
afterEach(() => temp.remove())

describe('a record', () => {
  it('is null where none is', async () => {
    expect(await readRecord(temp.store, where)).toBeNull()
  })

  it('is read as it was written', async () => {
    const record = { v: 1, name: 'é 🎬 \u2028', list: [1, null, { deep: true }] }
    await writeRecord(temp.store, where, record)
    expect(await readRecord(temp.store, where)).toEqual(record)
  })

  it('is replaced by a later one', async () => {
    await writeRecord(temp.store, where, { n: 1, only: 'first' })
    await writeRecord(temp.store, where, { n: 2 })
    expect(await readRecord(temp.store, where)).toEqual({ n: 2 })
  })

  it.each(['', '{"v": 1', 'not json'])('that is %j is told with its key, not taken for none', async (text) => {
    await temp.store.write(where, Buffer.from(text), { contentType: 'application/json' })
    await expect(readRecord(temp.store, where)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(where.key),
    })
  })
})

describe('a record that is written once', () => {
  it('is told as written by the first and as found by the next', async () => {
    expect(await writeRecordOnce(temp.store, where, { by: 1 })).toEqual({ record: { by: 1 }, written: true })
    expect(await writeRecordOnce(temp.store, where, { by: 2 })).toEqual({ record: { by: 1 }, written: false })
  })

  it('is the same for all of 20 writers at a time, and one of them wrote it', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, (_, by) => writeRecordOnce(temp.store, where, { by })))
    expect(results.filter(({ written }) => written)).toHaveLength(1)
    expect(new Set(results.map(({ record }) => record.by)).size).toBe(1)
  })

  it('fails with the conflict when the winner vanished', async () => {
    await writeRecord(temp.store, where, { by: 1 })
    const vanishing: ObjectStore = {
      ...temp.store,
      read: async (ref) => {
        await temp.store.remove(where)
        return temp.store.read(ref)
      },
    }
    await expect(writeRecordOnce(vanishing, where, { by: 2 })).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
  })

  it('hands on every other failure', async () => {
    await expect(writeRecordOnce(temp.store, { bucket: 'state', key: '../x' }, {})).rejects.toMatchObject({
      code: 'STORE_KEY_INVALID',
    })
  })
})

describe('storeOnce', () => {
  const target = { output: { bucket: 'out', prefix: 'm-a/r1' }, key: 'mp4/720p.mp4', contentType: 'video/mp4' }
  const object = { bucket: 'out', key: 'm-a/r1/mp4/720p.mp4' }
  const stored = async (): Promise<string> => String(await buffer(await temp.store.read(object)))

  it('stores bytes and says what they are, by the key below the output', async () => {
    const bytes = Buffer.from('abc')
    expect(await storeOnce(temp.store, target, bytes, never)).toEqual({
      key: 'mp4/720p.mp4',
      bytes: 3,
      // FIPS 180-2, appendix B.1.
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    })
    expect(await stored()).toBe('abc')
  })

  it('stores chunks as they are made, and digests them meanwhile', async () => {
    const chunks = Readable.from([Buffer.from('a'), Buffer.from('bc')])
    expect(await storeOnce(temp.store, target, { bytes: 3, chunks }, never)).toEqual({
      key: 'mp4/720p.mp4',
      bytes: 3,
      sha256: sha256Hex(Buffer.from('abc')),
    })
    expect(await stored()).toBe('abc')
  })

  it.each([2, 4])('stores nothing of 3 bytes where %i were announced', async (bytes) => {
    const body = { bytes, chunks: Readable.from([Buffer.from('abc')]) }
    await expect(storeOnce(temp.store, target, body, never)).rejects.toMatchObject({ code: 'QUEUE_INTERNAL' })
    expect(await temp.store.head(object)).toBeNull()
  })

  it('takes over what another attempt stored before its own chunks were through', async () => {
    await storeOnce(temp.store, target, Buffer.from('the first'), never)
    const body = { bytes: 5, chunks: Readable.from([Buffer.from('other')]) }
    const later = await storeOnce(temp.store, target, body, never)
    expect(later).toEqual({ key: 'mp4/720p.mp4', bytes: 9, sha256: sha256Hex(Buffer.from('the first')) })
  })

  it('takes over what another attempt stored, measured from its bytes', async () => {
    await storeOnce(temp.store, target, Buffer.from('the first'), never)
    const later = await storeOnce(temp.store, target, Buffer.from('another'), never)
    expect(later).toEqual({ key: 'mp4/720p.mp4', bytes: 9, sha256: sha256Hex(Buffer.from('the first')) })
    expect(await stored()).toBe('the first')
  })

  it('gives all of ten attempts at a time the same object', async () => {
    const attempts = Array.from({ length: 10 }, (_, index) => Buffer.alloc(1_000 + index, index))
    const results = await Promise.all(attempts.map((bytes) => storeOnce(temp.store, target, bytes, never)))
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1)
    expect(results[0]?.sha256).toBe(sha256Hex(await buffer(await temp.store.read(object))))
  })

  it('leaves nothing when it is aborted', async () => {
    const reason = new Error('stop')
    await expect(storeOnce(temp.store, target, Buffer.from('x'), AbortSignal.abort(reason))).rejects.toThrow()
    expect(await temp.store.head(object)).toBeNull()
  })
})

describe('measure', () => {
  it('counts and digests what comes in any pieces', async () => {
    const pieces = [Buffer.alloc(0), Buffer.from('ab'), Buffer.from('c'), Buffer.alloc(70_000, 7)]
    const whole = Buffer.concat(pieces)
    expect(await measure(Readable.from(pieces))).toEqual({
      bytes: whole.byteLength,
      sha256: createHash('sha256').update(whole).digest('hex'),
    })
  })
})
