import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createMasterEnds, type MasterEnds } from '../../core/adapters/master-ends'
import type { ByteRange } from '../../core/ports/object-store'
import { bytesOf, pattern, type Pattern } from '../support/served-pattern'

const MIB = 1024 * 1024
const ref = { bucket: 'masters', key: 'film.mp4', etag: '"1"' }
const { signal } = new AbortController()

describe('ends of a master', () => {
  let ends: MasterEnds
  let master: Pattern
  const read = async (range: ByteRange, etag = '"1"'): Promise<Buffer> =>
    buffer(await ends.of({ ...ref, etag }, master).read(range, signal))
  const asked = (): number => master.bytesRead()
  beforeEach(() => {
    ends = createMasterEnds()
    master = pattern(40 * MIB + 12_345)
  })

  it.each<[string, ByteRange]>([
    ['at the head', { start: 0, end: 99_999 }],
    ['over a unit of the head', { start: MIB / 2 - 10, end: MIB / 2 + 10 }],
    ['from the head into the middle', { start: 8 * MIB - 1_000, end: 9 * MIB }],
    ['in the middle', { start: 20 * MIB + 1, end: 20 * MIB + 70_000 }],
    ['from the middle into the tail', { start: 32 * MIB - 5, end: 33 * MIB + 5 }],
    ['to the last byte', { start: 40 * MIB, end: 40 * MIB + 12_344 }],
  ])('gives the exact bytes %s, the first time and the second', async (_, range) => {
    for (const time of [1, 2]) expect([time, (await read(range)).equals(bytesOf(range))]).toEqual([time, true])
  })

  it('reads the ends once and the middle each time', async () => {
    const readEnds = async (): Promise<void> => {
      await read({ start: 0, end: 200_000 })
      await read({ start: 40 * MIB, end: 40 * MIB + 12_344 })
    }
    await readEnds()
    await readEnds()
    expect(asked()).toBe(MIB / 2 + 12_345)
    await read({ start: 20 * MIB, end: 21 * MIB - 1 })
    await read({ start: 20 * MIB, end: 21 * MIB - 1 })
    expect(asked()).toBe(MIB / 2 + 12_345 + 2 * MIB)
  })

  it('takes another etag for another object', async () => {
    await read({ start: 0, end: 9 })
    await read({ start: 0, end: 9 }, '"2"')
    expect(master.reads).toHaveLength(2)
  })

  it('lets the least recently used go when it has no more room', async () => {
    ends = createMasterEnds(MIB)
    const unit = (n: number): Promise<Buffer> => read({ start: (n * MIB) / 2, end: (n * MIB) / 2 })
    await unit(0)
    await unit(1)
    await unit(0)
    await unit(2)
    expect(master.reads).toHaveLength(3)
    await unit(0)
    expect(master.reads).toHaveLength(3)
    await unit(1)
    expect(master.reads).toHaveLength(4)
  })

  it('keeps nothing of a short read, which the reader finds out', async () => {
    const short = (n: number, range: ByteRange): Readable | null =>
      n === 1 ? Readable.from([bytesOf({ ...range, end: range.start + 99 })], { objectMode: false }) : null
    master = pattern(MIB, short)
    expect(await read({ start: 0, end: 999 })).toHaveLength(100)
    expect((await read({ start: 0, end: 999 })).equals(bytesOf({ start: 0, end: 999 }))).toBe(true)
  })
})
