import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { GantryError } from '../../core/contract/errors'
import type { ObjectStat } from '../../core/ports/object-store'
import { storeActions, type StoreUnderTest } from '../support/store-actions'
import { describeKeys } from './object-store-keys'
import { describeLabels } from './object-store-labels'

const MIB = 2 ** 20

/** What every ObjectStore must do. Call it once per implementation. */
export function describeObjectStore(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`ObjectStore: ${name}`, () => {
    let under: StoreUnderTest
    beforeEach(async () => {
      under = await make()
    })
    afterEach(() => under.close())

    const { at, put, get, keys } = storeActions(() => under)
    /** Results of writers that race: the winners and the codes of the others. */
    const race = async (writers: Promise<ObjectStat>[]): Promise<{ won: ObjectStat[]; codes: string[] }> => {
      const all = await Promise.allSettled(writers)
      return {
        won: all.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
        codes: all.flatMap((result) =>
          result.status === 'rejected' ? [result.reason instanceof GantryError ? result.reason.code : 'foreign'] : [],
        ),
      }
    }

    describe('reading', () => {
      it('gives back what was written, and its size and etag', async () => {
        const written = await put('a/b.txt', 'abcdef')
        expect(written.bytes).toBe(6)
        expect(await get('a/b.txt')).toBe('abcdef')
        expect(await under.store.head(at('a/b.txt'))).toEqual(written)
      })

      it('gives back what was streamed in', async () => {
        const written = await put('a', Readable.from([Buffer.from('one '), Buffer.from('two')]))
        expect(written.bytes).toBe(7)
        expect(await get('a')).toBe('one two')
      })

      it('keeps every byte value', async () => {
        const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value))
        await put('bytes', bytes)
        expect(await buffer(await under.store.read(at('bytes')))).toEqual(bytes)
      })

      it('keeps an empty object', async () => {
        expect((await put('empty', '')).bytes).toBe(0)
        expect((await put('streamed', Readable.from([]))).bytes).toBe(0)
        expect(await get('empty')).toBe('')
        expect(await keys()).toEqual(['empty', 'streamed'])
      })

      it.each([
        { range: { start: 0, end: 0 }, gives: 'a' },
        { range: { start: 1, end: 3 }, gives: 'bcd' },
        { range: { start: 5, end: 5 }, gives: 'f' },
        { range: { start: 0, end: 5 }, gives: 'abcdef' },
        { range: { start: 4, end: 99 }, gives: 'ef' },
      ])('gives $gives for bytes $range.start to $range.end', async ({ range, gives }) => {
        await put('a', 'abcdef')
        expect(await get('a', range)).toBe(gives)
      })

      it('streams 16 MiB through unchanged, whole and from the middle', async () => {
        const block = Buffer.alloc(MIB)
        for (let i = 0; i < MIB; i += 4) block.writeUInt32LE((i * 2_654_435_761) % 2 ** 32, i)
        const blocks = Array.from({ length: 16 }, (_, index) => Buffer.concat([Buffer.of(index), block.subarray(1)]))
        expect((await put('large', Readable.from(blocks))).bytes).toBe(16 * MIB)
        const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
        expect(digest(await buffer(await under.store.read(at('large'))))).toBe(digest(Buffer.concat(blocks)))
        const middle = await buffer(await under.store.read(at('large'), { start: 7 * MIB, end: 9 * MIB - 1 }))
        expect(digest(middle)).toBe(digest(Buffer.concat(blocks.slice(7, 9))))
      })

      it('can be left in the middle of an object', async () => {
        await put('large', Buffer.alloc(4 * MIB, 1))
        const stream = await under.store.read(at('large'))
        for await (const chunk of stream) {
          expect((chunk as Buffer)[0]).toBe(1)
          break
        }
        expect(stream.destroyed).toBe(true)
        await put('large', 'new')
        expect(await get('large')).toBe('new')
      })

      it('says that nothing is at a key, by null and by a code', async () => {
        expect(await under.store.head(at('none'))).toBeNull()
        await expect(under.store.read(at('none'))).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' })
        await expect(under.store.read({ ...at('none'), etag: 'x' })).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' })
      })

      it('says that nothing is at a key that only begins other keys', async () => {
        await put('a/b', 'x')
        expect(await under.store.head(at('a'))).toBeNull()
        await expect(under.store.read(at('a'))).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' })
      })

      it('names a bucket that it does not have', async () => {
        const nowhere = { bucket: 'no-such-bucket', key: 'a' }
        await expect(under.store.read(nowhere)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' })
      })
    })

    describe('pinned reading', () => {
      it('gives the bytes while the etag is the same', async () => {
        const { etag } = await put('a', 'abcdef')
        expect(await text(await under.store.read({ ...at('a'), etag }, { start: 2, end: 3 }))).toBe('cd')
      })

      it('refuses an object that was replaced', async () => {
        const { etag } = await put('a', 'one')
        await put('a', 'two')
        await expect(under.store.read({ ...at('a'), etag })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
      })

      it('finishes a read that began before the object was replaced, with the old bytes', async () => {
        const { etag } = await put('a', Buffer.alloc(2 * MIB, 'o'))
        const stream = await under.store.read({ ...at('a'), etag })
        await put('a', Buffer.alloc(2 * MIB, 'n'))
        expect(new Set(await buffer(stream))).toEqual(new Set(Buffer.from('o')))
      })
    })

    describe('writing', () => {
      it('gives other bytes another etag, and where it says so every write', async () => {
        const etags = new Set<string>()
        for (let i = 0; i < 20; i += 1) etags.add((await put('a', under.etags === 'of writes' ? 'same' : `${i}`)).etag)
        expect(etags.size).toBe(20)
      })

      it('tells a writer its own etag, not that of a later one', async () => {
        const bodies = Array.from({ length: 12 }, (_, i) => `body ${i}`)
        const stats = await Promise.all(bodies.map((body) => put('a', body)))
        const last = await get('a')
        expect(stats[bodies.indexOf(last)]).toEqual(await under.store.head(at('a')))
        expect(new Set(stats.map(({ etag }) => etag)).size).toBe(12)
      })

      it('shows readers the old object until the new one is whole', async () => {
        await put('a', 'old')
        let seen = ''
        const slow = async function* (): AsyncGenerator<Buffer> {
          yield Buffer.from('ne')
          seen = await get('a')
          yield Buffer.from('w')
        }
        await put('a', Readable.from(slow()))
        expect(seen).toBe('old')
        expect(await get('a')).toBe('new')
      })

      it('leaves the old object when the new one breaks off, and says why', async () => {
        await put('a', 'old')
        const broken = async function* (): AsyncGenerator<Buffer> {
          yield Buffer.from('new')
          throw new GantryError('FFMPEG_EXIT', 'the encoder ended early')
        }
        await expect(put('a', Readable.from(broken()))).rejects.toMatchObject({ code: 'FFMPEG_EXIT' })
        expect(await get('a')).toBe('old')
      })
    })

    describe('conditional writing', () => {
      it('writes where nothing is, once', async () => {
        await put('a', 'first', { condition: { absent: true } })
        await expect(put('a', 'second', { condition: { absent: true } })).rejects.toMatchObject({
          code: 'STORE_CONFLICT',
        })
        expect(await get('a')).toBe('first')
      })

      it('writes again where an object was removed', async () => {
        await put('a/b', 'first', { condition: { absent: true } })
        await under.store.remove(at('a/b'))
        await put('a/b', 'second', { condition: { absent: true } })
        expect(await get('a/b')).toBe('second')
      })

      it('replaces the object that it was shown and no other', async () => {
        const first = await put('a', 'first')
        const second = await put('a', 'second', { condition: { etag: first.etag } })
        await expect(put('a', 'third', { condition: { etag: first.etag } })).rejects.toMatchObject({
          code: 'STORE_CONFLICT',
        })
        expect(await get('a')).toBe('second')
        await put('a', 'third', { condition: { etag: second.etag } })
        expect(await get('a')).toBe('third')
      })

      it('replaces nothing where the object is gone', async () => {
        const { etag } = await put('a', 'first')
        await under.store.remove(at('a'))
        await expect(put('a', 'second', { condition: { etag } })).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
        expect(await under.store.head(at('a'))).toBeNull()
      })

      it('lets exactly one of ten writers create an object', async () => {
        const { won, codes } = await race(
          Array.from({ length: 10 }, (_, i) => put('d/a', `writer ${i}`, { condition: { absent: true } })),
        )
        expect(codes).toEqual(Array.from({ length: 9 }, () => 'STORE_CONFLICT'))
        expect(won).toEqual([await under.store.head(at('d/a'))])
      })

      it('lets exactly one of ten writers replace an object', async () => {
        const { etag } = await put('a', 'old')
        const { won, codes } = await race(
          Array.from({ length: 10 }, (_, i) => put('a', `writer ${i}`, { condition: { etag } })),
        )
        expect(codes).toEqual(Array.from({ length: 9 }, () => 'STORE_CONFLICT'))
        expect(won).toEqual([await under.store.head(at('a'))])
      })

      it('lets the writer with the right etag win against writers with old ones', async () => {
        const old = await put('a', 'old')
        const now = await put('a', 'now')
        const stale = Array.from({ length: 9 }, () => put('a', 'stale', { condition: { etag: old.etag } }))
        const { won, codes } = await race([...stale, put('a', 'right', { condition: { etag: now.etag } })])
        expect(won).toHaveLength(1)
        expect(codes).toEqual(Array.from({ length: 9 }, () => 'STORE_CONFLICT'))
        expect(await get('a')).toBe('right')
      })
    })

    describe('copying', () => {
      it('gives a second object with the same bytes', async () => {
        await put('a', 'abc')
        const copied = await under.store.copy(at('a'), at('b c/+%.mp4'))
        expect(copied).toEqual(await under.store.head(at('b c/+%.mp4')))
        expect([await get('a'), await get('b c/+%.mp4')]).toEqual(['abc', 'abc'])
      })

      it('replaces what is there', async () => {
        await put('a', 'new')
        await put('b', 'old')
        await under.store.copy(at('a'), at('b'))
        expect(await get('b')).toBe('new')
      })

      it('takes the object that was looked at, or none', async () => {
        const { etag } = await put('a', 'one')
        await under.store.copy({ ...at('a'), etag }, at('b'))
        await put('a', 'two')
        const late = under.store.copy({ ...at('a'), etag }, at('c'))
        await expect(late).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
        expect(await keys()).toEqual(['a', 'b'])
      })

      it('says that nothing is there to copy', async () => {
        await expect(under.store.copy(at('none'), at('b'))).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' })
      })
    })

    it('has no unfinished write where all came to their end, and no complaint about one that is gone', async () => {
      await put('whole', 'abc')
      await put('streamed', Readable.from([Buffer.alloc(9 * MIB)]))
      for await (const begun of under.store.unfinished({ bucket: under.bucket, prefix: '' })) expect(begun).toBeNull()
      await under.store.abandon({ ...at('whole'), id: 'no-such-write', begunAt: new Date(0) })
      expect(await get('whole')).toBe('abc')
    })

    describe('aborting', () => {
      const reason = new GantryError('QUEUE_SHUTDOWN', 'asked to stop')

      it('writes nothing when the signal was aborted before, and gives its reason', async () => {
        const body = Readable.from(['x'])
        await expect(put('a/b', body, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
        expect(await keys()).toEqual([])
        expect(body.destroyed).toBe(true)
      })

      it('writes nothing when the signal aborts a body that hangs, and lets go of the body', async () => {
        const control = new AbortController()
        let reads = 0
        const body = new Readable({
          read() {
            reads += 1
            if (reads === 1) this.push('some bytes, then nothing')
            else control.abort(reason)
          },
        })
        await expect(put('a/b', body, { signal: control.signal })).rejects.toBe(reason)
        expect(await keys()).toEqual([])
        expect(body.destroyed).toBe(true)
      })

      it('keeps the object that was there', async () => {
        await put('a', 'old')
        await expect(put('a', 'new', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
        expect(await get('a')).toBe('old')
      })
    })

    describeKeys(() => under)
    describeLabels(() => under)
  })
}
