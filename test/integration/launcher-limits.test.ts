import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { compileModules } from '../support/compile'
import {
  BUSY,
  ENDLESS,
  GIB,
  LIMITS,
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

const onLinux = isLinux ? describe : describe.skip

onLinux('launcher: limits', () => {
  it('sets them on the program itself', async () => {
    const script = await scripted(folder, 'cat /proc/self/limits; nice')
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
    expect(exit.cpuSeconds).toBeGreaterThan(0.9)
    expect(exit.cpuSeconds).toBeLessThan(1.5)
  })

  it('ends a program that writes too large a file', async () => {
    const source = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=640x360', '-f', 'rawvideo', 'big.raw']
    const child = launcher.launch(command(source, { limits: { ...LIMITS, fileBytes: 1_000_000 } }))
    const [exit] = await Promise.all([child.exited, outcome(child)])
    expect(exit.signal).toBe('SIGXFSZ')
    expect((await stat(join(folder, 'big.raw'))).size).toBeLessThanOrEqual(1_000_000)
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
