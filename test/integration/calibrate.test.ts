/** A worker's look at its machine, by real ffmpeg and a folder. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLauncher } from '../../core/adapters/launcher'
import { GantryError } from '../../core/contract/errors'
import type { MachineRecord } from '../../core/contract/fleet'
import type { LaunchCommand, ProcessLauncher } from '../../core/ports/process-launcher'
import { createLogger } from '../../core/service/logger'
import { findMachine, noteMachine, readMachines } from '../../core/state/machines'
import { calibrate, type CalibrationParts } from '../../worker/calibrate'
import { scriptedFfmpeg } from '../support/scripted-ffmpeg'
import { tempStore, type TempStore } from '../support/temp-store'

const state = { bucket: 'state', prefix: '' }
const kind = { cpu: 'a', arch: 'x64', ffmpegBuild: 'b', encoderThreads: 1 }
const real = createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' })

let temp: TempStore
let scratch: string
let launched: LaunchCommand[]
let lines: { level: number; msg: string; code?: string; reason?: string }[]
beforeEach(async () => {
  temp = await tempStore()
  scratch = await mkdtemp(join(tmpdir(), 'gantry-calibrate-'))
  launched = []
  lines = []
})
afterEach(async () => {
  expect(await readdir(scratch)).toEqual([])
  await Promise.all([temp.remove(), rm(scratch, { recursive: true })])
})

const counted = (launcher: ProcessLauncher): ProcessLauncher => ({
  launch: (command) => {
    launched.push(command)
    return launcher.launch(command)
  },
})

function run(more: Partial<CalibrationParts> = {}): Promise<void> {
  const to = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) }
  return calibrate({
    ...{ store: temp.store, state, launcher: counted(real), scratch, memoryBytes: 4 * 2 ** 30, kind },
    ...{ log: createLogger({ service: 'worker', level: 'info', to }), now: () => new Date() },
    signal: new AbortController().signal,
    ...more,
  })
}

const records = async (): Promise<MachineRecord[]> => (await readMachines(temp.store, state)).records

describe('a worker that starts', () => {
  it('leaves what its machine takes for the test picture, within bounds', async () => {
    await run()
    expect(await records()).toEqual([
      { v: 1, ...kind, cpuSeconds: expect.any(Number) as number, at: expect.any(String) as string },
    ])
    // A third of a second where the reference was measured; the limit is the launcher's.
    expect((await records())[0]?.cpuSeconds).toBeGreaterThan(0.02)
    expect(launched).toHaveLength(1)
    expect(launched[0]).toMatchObject({ program: 'ffmpeg', limits: { cpuSeconds: 5, fileBytes: 0 } })
    expect(lines).toMatchObject([{ msg: 'machine measured' }])
  })

  it('encodes with its own threads, as a rung is', async () => {
    await run()
    await run({ kind: { ...kind, encoderThreads: null } })
    const [one, auto] = launched.map(({ argv }) => argv.join(' '))
    expect(one).toMatch(/-f lavfi .*duration=2.* -c:v libx264 .*-threads 1 /)
    expect(auto).not.toContain('-threads')
    expect(await records()).toHaveLength(2)
  })

  it('does not pay again while what machines like it told is fresh, also of another worker', async () => {
    await run()
    await run()
    expect(launched).toHaveLength(1)
    const later = Date.now() + 8 * 86_400_000
    await run({ now: () => new Date(later) })
    expect(launched).toHaveLength(2)
    expect((await records()).map(({ at }) => at)).toEqual([new Date(later).toISOString()])
  })

  it('removes machines that are gone', async () => {
    const gone = { v: 1 as const, ...kind, cpu: 'gone', cpuSeconds: 1, at: '2020-01-01T00:00:00.000Z' }
    await noteMachine(temp.store, state, gone, null)
    await run()
    expect((await records()).map(({ cpu }) => cpu)).toEqual(['a'])
  })

  it.each([
    ['ffmpeg fails', { ffmpeg: 'false' }, 'FFMPEG_EXIT'],
    ['there is no ffmpeg', { ffmpeg: 'no-such-program' }, 'CONFIG_TOOL_MISSING'],
  ])('goes on with a word in the log where %s', async (_, { ffmpeg }, code) => {
    await run({ launcher: createLauncher({ ffmpeg, ffprobe: 'ffprobe' }) })
    expect(lines).toMatchObject([{ level: 40, code }])
    expect(await records()).toEqual([])
  })

  it('goes on where the store does not answer, before and after', async () => {
    const away = (): Promise<never> => Promise.reject(new GantryError('STORE_UNAVAILABLE', 'away'))
    await run({ store: { ...temp.store, head: away } })
    await run({ store: { ...temp.store, write: away } })
    expect(lines).toMatchObject([
      { level: 40, code: 'STORE_UNAVAILABLE' },
      { level: 40, code: 'STORE_UNAVAILABLE' },
    ])
    expect(launched).toHaveLength(1)
  })

  it('writes nothing where the system does not tell processor time', async () => {
    const ffmpeg = scriptedFfmpeg()
    const running = run({ launcher: ffmpeg.launcher })
    ffmpeg.exit({ cpuSeconds: null })
    await running
    expect(await findMachine(temp.store, state, kind)).toBeNull()
    expect(lines).toMatchObject([{ level: 30, msg: expect.stringContaining('does not tell') as string }])
  })

  it('ends ffmpeg and says nothing where it is asked to stop meanwhile', async () => {
    const abort = new AbortController()
    const stopping: ProcessLauncher = {
      launch: (command) => {
        const child = real.launch(command)
        queueMicrotask(() => abort.abort(new GantryError('QUEUE_SHUTDOWN', 'stop')))
        return child
      },
    }
    await run({ launcher: stopping, signal: abort.signal })
    expect([lines, await records()]).toEqual([[], []])
  })
})
