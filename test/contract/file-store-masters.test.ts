import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, open, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { createFileStore } from '../../core/adapters/file-store'
import type { ObjectStore } from '../../core/ports/object-store'

const MIB = 2 ** 20

let root: string
let path: string
let store: ObjectStore
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gantry-masters-'))
  path = join(root, 'my film.mov')
  store = createFileStore({ buckets: { file: { masters: true } } })
})
afterEach(() => rm(root, { recursive: true }))

const at = (key = path): { bucket: string; key: string } => ({ bucket: 'file', key })
const etagOf = async (): Promise<string> => (await store.head(at()))?.etag ?? 'none'
/** Overwrites bytes in place and sets the times back, as a tool that keeps them does. */
const patch = async (position: number, byte: number): Promise<void> => {
  const { atime, mtime } = await stat(path)
  const file = await open(path, 'r+')
  await file.write(Buffer.of(byte), 0, 1, position)
  await file.close()
  await utimes(path, atime, mtime)
}

describe('reading local masters', () => {
  it('gives the file whole, by range and pinned', async () => {
    await writeFile(path, 'abcdef')
    expect(await store.head(at())).toMatchObject({ bytes: 6 })
    expect(await text(await store.read(at()))).toBe('abcdef')
    expect(await text(await store.read({ ...at(), etag: await etagOf() }, { start: 1, end: 2 }))).toBe('bc')
    expect(store.locate(at())).toBe(path)
  })

  it('keeps the etag as long as nothing changes', async () => {
    await writeFile(path, 'abcdef')
    const etag = await etagOf()
    expect(await etagOf()).toBe(etag)
    const other = createFileStore({ buckets: { file: { masters: true } } })
    expect((await other.head(at()))?.etag).toBe(etag)
    await rename(path, join(root, 'b'))
    expect((await store.head(at(join(root, 'b'))))?.etag).toBe(etag)
  })

  it.each([0, MIB - 1, 3 * MIB, 4 * MIB - 1])(
    'sees a byte changed at %d though size and time are the same',
    async (where) => {
      await writeFile(path, Buffer.alloc(4 * MIB, 1))
      await utimes(path, 1_000, 1_000)
      const etag = await etagOf()
      await patch(where, 2)
      expect(await etagOf()).not.toBe(etag)
      await expect(store.read({ ...at(), etag })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
    },
  )

  it('refuses another file of the same size and time under the same name', async () => {
    await writeFile(path, 'first!')
    await utimes(path, 1_000, 1_000)
    const etag = await etagOf()
    await writeFile(join(root, 'b'), 'second')
    await utimes(join(root, 'b'), 1_000, 1_000)
    await rename(join(root, 'b'), path)
    await expect(store.read({ ...at(), etag })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })

  it('ends a pinned read with an error when the file is overwritten in its midst', async () => {
    await writeFile(path, Buffer.alloc(8 * MIB, 1))
    const stream = await store.read({ ...at(), etag: await etagOf() })
    const seen = new Set<number>()
    const reading = (async () => {
      let isChanged = false
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        for (const byte of new Set(chunk)) seen.add(byte)
        if (!isChanged) await writeFile(path, Buffer.alloc(8 * MIB, 2))
        isChanged = true
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
    expect([...seen]).toEqual([1])
  })

  it('goes on with the old file when the name is given to another', async () => {
    await writeFile(path, Buffer.alloc(2 * MIB, 1))
    const stream = await store.read({ ...at(), etag: await etagOf() })
    await writeFile(join(root, 'b'), Buffer.alloc(2 * MIB, 2))
    await rename(join(root, 'b'), path)
    expect(new Set(await buffer(stream))).toEqual(new Set([1]))
  })

  it('follows the links that a user has', async () => {
    await writeFile(path, 'abc')
    await symlink(path, join(root, 'link'))
    expect(await text(await store.read(at(join(root, 'link'))))).toBe('abc')
  })

  it('takes names that no key of a bucket may have', async () => {
    const odd = join(root, 'a\nb \u009b.mov')
    await writeFile(odd, 'abc')
    expect(await text(await store.read(at(odd)))).toBe('abc')
  })
})

describe('local masters that cannot be read', () => {
  it('are not there, by null and by a code of the source', async () => {
    await writeFile(path, 'x')
    for (const key of [join(root, 'none'), join(path, 'below'), join(root, 'n'.repeat(300))]) {
      await expect(store.read(at(key))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND', retryable: false })
    }
    expect(await store.head(at(join(root, 'none')))).toBeNull()
    expect(await store.head(at(join(path, 'below')))).toBeNull()
  })

  it('are folders and FIFOs, at which nothing waits', async () => {
    await mkdir(path)
    expect(spawnSync('mkfifo', [join(root, 'pipe')]).status).toBe(0)
    for (const key of [path, join(root, 'pipe'), '/dev/null']) {
      await expect(store.head(at(key))).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
      await expect(store.read(at(key))).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
    }
  })

  it.each(['film.mov', './film.mov', '', '../film.mov', '/a\0b'])('are not named by %j', async (key) => {
    await expect(store.head(at(key))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
  })

  it('are links that go round', async () => {
    await symlink(path, path)
    await expect(store.read(at())).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
  })
})

describe('changing local masters', () => {
  it('is refused in every way', async () => {
    await writeFile(path, 'abc')
    const refused = { code: 'STORE_DENIED' }
    await expect(store.write(at(), Buffer.from('x'), { contentType: 'a/b' })).rejects.toMatchObject(refused)
    await expect(store.remove(at())).rejects.toMatchObject(refused)
    const listing = store.list({ bucket: 'file', prefix: '' })[Symbol.asyncIterator]()
    await expect(listing.next()).rejects.toMatchObject(refused)
    expect(await text(await store.read(at()))).toBe('abc')
  })
})
