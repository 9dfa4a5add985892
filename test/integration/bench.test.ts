/** The bench in its smallest form: what it measures is complete, and of the same rungs. Figures are for docs/performance.md. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CompareResult } from '../../bench/compare'
import type { BenchContext } from '../../bench/context'
import { createMasters } from '../../bench/masters'
import { memoryCase } from '../../bench/memory'
import { measure } from '../../bench/meter'
import { runProgram as runMeasured } from '../../bench/programs'
import { qualityCase } from '../../bench/quality'
import { scalingCase } from '../../bench/scaling'
import { PLAN_SETTINGS } from '../../cli/plan/dry-run'
import { readSettings } from '../../core/service/config'
import { runProgram } from '../support/run-program'

const ROOT = join(__dirname, '..', '..')
const SMALL = { widthPx: 256, heightPx: 144, seconds: 0, maxBitrateBps: 400_000 }
const PATH = process.env['PATH'] ?? ''
const signal = new AbortController().signal

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-bench-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function smallBench(): BenchContext {
  const env = { PATH, HOME: folder }
  const [cacheFolder, runs] = [join(folder, 'masters'), join(folder, 'runs')]
  mkdirSync(runs, { recursive: true })
  const masters = createMasters({
    ffmpeg: 'ffmpeg',
    mediaFolder: '/none',
    cacheFolder,
    env,
    tell: () => undefined,
    signal,
  })
  const scale = {
    ...{ ladderSeconds: 2, scalingSeconds: 8, scalingPieces: 2, qualitySeconds: 8, qualityPieceSeconds: 4 },
    memorySeconds: [4, 24] as const,
  }
  const settings = readSettings({}, PLAN_SETTINGS, () => '')
  return { rounds: 1, scale, root: ROOT, folder: runs, env, settings, masters, tell: () => undefined, signal }
}

it('compares the pipeline with bare ffmpeg on the same rungs, and leaves nothing behind', async () => {
  const [temporary, file] = [join(folder, 'tmp'), join(folder, 'bench.json')]
  mkdirSync(temporary)
  const words = ['--quick', '--seconds', '1', '--only', '720p', '--json', file]
  const env = [`TMPDIR=${temporary}`, `GANTRY_TEST_CACHE=${join(folder, 'cache')}`]
  const command = [process.execPath, join(ROOT, 'bin', 'bench.js'), ...words]
  const { code, stdout, stderr } = await runProgram('env', [...env, ...command])
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('720p, round 1 of 1') })
  expect(stdout).toMatch(/4 rungs of a 720p master of 1 s[^]*gantry \/ one ffmpeg, CPU +\d[.]\d{3} +target/)
  const report = JSON.parse(readFileSync(file, 'utf8')) as { cases: { '720p': CompareResult } }
  const [round] = report.cases['720p'].rounds
  expect(round?.gantry.bytes).toBeGreaterThan(50_000)
  expect(round?.gantry.checkCpuSeconds.gate).toBeGreaterThan(0)
  expect(round?.gantry.checkCpuSeconds.verify).toBeGreaterThan(0.01)
  expect((round?.gantry.bytes ?? 0) / (round?.oneProcess.bytes ?? NaN)).toBeCloseTo(1, 1)
  expect((round?.processPerRung.bytes ?? 0) / (round?.oneProcess.bytes ?? NaN)).toBeCloseTo(1, 1)
  expect(readdirSync(temporary)).toEqual([])
})

it('counts the encoders, the workers and the scheduler of a run, and what is on the disk meanwhile', async () => {
  const context = smallBench()
  const { masters } = await memoryCase(context)
  const [short, long] = masters
  expect(masters.map(({ scratch }) => scratch.media)).toEqual([0, 0])
  for (const kind of ['scheduler', 'worker', 'ffmpeg', 'redis'] as const) {
    expect(short?.peakRssBytes[kind]).toBeGreaterThan(2 ** 20)
  }
  expect(long?.segments).toBeGreaterThanOrEqual(2 * (24 / 4))
  expect(readdirSync(context.folder)).toEqual([])
})

it('cuts for two workers and finds each rung again in pieces', async () => {
  const context = smallBench()
  expect(await scalingCase(context, SMALL)).toMatchObject({ pieces: 2, rounds: [{ one: {}, two: {} }] })
  const { pieces, rungs } = await qualityCase(context, SMALL)
  expect(pieces).toBe(2)
  expect(rungs).toHaveLength(1)
  const [rung] = rungs
  expect(rung?.whole.ssim).toBeGreaterThan(0.5)
  expect(rung?.pieces.ssim).toBeCloseTo(rung?.whole.ssim ?? NaN, 1)
  expect(readdirSync(context.folder)).toEqual([])
})

/** Computes until it has used so much itself, in a child of a child. */
const BURN = 'while (process.cpuUsage().user < 300_000) Math.sqrt(2)'
const NESTED = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(BURN)}])`

describe('the meter', () => {
  const run = (script: string) =>
    measure(() => runMeasured(process.execPath, { argv: ['-e', script], folder, env: { PATH }, signal }))

  it('counts processes below those that were started', async () => {
    expect((await run(NESTED)).cpuSeconds).toBeGreaterThanOrEqual(0.3)
  })

  it('counts each piece of work for itself', async () => {
    await run(BURN)
    const { cpuSeconds } = await measure(async () => 1)
    expect(cpuSeconds).toBe(0)
  })
})

it('says what a program said that ended badly', async () => {
  const run = runMeasured('sh', { argv: ['-c', 'echo oh no >&2; exit 3'], folder, env: { PATH }, signal })
  await expect(run).rejects.toMatchObject({ code: 'QUEUE_INTERNAL', message: 'sh ended with 3:\n  oh no' })
})
