import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { createLauncher } from '../../core/adapters/launcher'
import { checkTools } from '../../core/adapters/tools'
import type { LaunchCommand, LaunchedProcess } from '../../core/ports/process-launcher'
import { compileModules } from '../support/compile'

const GIB = 1024 ** 3
const LIMITS = { memoryBytes: 2 * GIB, cpuSeconds: 60, fileBytes: 50_000_000 }
const isLinux = process.platform === 'linux'
const launcher = createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' })

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'gantry-launcher-')))
})
afterEach(() => rm(folder, { recursive: true }))

const command = (argv: readonly string[], more: Partial<LaunchCommand> = {}): LaunchCommand => ({
  program: 'ffmpeg',
  argv,
  folder,
  limits: LIMITS,
  pipes: 0,
  ...more,
})

const ENDLESS = ['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=s=64x64', '-f', 'null', '-']
const BUSY = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=1280x720', '-c:v', 'libx264', '-f', 'null', '-']

/** A shell script in the place of ffmpeg. */
async function scripted(body: string): Promise<ReturnType<typeof createLauncher>> {
  const path = join(folder, 'program')
  await writeFile(path, `#!/bin/sh\n${body}\n`)
  await chmod(path, 0o755)
  return createLauncher({ ffmpeg: path, ffprobe: path })
}

async function outcome(child: LaunchedProcess): Promise<{ out: string; errors: string; code: number | null }> {
  const [out, errors, exit] = await Promise.all([text(child.stdout), text(child.stderr), child.exited])
  return { out, errors, code: exit.code }
}

async function firstLine(stream: Readable): Promise<string> {
  const [line] = (await once(createInterface({ input: stream }), 'line')) as [string]
  return line
}

describe('launcher: surroundings', () => {
  it('passes four variables and nothing else', async () => {
    process.env['GANTRY_CANARY'] = 'AKIACANARY'
    const { out } = await outcome((await scripted('exec env')).launch(command([])))
    delete process.env['GANTRY_CANARY']
    const names = out
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    // A shell may add its own.
    expect(names.filter((name) => !['PWD', 'OLDPWD', '_', 'SHLVL'].includes(name ?? '')).sort()).toEqual([
      'HOME',
      'LANG',
      'PATH',
      'TMPDIR',
    ])
    expect(out).toContain(`HOME=${folder}\n`)
    expect(out).toContain(`TMPDIR=${folder}\n`)
    expect(out).toContain('LANG=C\n')
    expect(out).not.toContain('CANARY')
  })

  it('runs in its folder, in a session of its own, without stdin', async () => {
    const script = await scripted('pwd; wc -c; cut -d" " -f1,5,6 /proc/self/stat; sleep 0 & exit 3')
    const child = script.launch(command([]))
    const { out, code } = await outcome(child)
    const [place, stdin] = out.split('\n')
    expect(place).toBe(folder)
    expect(stdin?.trim()).toBe('0')
    expect(code).toBe(3)
    if (isLinux) expect(out).toMatch(new RegExp(` ${child.pid} ${child.pid}\n`))
  })

  it('hands words over as they are', async () => {
    const script = await scripted('for word in "$@"; do printf "%s\\n" "[$word]"; done')
    const words = ['-n', '--', 'two words', '$(id)', "it's", '*', '', 'ä%d']
    const { out } = await outcome(script.launch(command(words)))
    expect(out.trimEnd().split('\n')).toEqual(words.map((word) => `[${word}]`))
  })

  it('opens pipes from descriptor 3 on', async () => {
    const source = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=25:d=1']
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'gray']
    const child = launcher.launch(
      command([...source, '-progress', 'pipe:3', ...raw, 'pipe:4', ...raw, '-frames:v', '3', 'pipe:5'], { pipes: 3 }),
    )
    const [progress, whole, short] = await Promise.all(child.pipes.map((pipe) => buffer(pipe)))
    expect((await child.exited).code).toBe(0)
    expect(progress?.toString()).toContain('progress=end')
    expect(whole).toHaveLength(64 * 64 * 25)
    expect(short).toHaveLength(64 * 64 * 3)
  })
})

describe('launcher: ends', () => {
  it('tells the processor time of a short and of a long run', async () => {
    const child = launcher.launch(command(['-benchmark', '-v', 'info', ...BUSY.slice(2), '-t', '4']))
    const [errors] = await Promise.all([text(child.stderr), text(child.stdout)])
    const { cpuSeconds, code } = await child.exited
    expect(code).toBe(255)
    expect(errors).toContain("Unable to find a suitable output format for '-t'")
    const timed = launcher.launch(
      command(['-benchmark', '-v', 'info', ...BUSY.slice(2, 5), '-t', '2', ...BUSY.slice(5)]),
    )
    const [report] = await Promise.all([text(timed.stderr), text(timed.stdout)])
    const exit = await timed.exited
    const bench = /utime=([\d.]+)s stime=([\d.]+)s/.exec(report)
    const own = Number(bench?.[1]) + Number(bench?.[2])
    expect(own).toBeGreaterThan(0.1)
    // ffmpeg's own figure lacks the loading of its libraries and the freeing of its memory.
    if (isLinux) expect(exit.cpuSeconds).toBeGreaterThanOrEqual(own - 0.02)
    if (isLinux) expect(exit.cpuSeconds).toBeLessThan(own + 0.5)
    else expect(cpuSeconds).toBeNull()
  })

  it('stops with SIGTERM, and twice is the same as once', async () => {
    const child = launcher.launch(command(['-progress', 'pipe:1', ...ENDLESS]))
    const done = outcome(child)
    await once(child.stdout, 'data')
    child.stop(60_000)
    child.stop(60_000)
    // ffmpeg's own way out after a signal.
    expect((await done).code).toBe(255)
    child.stop(0)
  })

  it('kills the whole group after the grace time when SIGTERM is ignored', async () => {
    const script = await scripted('trap "" TERM; sleep 1000 & echo $!; while :; do sleep 1000; done')
    const child = script.launch(command([]))
    const grandchild = Number(await firstLine(child.stdout))
    child.stop(50)
    expect(await child.exited).toMatchObject({ code: null, signal: 'SIGKILL' })
    expect(isAlive(grandchild)).toBe(false)
  })

  it('survives an interrupt of the terminal: it is in no group of ours', async () => {
    const child = launcher.launch(command(ENDLESS))
    expect(child.pid).toBeGreaterThan(0)
    expect(() => process.kill(-child.pid, 0)).not.toThrow()
    child.stop(1_000)
    await outcome(child)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const onLinux = isLinux ? describe : describe.skip

onLinux('launcher: limits', () => {
  it('sets them on the program itself', async () => {
    const script = await scripted('cat /proc/self/limits; nice')
    const limits = { memoryBytes: GIB, cpuSeconds: 7.2, fileBytes: 123 }
    const { out } = await outcome(script.launch(command([], { limits })))
    const line = (name: string): string[] =>
      out
        .split('\n')
        .find((each) => each.startsWith(name))
        ?.slice(name.length)
        .trim()
        .split(/\s+/)
        .slice(0, 2) ?? []
    expect(line('Max address space')).toEqual([String(GIB), String(GIB)])
    expect(line('Max cpu time')).toEqual(['8', '8'])
    expect(line('Max file size')).toEqual(['123', '123'])
    expect(line('Max open files')).toEqual(['256', '256'])
    expect(line('Max core file size')).toEqual(['0', '0'])
    expect(Number(out.trim().split('\n').at(-1))).toBeGreaterThanOrEqual(10)
  })

  it('reports SIGXCPU when the processor time is spent', async () => {
    const child = launcher.launch(command(BUSY, { limits: { ...LIMITS, cpuSeconds: 1 } }))
    const [exit] = await Promise.all([child.exited, outcome(child)])
    expect(exit).toMatchObject({ code: null, signal: 'SIGXCPU' })
    expect(exit.cpuSeconds).toBeGreaterThanOrEqual(1)
    expect(exit.cpuSeconds).toBeLessThan(2)
  })

  it('ends a program that writes too large a file', async () => {
    const source = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=640x360', '-f', 'rawvideo', 'big.raw']
    const child = launcher.launch(command(source, { limits: { ...LIMITS, fileBytes: 1_000_000 } }))
    const [exit] = await Promise.all([child.exited, outcome(child)])
    expect(exit.signal).toBe('SIGXFSZ')
    expect((await stat(join(folder, 'big.raw'))).size).toBeLessThanOrEqual(1_000_000)
  })

  it('refuses memory over the limit', async () => {
    const source = ['-v', 'error', '-f', 'lavfi', '-i', 'color=s=16000x16000', '-frames:v', '1', '-f', 'null', '-']
    const done = await outcome(launcher.launch(command(source, { limits: { ...LIMITS, memoryBytes: GIB / 2 } })))
    expect(done.code).not.toBe(0)
    expect(done.errors).toMatch(/Cannot allocate memory|Error/)
  })
})

onLinux('launcher: death of the parent', () => {
  it('leaves no ffmpeg behind when Node is killed', async () => {
    const modules = ['launcher', 'cpu-meter', 'find-program'].map((name) => `core/adapters/${name}`)
    compileModules(folder, [...modules, 'core/contract/errors'])
    const argv = JSON.stringify(ENDLESS)
    const program = `
      const { createLauncher } = require(${JSON.stringify(join(folder, 'core/adapters/launcher.js'))})
      const launcher = createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' })
      const limits = ${JSON.stringify(LIMITS)}
      const argv = ['-progress', 'pipe:1', ...${argv}]
      const child = launcher.launch({ program: 'ffmpeg', argv, folder: ${JSON.stringify(folder)}, limits, pipes: 0 })
      child.stdout.once('data', () => console.log(child.pid))
    `
    const parent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pid = Number(await firstLine(parent.stdout))
    expect(await readFile(`/proc/${pid}/comm`, 'utf8')).toBe('ffmpeg\n')
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    // The kernel delivers the child's signal while it takes the parent down; its new parent reaps it when it likes.
    expect(['', 'Z']).toContain(await stateAfterExit(pid))
  })
})

/** `Z` when it only waits to be reaped, nothing when it is gone; waits for the one or the other. */
async function stateAfterExit(pid: number): Promise<string> {
  const deadline = Date.now() + 5_000
  for (;;) {
    const line = existsSync(`/proc/${pid}/stat`) ? await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '') : ''
    const state = line.slice(line.lastIndexOf(')') + 2, line.lastIndexOf(')') + 3)
    if (state === '' || state === 'Z' || Date.now() > deadline) return state
  }
}

describe('launcher: what is missing', () => {
  it('rejects for a program that is not there, with the line that installs it', async () => {
    const absent = createLauncher({ ffmpeg: 'no-such-ffmpeg', ffprobe: 'ffprobe', platform: 'linux' })
    const child = absent.launch(command([], { pipes: 2 }))
    expect(child.pid).toBe(0)
    expect(child.pipes).toHaveLength(2)
    await expect(child.exited).rejects.toMatchObject({
      code: 'CONFIG_TOOL_MISSING',
      message: "ffmpeg cannot be run ('no-such-ffmpeg' was not found); install it with: apt-get install ffmpeg",
    })
    expect(await text(child.stdout)).toBe('')
    child.stop(0)
  })

  it('names the package of the wrappers on Linux', async () => {
    const ffmpeg = join(folder, 'ffmpeg')
    await writeFile(ffmpeg, '')
    await chmod(ffmpeg, 0o755)
    const bare = createLauncher({ ffmpeg, ffprobe: ffmpeg, platform: 'linux', searchPath: folder })
    await expect(bare.launch(command([])).exited).rejects.toMatchObject({
      code: 'CONFIG_TOOL_MISSING',
      message: expect.stringMatching(/^setpriv .*apt-get install util-linux$/),
    })
  })

  it('does without wrappers elsewhere', async () => {
    const plain = createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', platform: 'darwin' })
    const child = plain.launch(command(['-version']))
    expect((await outcome(child)).out).toMatch(/^ffmpeg version/)
    expect((await child.exited).cpuSeconds).toBeNull()
  })

  it('tells a missing folder from a missing program', async () => {
    const child = launcher.launch(command(['-version'], { folder: join(folder, 'gone') }))
    await expect(child.exited).rejects.toMatchObject({
      code: 'QUEUE_INTERNAL',
      message: expect.stringContaining('gone'),
    })
  })

  it('rejects for words that no process can take', async () => {
    const child = launcher.launch(command(['x'.repeat(3_000_000)]))
    await expect(child.exited).rejects.toMatchObject({ code: 'QUEUE_INTERNAL' })
  })
})

describe('checkTools', () => {
  it('tells the versions and a digest of each build', async () => {
    const tools = await checkTools(launcher, folder)
    expect(tools.ffmpeg).toEqual({
      version: expect.stringMatching(/^ffmpeg \S+$/),
      digest: expect.stringMatching(/^[0-9a-f]{12}$/),
    })
    expect(tools.ffprobe.version).toMatch(/^ffprobe \S+$/)
    expect(await checkTools(launcher, folder)).toEqual(tools)
    expect(await readdir(folder)).toEqual([])
  })

  it.each<[NodeJS.Platform, string]>([
    ['linux', 'apt-get install ffmpeg'],
    ['darwin', 'brew install ffmpeg'],
  ])('gives the install line for %s', async (platform, line) => {
    const absent = createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'no-such-ffprobe', platform })
    await expect(checkTools(absent, folder, platform)).rejects.toMatchObject({
      code: 'CONFIG_TOOL_MISSING',
      message: expect.stringContaining(line),
    })
  })

  it('does not take another program for ffmpeg', async () => {
    await expect(checkTools(await scripted('echo hello'), folder, 'linux')).rejects.toMatchObject({
      code: 'CONFIG_TOOL_MISSING',
      message: expect.stringContaining('hello'),
    })
  })
})
