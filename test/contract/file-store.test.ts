import { spawnSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createFileStore, sweepScratch } from '../../core/adapters/file-store'
import { thisProcess } from '../../core/adapters/process-identity'
import type { ObjectStore, WriteOptions } from '../../core/ports/object-store'

let root: string
let folder: string
let scratch: string
let store: ObjectStore
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gantry-store-'))
  folder = join(root, 'out')
  scratch = join(root, 'scratch')
  store = createFileStore({ buckets: { out: { folder, scratch } } })
})
afterEach(() => rm(root, { recursive: true }))

const at = (key: string): { bucket: string; key: string } => ({ bucket: 'out', key })
const write = (key: string, body = 'x', condition?: WriteOptions['condition'], to = store) =>
  to.write(at(key), Buffer.from(body), { contentType: 'text/plain', ...(condition && { condition }) })
const keys = async (of = store, prefix = '', bucket = 'out'): Promise<string[]> => {
  const found: string[] = []
  for await (const { key } of of.list({ bucket, prefix })) found.push(key)
  return found
}

describe('objects as files', () => {
  it('puts an object where its key says, readable by others', async () => {
    await write('a/b c/é.txt', 'text')
    const path = join(folder, 'a', 'b c', 'é.txt')
    expect(await readFile(path, 'utf8')).toBe('text')
    expect((await lstat(path)).mode & 0o777).toBe(0o644)
    expect(store.locate(at('a/b c/é.txt'))).toBe(path)
  })

  it('gives 1000 quick rewrites of the same bytes 1000 etags', async () => {
    const etags = new Set<string>()
    for (let i = 0; i < 1_000; i += 1) etags.add((await write('a', 'same')).etag)
    expect(etags.size).toBe(1_000)
  })

  it('sees a change from outside of the store', async () => {
    const { etag } = await write('a', 'ours')
    await writeFile(join(folder, 'a'), 'theirs')
    await expect(store.read({ ...at('a'), etag })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })

  it('removes folders that are empty, up to the bucket', async () => {
    await write('a/b/c')
    await write('a/d')
    await store.remove(at('a/b/c'))
    expect(await readdir(join(folder, 'a'))).toEqual(['d'])
    await store.remove(at('a/d'))
    expect(await readdir(folder)).toEqual([])
  })

  it('writes all objects while removers take the folders away', async () => {
    const other = createFileStore({ buckets: { out: { folder, scratch } } })
    const rounds = async (name: string, by: ObjectStore): Promise<void> => {
      for (let i = 0; i < 100; i += 1) {
        await write(`d/e/f/${name}`, name, { absent: true }, by)
        expect(await text(await by.read(at(`d/e/f/${name}`)))).toBe(name)
        await by.remove(at(`d/e/f/${name}`))
      }
    }
    await Promise.all([rounds('a', store), rounds('b', other), rounds('c', store)])
    expect(await readdir(folder)).toEqual([])
  })

  it.each([undefined, { absent: true }] as const)(
    'says that a key below an object cannot be, given %j',
    async (when) => {
      await write('a', 'object')
      await write('d/a', 'object')
      for (const key of ['a/b', 'a/b/c', 'd/a/b']) {
        await expect(write(key, 'x', when)).rejects.toMatchObject({ code: 'STORE_KEY_INVALID' })
        expect(await store.head(at(key))).toBeNull()
      }
    },
  )

  it.each([undefined, { absent: true }] as const)(
    'says that a key above an object cannot be, given %j',
    async (when) => {
      await write('a/b/c')
      await expect(write('a', 'x', when)).rejects.toMatchObject({ code: 'STORE_KEY_INVALID' })
      await expect(write('a/b', 'x', when)).rejects.toMatchObject({ code: 'STORE_KEY_INVALID' })
      expect(await keys()).toEqual(['a/b/c'])
    },
  )

  it.each([undefined, { absent: true }] as const)('takes an empty folder for nothing, given %j', async (when) => {
    await mkdir(join(folder, 'a'), { recursive: true })
    await write('a', 'object', when)
    expect(await keys()).toEqual(['a'])
  })

  it('does not wait at a FIFO, which is no object', async () => {
    await mkdir(folder)
    expect(spawnSync('mkfifo', [join(folder, 'pipe')]).status).toBe(0)
    await expect(store.read(at('pipe'))).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' })
    expect(await store.head(at('pipe'))).toBeNull()
    expect(await keys()).toEqual([])
  })
})

describe('what the store keeps for itself', () => {
  let nested: ObjectStore
  beforeEach(() => {
    const inside = join(folder, '.gantry', 'tmp')
    const state = join(folder, '.gantry')
    nested = createFileStore({
      buckets: { out: { folder, scratch: inside }, state: { folder: state, scratch: inside } },
    })
  })

  it('lists neither its scratch nor another bucket below', async () => {
    const options = { contentType: 'text/plain' }
    await nested.write({ bucket: 'state', key: 'open/a' }, Buffer.from('x'), options)
    await nested.write(at('film/a'), Buffer.from('x'), options)
    await writeFile(join(folder, '.gantry', 'tmp', 'left'), '')
    expect(await keys(nested)).toEqual(['film/a'])
    expect(await keys(nested, '', 'state')).toEqual(['open/a'])
    expect(await keys(nested, '.gantry/')).toEqual([])
    expect(await keys(nested, 'tmp/', 'state')).toEqual([])
  })

  it.each([
    ['out', '.gantry/open/a'],
    ['out', '.gantry'],
    ['state', 'tmp/x'],
  ])('has no object %s %s', async (bucket, key) => {
    const refused = { code: 'STORE_KEY_INVALID' }
    await expect(nested.head({ bucket, key })).rejects.toMatchObject(refused)
    await expect(nested.write({ bucket, key }, Buffer.of(1), { contentType: 'a/b' })).rejects.toMatchObject(refused)
  })
})

describe('links', () => {
  let outside: string
  beforeEach(async () => {
    outside = join(root, 'outside')
    await mkdir(join(outside, 'sub'), { recursive: true })
    await writeFile(join(outside, 'secret'), 'secret')
    await mkdir(folder)
  })

  const refused = { code: 'STORE_KEY_INVALID', message: expect.stringContaining('link') }
  const expectRefused = async (key: string): Promise<void> => {
    await expect(store.head(at(key))).rejects.toMatchObject(refused)
    await expect(store.read(at(key))).rejects.toMatchObject({ code: 'STORE_KEY_INVALID' })
    await expect(store.remove(at(key))).rejects.toMatchObject(refused)
    await expect(write(key)).rejects.toMatchObject(refused)
    await expect(write(key, 'x', { absent: true })).rejects.toMatchObject(refused)
  }

  it('to a folder outside is followed in no operation, also to what is not there yet', async () => {
    await symlink(outside, join(folder, 'way'))
    for (const key of ['way/secret', 'way/new', 'way/sub/new', 'way/new/deeper/still']) await expectRefused(key)
    expect(await keys()).toEqual([])
    expect((await readdir(outside)).sort()).toEqual(['secret', 'sub'])
    expect(await readdir(join(outside, 'sub'))).toEqual([])
  })

  it('to a file outside is no object', async () => {
    await symlink(join(outside, 'secret'), join(folder, 'way'))
    await expectRefused('way')
    expect(await keys()).toEqual([])
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret')
  })

  it('to nothing is not filled', async () => {
    await symlink(join(outside, 'none'), join(folder, 'way'))
    await expectRefused('way')
    await expectRefused('way/a')
    expect((await readdir(outside)).sort()).toEqual(['secret', 'sub'])
  })

  it('inside of the bucket gives no object a second name', async () => {
    await write('real/a')
    await symlink(join(folder, 'real'), join(folder, 'alias'))
    await expectRefused('alias/a')
    expect(await keys()).toEqual(['real/a'])
  })

  it('to the bucket itself is the bucket, locks included', async () => {
    await symlink(folder, join(root, 'link'))
    const linked = createFileStore({ buckets: { out: { folder: join(root, 'link'), scratch } } })
    const { etag } = await write('d/a', 'old', undefined, linked)
    const writers = Array.from({ length: 10 }, (_, i) => write('d/a', `${i}`, { etag }, i % 2 === 0 ? store : linked))
    const all = await Promise.allSettled(writers)
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe('sweepScratch', () => {
  const random = '0123456789abcdef'
  const hash = '0123456789abcdef0123456789abcdef'

  it('takes away what dead processes left and nothing else', async () => {
    const { pid: dead } = spawnSync('true')
    const { pid, started } = thisProcess()
    const ours = [`${pid}-${started ?? 'x'}-${random}`, `lock-${hash}-${pid}-${started ?? 'x'}-${random}`]
    const foreign = ['notes.txt', `${dead}-x`, `${dead}-x-${random}.txt`, `lock-${dead}-x-${random}`]
    const left = [`${dead}-x-${random}`, `${dead}-12345-${random}`, `lock-${hash}-${dead}-12345-${random}`]
    await mkdir(scratch)
    for (const name of [...ours, ...foreign, ...left]) await writeFile(join(scratch, name), '')
    await sweepScratch(scratch)
    expect((await readdir(scratch)).sort()).toEqual([...ours, ...foreign].sort())
  })

  it('tells a process from a later one with the same pid', async () => {
    const { pid, started } = thisProcess()
    // Only where the platform tells when a process started.
    const expected = started === null ? [`${pid}-1-${random}`] : []
    await mkdir(scratch)
    await writeFile(join(scratch, `${pid}-1-${random}`), '')
    await sweepScratch(scratch)
    expect(await readdir(scratch)).toEqual(expected)
  })

  it('makes the folder', async () => {
    await sweepScratch(join(scratch, 'deep'))
    expect(await readdir(join(scratch, 'deep'))).toEqual([])
  })
})
