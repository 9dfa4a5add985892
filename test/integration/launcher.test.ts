import { once } from 'node:events'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { createLauncher } from '../../core/adapters/launcher'
import {
  BUSY,
  ENDLESS,
  ffmpegIn,
  firstLine,
  isLinux,
  launcher,
  makeFolder,
  outcome,
  scripted,
  stateAfterExit,
} from '../support/launching'

let folder: string
let command: ReturnType<typeof ffmpegIn>
beforeEach(async () => {
  folder = await makeFolder()
  command = ffmpegIn(folder)
})
afterEach(() => rm(folder, { recursive: true }))

describe('launcher: surroundings', () => {
  it('passes four variables and nothing else', async () => {
    process.env['GANTRY_CANARY'] = 'AKIACANARY'
    const { out } = await outcome((await scripted(folder, 'exec env')).launch(command([])))
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
    const script = await scripted(folder, 'pwd; wc -c; cut -d" " -f1,5,6 /proc/self/stat; sleep 0 & exit 3')
    const child = script.launch(command([]))
    const { out, code } = await outcome(child)
    const [place, stdin] = out.split('\n')
    expect(place).toBe(folder)
    expect(stdin?.trim()).toBe('0')
    expect(code).toBe(3)
    if (isLinux) expect(out).toMatch(new RegExp(` ${child.pid} ${child.pid}\n`))
  })

  it('hands words over as they are', async () => {
    const script = await scripted(folder, 'for word in "$@"; do printf "%s\\n" "[$word]"; done')
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
  it('tells the processor time', async () => {
    const [quiet, input, rest] = [BUSY.slice(0, 2), BUSY.slice(2, 6), BUSY.slice(6)]
    const argv = ['-benchmark', ...quiet, '-v', 'info', ...input, '-t', '2', ...rest]
    const child = launcher.launch(command(argv))
    const { errors, code } = await outcome(child)
    expect(code).toBe(0)
    const { cpuSeconds } = await child.exited
    const bench = /utime=([\d.]+)s stime=([\d.]+)s/.exec(errors)
    const own = Number(bench?.[1]) + Number(bench?.[2])
    expect(own).toBeGreaterThan(0.1)
    // ffmpeg's own figure lacks the loading of its libraries and the freeing of its memory.
    if (isLinux) expect(Math.abs((cpuSeconds ?? 0) - own)).toBeLessThan(0.3 + own * 0.1)
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
    const script = await scripted(folder, 'trap "" TERM; sleep 1000 & echo $!; while :; do sleep 1000; done')
    const child = script.launch(command([]))
    const grandchild = Number(await firstLine(child.stdout))
    child.stop(50)
    expect(await child.exited).toMatchObject({ code: null, signal: 'SIGKILL' })
    expect(['', 'Z']).toContain(isLinux ? await stateAfterExit(grandchild) : '')
  })

  it('survives an interrupt of the terminal: it is in no group of ours', async () => {
    const child = launcher.launch(command(ENDLESS))
    expect(child.pid).toBeGreaterThan(0)
    expect(() => process.kill(-child.pid, 0)).not.toThrow()
    child.stop(1_000)
    await outcome(child)
  })
})

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
