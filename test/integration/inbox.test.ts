import { once, EventEmitter } from 'node:events'
import { appendFile, chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { GantryError } from '../../core/contract/errors'
import { watchInbox, type Inbox } from '../../cli/input/inbox'

const TIMES = { stableMs: 150, pollMs: 20 }

/** An inbox whose reports can be waited for. */
class Watched extends EventEmitter {
  readonly files: string[] = []
  readonly skipped: string[] = []
  readonly errors: GantryError[] = []
  inbox: Inbox | null = null

  constructor(readonly folder: string) {
    super()
  }

  async open(): Promise<this> {
    const told = (file: string): void => {
      this.files.push(path.relative(this.folder, file))
      this.emit('told')
    }
    this.inbox = await watchInbox(this.folder, told, {
      ...TIMES,
      onSkipped: (file) => this.skipped.push(path.relative(this.folder, file)),
      onError: (error) => {
        this.errors.push(error)
        this.emit('failed')
      },
    })
    return this
  }

  async until(count: number): Promise<string[]> {
    while (this.files.length < count) await once(this, 'told')
    return this.files
  }

  /** All that was told, once two files written one after the other have settled: what came before them has, too. */
  async settled(): Promise<string[]> {
    const sentinels = ['sentinel-1.mp4', 'sentinel-2.mp4']
    for (const name of sentinels) {
      await this.put(name)
      while (!this.files.includes(name)) await once(this, 'told')
    }
    return this.files.filter((file) => !sentinels.includes(file))
  }

  async put(name: string, text = 'film'): Promise<string> {
    const file = path.join(this.folder, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
    return file
  }
}

describe('watchInbox', () => {
  let folder: string
  let watched: Watched

  beforeEach(async () => {
    // A hidden folder above the inbox must not matter.
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'gantry-inbox-')), '.hidden', 'in')
    watched = new Watched(folder)
  })
  afterEach(async () => {
    await watched.inbox?.close()
    await rm(path.dirname(path.dirname(folder)), { recursive: true, force: true })
  })

  it('makes the folder and tells of a file that is put into it', async () => {
    await watched.open()
    await watched.put('a.mp4')
    expect(await watched.until(1)).toEqual(['a.mp4'])
    expect(watched.errors).toEqual([])
  })

  it('tells of what is there already, in subfolders too', async () => {
    await watched.put('a.mp4')
    await watched.put('day1/scene 2/b.mov')
    await watched.open()
    expect((await watched.until(2)).toSorted()).toEqual(['a.mp4', 'day1/scene 2/b.mov'])
  })

  it('tells of files in a folder that comes later, also when it is moved in whole', async () => {
    await watched.open()
    const outside = path.join(path.dirname(folder), 'outside')
    await mkdir(outside)
    await writeFile(path.join(outside, 'c.mkv'), 'film')
    await rename(outside, path.join(folder, 'inside'))
    expect(await watched.until(1)).toEqual(['inside/c.mkv'])
  })

  it.each([true, false])('waits until a file has stopped growing (there at the start: %p)', async (atStart) => {
    const file = atStart ? await watched.put('grow.mp4', 'x') : path.join(folder, 'grow.mp4')
    await watched.open()
    const endMs = performance.now() + 5 * TIMES.stableMs
    let lastWriteMs = 0
    while (performance.now() < endMs) {
      await appendFile(file, 'more')
      lastWriteMs = performance.now()
    }
    expect(watched.files).toEqual([])
    expect(await watched.until(1)).toEqual(['grow.mp4'])
    expect(performance.now() - lastWriteMs).toBeGreaterThan(TIMES.stableMs - TIMES.pollMs)
    expect(await watched.settled()).toEqual(['grow.mp4'])
  })

  it('waits for a file of fixed size whose content is still being written', async () => {
    const file = await watched.put('sized.mp4', 'x'.repeat(1000))
    await watched.open()
    const endMs = performance.now() + 3 * TIMES.stableMs
    while (performance.now() < endMs) await writeFile(file, 'y'.repeat(1000), { flag: 'r+' })
    expect(watched.files).toEqual([])
    expect(await watched.until(1)).toEqual(['sized.mp4'])
  })

  it('passes over hidden, partial and own files, and tells of a partial one when it gets its name', async () => {
    await watched.open()
    for (const name of [
      '.a.mp4',
      '.cache/b.mp4',
      'c.mp4.part',
      'd.mp4.crdownload',
      'e.tmp',
      'f.mp4~',
      'gantry-out/g.mp4',
    ]) {
      await watched.put(name)
    }
    await rename(path.join(folder, 'c.mp4.part'), path.join(folder, 'c.mp4'))
    expect(await watched.settled()).toEqual(['c.mp4'])
    expect(watched.skipped).toEqual([])
  })

  it('tells of names that are not of media as left out', async () => {
    await watched.put('notes.txt')
    await watched.open()
    expect(await watched.settled()).toEqual([])
    expect(watched.skipped).toEqual(['notes.txt'])
  })

  it('tells again of a file that is replaced or written again, and not of one whose rights change', async () => {
    await watched.open()
    const file = await watched.put('a.mp4', 'first')
    await watched.until(1)
    await chmod(file, 0o600)
    await watched.put('b.mp4')
    expect(await watched.until(2)).toEqual(['a.mp4', 'b.mp4'])

    const other = path.join(path.dirname(folder), 'other')
    await writeFile(other, 'second')
    await rename(other, file)
    expect(await watched.until(3)).toEqual(['a.mp4', 'b.mp4', 'a.mp4'])

    await writeFile(file, 'third, longer')
    expect(await watched.until(4)).toEqual(['a.mp4', 'b.mp4', 'a.mp4', 'a.mp4'])
  })

  it('does not mind a file that is deleted before it is ready, and says nothing of an empty one', async () => {
    await watched.open()
    await rm(await watched.put('gone.mp4'))
    await watched.put('empty.mp4', '')
    expect(await watched.settled()).toEqual([])
    expect(watched.errors).toEqual([])
    await appendFile(path.join(folder, 'empty.mp4'), 'film')
    expect((await watched.until(3)).at(-1)).toBe('empty.mp4')
  })

  it('follows no links into folders, so that a circle ends', async () => {
    await watched.put('in/a.mp4')
    await symlink(folder, path.join(folder, 'in', 'round'))
    await watched.open()
    expect(await watched.settled()).toEqual(['in/a.mp4'])
  })

  it('says that the inbox itself was removed', async () => {
    await watched.open()
    const failed = once(watched, 'failed')
    await rm(folder, { recursive: true })
    await failed
    expect(watched.errors).toMatchObject([{ code: 'SOURCE_NOT_FOUND' }])
  })

  it('tells nothing after it is closed, and can be closed twice', async () => {
    await watched.open()
    await watched.put('a.mp4')
    await watched.inbox?.close()
    await watched.inbox?.close()
    const other = await new Watched(folder).open()
    await other.until(1)
    await other.inbox?.close()
    expect(watched.files).toEqual([])
  })

  it('refuses a folder that cannot be made', async () => {
    await mkdir(path.dirname(folder), { recursive: true })
    await writeFile(folder, 'a file')
    await expect(new Watched(path.join(folder, 'below')).open()).rejects.toMatchObject({ code: 'STORE_DENIED' })
  })
})
