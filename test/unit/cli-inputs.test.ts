import path from 'node:path'
import { expandInputs, type ExpandedInputs, type InputFs } from '../../cli/input/inputs'

/** A tree in memory: text is a file, an object a folder, an array a link (to an absolute path) or another kind. */
type Node = string | { [name: string]: Node } | ['link', string] | ['other'] | ['denied']

function fsOf(root: { [name: string]: Node }): InputFs {
  const fail = (code: string): never => {
    throw Object.assign(new Error(code), { code })
  }
  const find = (full: string, hops = 0): { real: string; node: Node } => {
    if (hops > 20) return fail('ELOOP')
    let real = ''
    let node: Node = root
    const parts = full.split('/').filter((part) => part !== '')
    for (const [index, part] of parts.entries()) {
      if (Array.isArray(node) && node[0] === 'denied') return fail('EACCES')
      if (typeof node !== 'object' || Array.isArray(node)) return fail('ENOTDIR')
      const next: Node | undefined = node[part]
      if (next === undefined) return fail('ENOENT')
      if (Array.isArray(next) && next[0] === 'link')
        return find([next[1], ...parts.slice(index + 1)].join('/'), hops + 1)
      real = `${real}/${part}`
      node = next
    }
    return { real: real === '' ? '/' : real, node }
  }
  return {
    stat: async (full) => {
      const { node } = find(full)
      const isFolder = typeof node === 'object' && (!Array.isArray(node) || node[0] === 'denied')
      return { isFile: () => typeof node === 'string', isDirectory: () => isFolder }
    },
    readdir: async (full) => {
      const { node } = find(full)
      return Array.isArray(node) ? fail('EACCES') : Object.keys(node)
    },
    realpath: async (full) => find(full).real,
    firstByte: async (full) => {
      const { node } = find(full)
      return typeof node === 'string' ? (node.codePointAt(0) ?? null) : fail('EISDIR')
    },
  }
}

function expand(root: { [name: string]: Node }, ...args: string[]): Promise<ExpandedInputs> {
  return expandInputs(args, { cwd: '/home', outFolder: '/home/public' }, fsOf(root))
}

describe('expandInputs', () => {
  it('takes a file as given, even with an odd name, and resolves it against the caller', async () => {
    const root = { home: { 'odd.xyz': 'x', '.hidden.mp4': 'x' }, abs: { 'b.mov': 'x' } }
    expect(await expand(root, 'odd.xyz', '.hidden.mp4', '/abs/b.mov', '../abs/b.mov')).toEqual({
      files: ['/home/odd.xyz', '/home/.hidden.mp4', '/abs/b.mov'],
      skipped: [],
    })
  })

  it('walks a folder in the order of names, numbers by their value', async () => {
    const root = { home: { in: { 'c10.mp4': 'x', 'c2.mp4': 'x', b: { 'z.MKV': 'x' }, 'a.txt': 'x', 'd.mov': 'x' } } }
    expect(await expand(root, 'in')).toEqual({
      files: ['/home/in/b/z.MKV', '/home/in/c2.mp4', '/home/in/c10.mp4', '/home/in/d.mov'],
      skipped: [{ path: '/home/in/a.txt', reason: 'no media name' }],
    })
  })

  it('passes over what is hidden, what Gantry wrote, and the folder that output goes to', async () => {
    const mp4 = { mp4: { '720p.mp4': 'x' } }
    const root = {
      home: {
        '.trash': { 'a.mp4': 'x' },
        '._a.mov': 'x',
        'gantry-out': { x: mp4 },
        public: { x: mp4 },
        elsewhere: { '.gantry': {}, x: mp4 },
        asset: { 'master.m3u8': 'x', 'asset.json': 'x', r1: mp4 },
        'real.mp4': 'x',
      },
    }
    expect(await expand(root, '.')).toEqual({ files: ['/home/real.mp4'], skipped: [] })
  })

  it('takes each file once, also through links', async () => {
    const root = { home: { in: { 'a.mp4': 'x', 'b.mp4': ['link', '/home/in/a.mp4'] as ['link', string] } } }
    expect((await expand(root, 'in/a.mp4', 'in', 'in', './in/../in/a.mp4')).files).toEqual(['/home/in/a.mp4'])
  })

  it('comes out of circles of links, and leaves a link to nowhere out', async () => {
    const root: { [name: string]: Node } = {
      home: {
        in: {
          'a.mp4': 'x',
          round: ['link', '/home/in'],
          up: ['link', '/home'],
          self: ['link', '/home/in/self'],
          'gone.mp4': ['link', '/nowhere'],
        },
      },
    }
    expect(await expand(root, 'in')).toEqual({
      files: ['/home/in/a.mp4'],
      skipped: [
        { path: '/home/in/gone.mp4', reason: 'not readable' },
        { path: '/home/in/self', reason: 'not readable' },
      ],
    })
  })

  it('tells MPEG-TS from TypeScript by its first byte', async () => {
    const root = { home: { in: { 'film.ts': 'G...', 'main.ts': 'import x', 'empty.ts': '' } } }
    const { files, skipped } = await expand(root, 'in')
    expect(files).toEqual(['/home/in/film.ts'])
    expect(skipped.map((one) => one.path)).toEqual(['/home/in/empty.ts', '/home/in/main.ts'])
  })

  it('leaves out of a folder what is still being written, is not a file, or may not be read', async () => {
    const root: { [name: string]: Node } = {
      home: { in: { 'a.mp4': 'x', 'b.mp4.part': 'x', 'pipe.mp4': ['other'], secret: ['denied'] } },
    }
    expect((await expand(root, 'in')).skipped).toEqual([
      { path: '/home/in/b.mp4.part', reason: 'still being written' },
      { path: '/home/in/pipe.mp4', reason: 'not a file' },
      { path: '/home/in/secret', reason: 'not readable' },
    ])
  })

  it.each<[string, string, string, string]>([
    ['a path that is not there', 'no.mp4', 'SOURCE_NOT_FOUND', "no file or folder 'no.mp4' (looked at /home/no.mp4)"],
    ['a path below a file', 'a.mp4/x', 'SOURCE_NOT_FOUND', "'a.mp4/x'"],
    ['a folder without media', 'texts', 'SOURCE_NOT_FOUND', '(1 other entries were left out)'],
    ['an empty folder', 'empty', 'SOURCE_NOT_FOUND', "folder 'empty' holds no media"],
    ['a FIFO', 'fifo', 'SOURCE_UNREADABLE', 'must be a regular file'],
    ['a folder without permission', 'secret', 'SOURCE_DENIED', "'secret' may not be read"],
    ['a circle', 'circle', 'SOURCE_UNREADABLE', 'ELOOP'],
    ['an empty word', '', 'API_USAGE', 'an input is empty'],
    ['a zero byte', 'a\0b', 'API_USAGE', 'zero byte'],
    ['standard input', '-', 'API_USAGE', 'read in any order'],
    ['a URL', 'https://x.test/a.mp4', 'API_USAGE', 'is a URL'],
    ['an S3 address', 's3://bucket/a.mp4', 'API_USAGE', 'is a URL'],
  ])('refuses %s', async (_, arg, code, message) => {
    const root: { [name: string]: Node } = {
      home: {
        'a.mp4': 'x',
        texts: { 'a.txt': 'x' },
        empty: {},
        fifo: ['other'],
        secret: ['denied'],
        circle: ['link', '/home/circle'],
      },
    }
    await expect(expand(root, arg)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('stops at the limits', async () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${index}.mp4`, 'x']))
    const where = { cwd: '/', outFolder: path.resolve('/out') }
    const files = expandInputs(['in'], where, fsOf({ in: many }), { maxFiles: 11, maxEntries: 99 })
    await expect(files).rejects.toMatchObject({ code: 'API_USAGE', message: expect.stringContaining('11 masters') })
    const entries = expandInputs(['in'], where, fsOf({ in: many }), { maxFiles: 99, maxEntries: 11 })
    await expect(entries).rejects.toMatchObject({ code: 'API_USAGE', message: expect.stringContaining('11 entries') })
    const all = expandInputs(['in'], where, fsOf({ in: many }), { maxFiles: 12, maxEntries: 12 })
    await expect(all).resolves.toMatchObject({ files: { length: 12 } })
  })
})
