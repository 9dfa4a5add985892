/** What `bin/` does before the command runs, on a toy checkout: once, for one process at a time, and safe to cut off. */
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createToyCheckout, said, type ToyCheckout } from '../support/toy-checkout'

const START = ['bin/start.js', 'film.mp4']

let toy: ToyCheckout
beforeEach(() => {
  toy = createToyCheckout()
})
afterEach(() => toy.dispose())

const run = (words: readonly string[] = START, env?: Readonly<Record<string, string>>) => toy.start(words, env).ended
const installs = (): number => toy.calls().filter((call) => call.startsWith('npm')).length
const builds = (): number => toy.calls().filter((call) => call === 'tsc').length
const remains = (): string[] => readdirSync(toy.path()).filter((name) => /^(dist[.]|[.]gantry-setup)/.test(name))

/** The tickets of the lock, as far as they are written. */
const tickets = (): { processes: unknown[] }[] => {
  const folder = toy.path('.gantry-setup.lock')
  if (!existsSync(folder)) return []
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  return texts.filter((text) => text.endsWith('}')).map((text) => JSON.parse(text) as { processes: unknown[] })
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a first start', () => {
  it('installs, builds and runs the command in its own process, with nothing else on stdout', async () => {
    const started = toy.start(START)
    const { code, stdout, stderr } = await started.ended
    expect(stdout).toBe(`${String(started.child.pid)} ["run","film.mp4"] one\n`)
    expect(stderr).toMatch(
      /^gantry: installing npm packages [.]{3}\ngantry: .* took .* s\ngantry: building [.]{3}\n.* s\n$/,
    )
    expect(code).toBe(0)
    expect(toy.calls()).toEqual(['npm ci --loglevel=error --include=dev --no-audit --no-fund', 'tsc'])
    expect(remains()).toEqual([])
  })

  it('by the name gantry takes the words as they are', async () => {
    expect((await run(['bin/gantry.js', 'plan', 'x'])).stdout).toContain('["plan","x"]')
  })

  it('shows the reason and ends with 1 when npm fails, and the next one tries again', async () => {
    toy.put('broken', '')
    const { code, stdout, stderr } = await run()
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain('npm error E404')
    expect(stderr).not.toContain('    at ')
    expect(remains()).toEqual([])
    toy.remove('broken')
    expect((await run()).code).toBe(0)
    expect(installs()).toBe(2)
  })

  it('refuses an older Node in one line with 2', async () => {
    toy.put('old.js', "Object.defineProperty(process, 'versions', { value: { node: '20.18.3' } })")
    const { code, stdout, stderr } = await run(['-r', './old.js', ...START])
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: 'gantry: needs Node 20.19 or later, this is 20.18.3\n',
    })
    expect(toy.calls()).toEqual([])
  })
})

describe('a later start', () => {
  beforeEach(async () => {
    await run()
  })

  it('does nothing and says nothing', async () => {
    expect((await run()).stderr).toBe('')
    expect([installs(), builds()]).toEqual([1, 1])
  })

  it('installs again when the lock file is another', async () => {
    toy.put('package-lock.json', '{ "packages": { "node_modules/toy": { "version": "2.0.0" } } }')
    await run()
    expect(installs()).toBe(2)
  })

  it('takes what npm has installed by hand from the same lock file', async () => {
    const lock = '{ "packages": { "": {}, "node_modules/toy": { "version": "2.0.0" } } }'
    toy.put('package-lock.json', lock)
    toy.put('node_modules/.package-lock.json', lock)
    await run()
    expect(installs()).toBe(1)
  })

  it('builds again when a source has changed, was added or was removed', async () => {
    toy.put('cli/main.ts', 'two')
    expect((await run()).stdout).toContain('two')
    toy.put('core/more.ts', '')
    await run()
    expect(builds()).toBe(3)
    toy.remove('core/more.ts')
    await run()
    expect(builds()).toBe(4)
  })

  it('keeps the old build whole when the new one fails, and says the error', async () => {
    toy.put('cli/main.ts', 'wrong')
    const { code, stderr } = await run()
    expect(code).toBe(1)
    expect(stderr).toContain('error TS1005')
    expect(readFileSync(toy.path('dist', 'cli', 'main.js'), 'utf8')).toContain('one')
    expect(remains()).toEqual([])
  })

  it('clears away what a killed build left', async () => {
    toy.put('dist.4711.new/cli/main.js', '')
    toy.put('cli/main.ts', 'two')
    await run()
    expect(remains()).toEqual([])
  })
})

describe('programs that are missing', () => {
  it('are all named, with what to install', async () => {
    toy.remove('tools/ffprobe')
    toy.remove('tools/redis-server')
    const { code, stderr } = await run()
    expect(code).toBe(1)
    expect(stderr).toContain('this machine lacks ffprobe, redis-server; install ffmpeg, redis-server with')
    expect(stderr).toContain('GANTRY_FFPROBE, GANTRY_REDIS_SERVER')
    expect(toy.calls()).toEqual([])
  })

  it('are found by the variable that names them', async () => {
    toy.remove('tools/ffmpeg')
    toy.put('elsewhere/my-ffmpeg', '#!/bin/sh\n')
    expect((await run(START, { GANTRY_FFMPEG: toy.path('elsewhere', 'my-ffmpeg') })).code).toBe(0)
  })

  it('are not installed when the variable names one that is not there', async () => {
    const { code, stderr } = await run(START, { GANTRY_FFMPEG: '/nowhere/ffmpeg' })
    expect(code).toBe(1)
    expect(stderr).toContain("GANTRY_FFMPEG is '/nowhere/ffmpeg', which is not a program that can be started")
  })

  it('do not keep anybody from reading the help', async () => {
    toy.remove('tools/ffmpeg')
    expect((await run(['bin/start.js', '--help'])).stdout).toContain('["run","--help"]')
  })
})

describe('two first starts at once', () => {
  it('install and build once, and both run', async () => {
    toy.put('hold', '')
    const first = toy.start(START)
    await said(first, 'installing')
    const second = toy.start(START)
    await said(second, `another start (pid ${String(first.child.pid)}) is setting up`)
    toy.remove('hold')
    expect((await Promise.all([first.ended, second.ended])).map(({ code }) => code)).toEqual([0, 0])
    expect([installs(), builds()]).toEqual([1, 1])
    expect(remains()).toEqual([])
  })

  it('of many, whatever their order, one does the work', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => run()))
    expect(all.map(({ code }) => code)).toEqual(all.map(() => 0))
    expect([installs(), builds()]).toEqual([1, 1])
  })
})

describe('a set-up that is cut off', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s ends npm, frees the lock and reports %d', async (signal, expected) => {
    toy.put('hold', '')
    const first = toy.start(START)
    await said(first, 'installing')
    first.child.kill(signal)
    const { code, stderr } = await first.ended
    expect({ code, stderr }).toEqual({ code: expected, stderr: 'gantry: installing npm packages ...\n' })
    expect(remains()).toEqual([])
    toy.remove('hold')
    expect((await run()).code).toBe(0)
  })

  it('by a signal while it waits for another frees its place', async () => {
    toy.put('hold', '')
    const first = toy.start(START)
    await said(first, 'installing')
    const second = toy.start(START)
    await said(second, 'waiting')
    second.child.kill('SIGINT')
    expect((await second.ended).code).toBe(130)
    toy.remove('hold')
    expect((await first.ended).code).toBe(0)
    expect(remains()).toEqual([])
  })

  it('by kill -9 is taken over, but not before the npm that it left has ended', async () => {
    toy.put('hold', '')
    const first = toy.start(START)
    await until(() => tickets().some(({ processes }) => processes.length === 2))
    first.child.kill('SIGKILL')
    await first.ended
    const second = toy.start(START)
    await said(second, 'waiting')
    expect(installs()).toBe(1)
    toy.remove('hold')
    expect((await second.ended).code).toBe(0)
    expect(installs()).toBe(2)
    expect(remains()).toEqual([])
  })

  it('on another machine is taken over when its ticket is old', async () => {
    const ticket = toy.path('.gantry-setup.lock', '1000')
    toy.put('.gantry-setup.lock/1000', '{ "place": "elsewhere", "processes": [{ "pid": 1, "started": "1" }] }')
    const minuteAgo = Date.now() / 1_000 - 60
    utimesSync(ticket, minuteAgo, minuteAgo)
    expect((await run()).code).toBe(0)
    expect(existsSync(ticket)).toBe(false)
  })

  it('on another machine is waited for while its ticket is fresh', async () => {
    const ticket = toy.path('.gantry-setup.lock', '1000')
    toy.put('.gantry-setup.lock/1000', '{ "place": "elsewhere", "processes": [{ "pid": 1, "started": "1" }] }')
    const started = toy.start(START)
    await said(started, 'another start is setting up')
    rmSync(ticket)
    expect((await started.ended).code).toBe(0)
  })

  it('leaves a ticket whose pid now belongs to another process, which is not waited for', async () => {
    toy.put('hold', '')
    const first = toy.start(START)
    await said(first, 'installing')
    const [ticket] = tickets()
    first.child.kill('SIGTERM')
    await first.ended
    toy.remove('hold')
    toy.put('.gantry-setup.lock/1000', JSON.stringify({ ...ticket, processes: [{ pid: process.pid, started: '1' }] }))
    expect((await run()).code).toBe(0)
    expect(remains()).toEqual([])
  })
})

describe('a checkout that cannot be written to', () => {
  it('says so instead of a stack', async () => {
    writeFileSync(toy.path('.gantry-setup.lock'), '')
    const { code, stderr } = await run()
    expect(code).toBe(1)
    expect(stderr).toMatch(/^gantry: .* needs set-up but cannot be written to/)
  })
})
