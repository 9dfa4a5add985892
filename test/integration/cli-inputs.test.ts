import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { nodeInputFs } from '../../cli/input/input-fs'
import { expandInputs, type ExpandedInputs } from '../../cli/input/inputs'

describe('expandInputs on a real disk', () => {
  let folder: string
  let server: Server

  const expand = (...args: string[]): Promise<ExpandedInputs> =>
    expandInputs(args, { cwd: folder, outFolder: path.join(folder, 'out') }, nodeInputFs())

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-inputs-'))
    server = createServer().listen(path.join(folder, 'socket.mp4'))
    await once(server, 'listening')
  })
  afterEach(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })

  it('finds media through circles of links and leaves sockets out', async () => {
    await mkdir(path.join(folder, 'sub'))
    await writeFile(path.join(folder, 'sub', 'a.mp4'), 'x')
    await writeFile(path.join(folder, 'b.ts'), 'G')
    await writeFile(path.join(folder, 'code.ts'), 'import')
    await symlink(folder, path.join(folder, 'sub', 'round'))
    await symlink('self', path.join(folder, 'self'))
    const { files, skipped } = await expand('.')
    expect(files.map((file) => path.relative(folder, file))).toEqual(['b.ts', 'sub/a.mp4'])
    expect(skipped.map((one) => [path.relative(folder, one.path), one.reason])).toEqual([
      ['code.ts', 'no media name'],
      ['self', 'not readable'],
      ['socket.mp4', 'not a file'],
    ])
  })

  it('refuses a socket and a device that are named, and a file taken for a folder', async () => {
    await expect(expand('socket.mp4')).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
    await expect(expand('/dev/zero')).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
    await writeFile(path.join(folder, 'a.mp4'), 'x')
    await expect(expand('a.mp4/b.mp4')).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
    await expect(expand('x'.repeat(300))).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
  })
})
