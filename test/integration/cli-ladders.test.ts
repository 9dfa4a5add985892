/** `gantry ladders` on files and through its door. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import type { LaddersOptions } from '../../cli/ladders/arguments'
import { laddersCommand } from '../../cli/ladders/command'
import { LADDER } from '../../ladders/language'
import { jsonSchemaText } from '../../language/json-schema'

const ROOT = join(__dirname, '..', '..')
const builtInFolder = join(ROOT, 'ladders')
const RIGHT = 'name: a\nrungs:\n  - { id: 360p, shortSidePx: 360, maxBitrateBps: 900_000 }\n'
const WRONG = 'name: a b\nrungs: 5\n'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-ladders-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function ladders(options: LaddersOptions, given = ''): Promise<{ code: number; printed: string }> {
  let printed = ''
  const print = (more: string): void => void (printed += more)
  const code = await laddersCommand(options, { builtInFolder, stdin: Readable.from([given]), columns: 80, print })
  return { code, printed }
}

/** In `folder`, so that names are as a user types them. */
async function gantry(words: readonly string[], given = ''): Promise<{ code: number; out: string; err: string }> {
  const door = join(ROOT, 'bin', 'gantry.js')
  // Under npm the caller's folder is another (INIT_CWD).
  const env = { ...process.env, npm_lifecycle_event: undefined }
  const child = spawn(process.execPath, [door, 'ladders', ...words], { cwd: folder, env })
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)))
  child.stdin.on('error', () => undefined).end(given)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  // Set-up speaks on stderr when something had to be built.
  return { code: await ended, out, err: err.replace(/^gantry: .*\n/gm, '') }
}

describe('laddersCommand', () => {
  it('lists the built-in ladders, the default one first', async () => {
    const { code, printed } = await ladders({ action: 'list', json: true })
    const names = (JSON.parse(printed) as { name: string }[]).map(({ name }) => name)
    expect(code).toBe(0)
    expect(names[0]).toBe('default')
    expect(names.slice(1)).toEqual([...names.slice(1)].sort())
    expect(names).toContain('audio-only')
  })

  it.each(['default', 'archive-4k', 'audio-only'])(
    'shows %s so that it can be checked and shown again',
    async (name) => {
      const first = await ladders({ action: 'show', ladder: { name }, json: false })
      await writeFile(join(folder, 'a.yaml'), first.printed)
      const second = await ladders({ action: 'show', ladder: { file: join(folder, 'a.yaml') }, json: false })
      expect(second.printed).toBe(first.printed)
    },
  )

  it('shows a ladder as JSON, which is a ladder file as well', async () => {
    const { printed } = await ladders({ action: 'show', ladder: { name: 'hevc' }, json: true })
    const checked = await ladders({ action: 'check', files: [{ name: 'it', path: null }] }, printed)
    expect(checked).toEqual({ code: 0, printed: 'it: ok (5 rungs from 360p to 1080p; h264, hevc, aac)\n' })
  })

  it('refuses to show what is not there or wrong', async () => {
    await writeFile(join(folder, 'a.yaml'), WRONG)
    const show = (file: string): Promise<unknown> =>
      ladders({ action: 'show', ladder: { file: join(folder, file) }, json: false })
    await expect(show('b.yaml')).rejects.toMatchObject({ code: 'LADDER_NOT_FOUND' })
    await expect(show('a.yaml')).rejects.toMatchObject({ code: 'LADDER_INVALID' })
  })
})

describe('gantry ladders', () => {
  it('checks every file and goes on after wrong ones', async () => {
    await writeFile(join(folder, 'wrong.yaml'), WRONG)
    await writeFile(join(folder, 'right.yaml'), RIGHT)
    expect(await gantry(['check', 'wrong.yaml', 'none.yaml', '.', '-', 'right.yaml'], 'rungs: []')).toEqual({
      code: 1,
      out: [
        "wrong.yaml:1:7: name must be 1 to 64 lower-case letters, digits and hyphens, the first no hyphen, got 'a b' (use 'a-b')",
        'wrong.yaml:2:8: rungs must be a list of 0 to 20 entries, got 5',
        'none.yaml: cannot be read (ENOENT)',
        '.: cannot be read (EISDIR)',
        'standard input:1:1: name is missing, it must be 1 to 64 lower-case letters, digits and hyphens, the first no hyphen',
        'right.yaml: ok (1 rung of 360p; h264, aac)',
        '',
      ].join('\n'),
      err: '',
    })
  })

  it('ends with 0 when all is right, 2 when it is not understood, 1 when there is no such ladder', async () => {
    const ok = 'standard input: ok (1 rung of 360p; h264, aac)\n'
    expect(await gantry(['check', '-'], RIGHT)).toEqual({ code: 0, out: ok, err: '' })
    const usage = "missing required argument 'files'; see gantry ladders --help\n"
    expect(await gantry(['check'])).toEqual({ code: 2, out: '', err: usage })
    expect(await gantry(['show', 'nope'])).toMatchObject({
      ...{ code: 1, out: '' },
      err: expect.stringMatching(/^LADDER_NOT_FOUND: a ladder named 'nope'.*\n {2}what to do: /),
    })
  })

  it('prints the JSON Schema, whole also into a pipe', async () => {
    expect(await gantry(['schema'])).toEqual({ code: 0, out: jsonSchemaText(LADDER), err: '' })
  })
})
