import { storeActions, type StoreUnderTest } from '../support/store-actions'

/** The part of the suite that is about keys: which there may be, and how they are listed and taken away. */
export function describeKeys(underTest: () => StoreUnderTest): void {
  const { at, put, get, keys } = storeActions(underTest)

  describe('listing', () => {
    it('gives every object with its size and etag', async () => {
      const a = await put('a', '1')
      const b = await put('b/c', '22')
      const listed = []
      for await (const object of underTest().store.list({ bucket: underTest().bucket, prefix: '' })) listed.push(object)
      expect(listed).toEqual([
        { key: 'a', ...a },
        { key: 'b/c', ...b },
      ])
    })

    it('orders by the bytes of the whole key', async () => {
      // Around the slash (0x2f), and where UTF-16 would order otherwise: U+FF5E before U+1F3AC.
      const sorted = ['A', 'a-b', 'a.txt', 'a/b', 'a/b-c', 'a/b0', 'a/c/d', 'a0', 'b', 'é', '～', '🎬']
      for (const key of [...sorted].reverse()) await put(key, key)
      expect(await keys()).toEqual(sorted)
    })

    it('takes a prefix as text, not as a folder', async () => {
      for (const key of ['open/ab', 'open/abc', 'open/abd/e', 'open/b', 'opera', 'o']) await put(key, key)
      expect(await keys('open/ab')).toEqual(['open/ab', 'open/abc', 'open/abd/e'])
      expect(await keys('open/')).toEqual(['open/ab', 'open/abc', 'open/abd/e', 'open/b'])
      expect(await keys('open/abd/')).toEqual(['open/abd/e'])
      expect(await keys('ope')).toEqual(['open/ab', 'open/abc', 'open/abd/e', 'open/b', 'opera'])
      expect(await keys('open/ab/')).toEqual([])
      expect(await keys('none/at/all')).toEqual([])
    })

    it.each(['../', '/', 'a//', 'a/../', './', 'a/./b'])(
      'finds nothing under %j, which begins no key',
      async (prefix) => {
        await put('a/b', 'x')
        expect(await keys(prefix)).toEqual([])
      },
    )

    it('goes on when objects vanish meanwhile', async () => {
      const all = Array.from({ length: 30 }, (_, i) => `k/${String(i).padStart(2, '0')}/o`)
      for (const key of all) await put(key, key)
      const found: string[] = []
      for await (const { key } of underTest().store.list({ bucket: underTest().bucket, prefix: 'k/' })) {
        found.push(key)
        if (found.length === 1) for (const other of all.slice(20)) await underTest().store.remove(at(other))
      }
      expect(found.slice(0, 20)).toEqual(all.slice(0, 20))
      expect(await keys('k/')).toEqual(all.slice(0, 20))
    })
  })

  describe('removing', () => {
    it('takes one object away and leaves its neighbours', async () => {
      for (const key of ['a/b', 'a/bc', 'a/c/d']) await put(key, key)
      await underTest().store.remove(at('a/b'))
      expect(await underTest().store.head(at('a/b'))).toBeNull()
      expect(await keys()).toEqual(['a/bc', 'a/c/d'])
    })

    it('has no complaint about what is not there', async () => {
      await put('a', 'x')
      for (const key of ['none', 'none/at/all', 'a/b']) await underTest().store.remove(at(key))
      expect(await keys()).toEqual(['a'])
    })

    it('does not take away what lies below a key', async () => {
      await put('a/b', 'x')
      await underTest().store.remove(at('a'))
      expect(await keys()).toEqual(['a/b'])
    })

    it('leaves room for an object where only others with the same beginning were', async () => {
      await put('a/b/c', 'x')
      await underTest().store.remove(at('a/b/c'))
      await put('a', 'now an object')
      expect(await keys()).toEqual(['a'])
    })
  })

  describe('keys', () => {
    const odd = [
      'a b/c  d.mp4',
      'a+b=c&d?e#f',
      '100%/%2e%2e/%00',
      'über/naïve/日本語.mp4',
      '🎬/👩‍👩‍👧.mp4',
      'it\'s "quoted" `x` $(y) ;z|w>v<u*',
      'back\\slash',
      '-rf',
      '...',
      '.hidden/..x',
      'con/aux',
      `${'p'.repeat(255)}/x`,
      Array.from({ length: 200 }, (_, i) => String(i % 10)).join('/'),
      'e\u0301',
    ]

    it('keeps odd ones apart and gives them back', async () => {
      for (const key of odd) await put(key, key)
      expect(new Set(await keys())).toEqual(new Set(odd))
      for (const key of odd) expect(await get(key)).toBe(key)
      for (const key of odd) await underTest().store.remove(at(key))
      expect(await keys()).toEqual([])
    })

    it('takes 1024 bytes', async () => {
      const key = `${'x/'.repeat(500)}${'é'.repeat(12)}`
      await put(key, 'long')
      expect(await keys()).toEqual([key])
    })

    it.each([
      ['an empty key', ''],
      ['a slash at the start', '/a'],
      ['a slash at the end', 'a/'],
      ['an empty part', 'a//b'],
      ['a part that is a dot', 'a/./b'],
      ['a part that leads up', 'a/../../b'],
      ['nothing but dots', '..'],
      ['a NUL', 'a\0b'],
      ['a line feed', 'a\nb'],
      ['a DEL', 'a\u007fb'],
      ['a C1 control', 'a\u009bb'],
      ['half a surrogate pair', 'a\ud83cb'],
      ['a part of 256 bytes', `${'é'.repeat(128)}/a`],
      ['1025 bytes', `${'x/'.repeat(512)}y`],
    ])('refuses %s in every operation', async (_, key) => {
      const refused = { code: 'STORE_KEY_INVALID', retryable: false }
      await expect(put(key, 'x')).rejects.toMatchObject(refused)
      await expect(underTest().store.head(at(key))).rejects.toMatchObject(refused)
      await expect(underTest().store.read(at(key))).rejects.toMatchObject(refused)
      await expect(underTest().store.remove(at(key))).rejects.toMatchObject(refused)
      expect(() => underTest().store.locate(at(key))).toThrow(expect.objectContaining(refused))
      expect(await keys()).toEqual([])
    })

    it('locates each key somewhere else', () => {
      expect(new Set(odd.map((key) => underTest().store.locate(at(key)))).size).toBe(odd.length)
    })
  })
}
