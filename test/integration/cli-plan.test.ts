import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArguments } from '../../cli/options'
import { readAsked } from '../../cli/input/request-file'
import { nodeInputFs } from '../../cli/input/input-fs'
import { planCommand } from '../../cli/plan/command'
import { PLAN_SETTINGS } from '../../cli/plan/dry-run'
import { readSettings } from '../../core/service/config'
import { createLogger } from '../../core/service/logger'
import { DEFAULT_PRICES } from '../../scheduler/cost/prices'
import { mastersFolder, readMasters } from '../support/masters'

const ROOT = join(__dirname, '..', '..')
const MASTERS = mastersFolder()

/** The command in this process, without its `main`: what it prints. */
async function plan(cwd: string, ...argv: string[]): Promise<string> {
  const parsed = parseArguments(['plan', ...argv], { cwd, version: '1', columns: 80 })
  if (parsed.kind !== 'plan') throw new Error(JSON.stringify(parsed))
  return planCommand({
    ...{ options: parsed.options, cwd, pricesFile: undefined, fs: nodeInputFs() },
    settings: readSettings({}, PLAN_SETTINGS, () => ''),
    asked: await readAsked(parsed.options, join(ROOT, 'ladders')),
    log: createLogger({ service: 'gantry', level: 'error' }),
    signal: AbortSignal.timeout(60_000),
    page: { columns: 80, unicode: true },
  })
}

interface PlanJson {
  facts: { container: string; video: { codec: string; interlaced: boolean; rotationDegrees: number } | null }
  decisions: { id: string; kept: boolean; reason: string }[]
  encodes: { id: string; codec: string }[]
  cost: { slotSeconds: { total: number }; usd: { onDemand: number }; mediaConvert: { usd: number | null } } | null
}

const planJson = async (cwd: string, ...argv: string[]): Promise<PlanJson> =>
  JSON.parse(await plan(cwd, ...argv, '--json')) as PlanJson

describe('gantry plan', () => {
  let folder: string

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'gantry-plan-test-')))
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** What a dry run may have left: in the caller's folder, and temporary folders of this process. */
  async function leftovers(): Promise<string[]> {
    const temporary = await readdir(tmpdir())
    return [...(await readdir(folder)), ...temporary.filter((name) => name.startsWith(`gantry-${process.pid}-`))]
  }

  const good = readMasters().filter(({ expected }) => expected === 'ok')

  it('has masters to look at', () => expect(good.length).toBeGreaterThan(10))

  it.each(good.map(({ file }) => file))('tells of %s in 80 columns, and leaves nothing behind', async (file) => {
    const printed = await plan(folder, join(MASTERS, file))
    expect(printed.startsWith(file)).toBe(true)
    expect(printed).toMatch(/\n {2}container +\w/)
    expect(printed).toMatch(/\n {2}compute +\$0\.0/)
    expect(printed.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(await leftovers()).toEqual([])
  })

  it('plans HEVC and 10 bits, which cost more, by the ladder that is asked for', async () => {
    const file = join(MASTERS, 'rooftops-hevc-10bit-hdr10-pq-1080p.mp4')
    const usual = await planJson(folder, file)
    const hevc = await planJson(folder, file, '--ladder', 'hevc')
    expect(usual.encodes.map(({ codec }) => codec)).toEqual(['h264', 'h264', 'h264', 'h264', 'h264'])
    expect(hevc.encodes.filter(({ codec }) => codec === 'hevc')).toHaveLength(4)
    expect(hevc.cost?.slotSeconds.total).toBeGreaterThan(2 * (usual.cost?.slotSeconds.total ?? 0))
    expect([usual.cost?.mediaConvert.usd, hevc.cost?.mediaConvert.usd]).toEqual([expect.any(Number), null])
  })

  it('tells rotation and interlace', async () => {
    const turned = await planJson(folder, join(MASTERS, 'iphone-portrait-rotated90-audio-first.mov'))
    const interlaced = await planJson(folder, join(MASTERS, 'testcard-hdv-mpeg2-1080i-anamorphic-no-audio.mov'))
    expect(turned.facts.video?.rotationDegrees).toBe(90)
    expect(interlaced.facts.video?.interlaced).toBe(true)
  })

  it.each([
    ['broken-no-moov.mp4', 'SOURCE_TRUNCATED'],
    ['flv-header-only-13-bytes.flv', 'SOURCE_NO_STREAMS'],
    ['hls-playlist-renamed.mp4', 'SOURCE_IS_PLAYLIST'],
  ])('refuses %s as a run would, and leaves nothing behind', async (file, code) => {
    await expect(plan(folder, join(MASTERS, file))).rejects.toMatchObject({ code })
    expect(await leftovers()).toEqual([])
  })

  it('says what is no file', async () => {
    await mkdir(join(folder, 'sub'))
    await writeFile(join(folder, 'empty.mp4'), '')
    await expect(plan(folder, 'sub')).rejects.toMatchObject({
      ...{ code: 'API_USAGE', message: "'sub' is a folder; gantry plan looks at one file at a time" },
    })
    await expect(plan(folder, 'none.mp4')).rejects.toMatchObject({
      ...{ code: 'SOURCE_NOT_FOUND', message: `there is no file or folder 'none.mp4' (looked at ${folder}/none.mp4)` },
    })
    await expect(plan(folder, 'empty.mp4')).rejects.toMatchObject({ code: 'SOURCE_EMPTY' })
    await expect(plan(folder, '')).rejects.toMatchObject({
      ...{ code: 'API_USAGE', message: expect.stringContaining('an input is empty') as string },
    })
    await expect(plan(folder, 's3://bucket/film.mp4')).rejects.toMatchObject({ code: 'API_USAGE' })
    await expect(plan(folder, '/dev/zero')).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
  })

  it("takes prices from the caller's folder, and says what is wrong with them", async () => {
    const file = join(MASTERS, 'butterfly-720p30-aac.mp4')
    const compute = { onDemandUsdPerVcpuHour: 3_600 / 1_000, spotUsdPerVcpuHour: 0 }
    await writeFile(join(folder, 'mine.json'), JSON.stringify({ ...DEFAULT_PRICES, compute }))
    await writeFile(join(folder, 'wrong.yaml'), 'asOf: 2026-11\n')
    const { cost } = await planJson(folder, file, '--prices', 'mine.json')
    expect(cost?.usd.onDemand).toBeCloseTo((cost?.slotSeconds.total ?? 0) / 1_000, 9)
    await expect(plan(folder, file, '--prices', 'wrong.yaml')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(plan(folder, file, '--prices', 'none.yaml')).rejects.toMatchObject({
      ...{ code: 'CONFIG_INVALID', message: expect.stringContaining('none.yaml') as string },
    })
  })
})

describe('the program', () => {
  interface Ended {
    code: number | null
    stdout: string
    stderr: string
  }

  async function gantry(cwd: string, argv: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', LANG: 'C.UTF-8', ...more }
    const child = spawn(process.execPath, [join(ROOT, 'bin', 'gantry.js'), 'plan', ...argv], { cwd, env })
    child.stdin.end()
    const code = new Promise<number | null>((resolve) => child.once('close', resolve))
    return { stdout: await text(child.stdout), stderr: await text(child.stderr), code: await code }
  }

  it('works from any folder with relative paths, and a reject is exit code 1', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gantry-plan-test-'))
    try {
      const found = await gantry(MASTERS, ['butterfly-720p30-aac.mp4', '--json'])
      expect(JSON.parse(found.stdout)).toMatchObject({ v: 1, source: { bytes: 2_429_896 } })
      expect(found.code).toBe(0)

      const refused = await gantry(MASTERS, ['broken-no-moov.mp4'])
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toMatch(/SOURCE_TRUNCATED: .*\n {2}what to do: upload the whole file again\n$/)

      const usage = await gantry(folder, [])
      expect(usage).toMatchObject({ code: 2, stdout: '' })

      await writeFile(join(folder, 'wrong.yaml'), 'asOf: never\n')
      const master = join(MASTERS, 'butterfly-720p30-aac.mp4')
      const priced = await gantry(folder, [master], { GANTRY_PRICES: 'wrong.yaml' })
      expect(priced.stderr).toContain('CONFIG_INVALID: the prices in')
      expect(await readdir(folder)).toEqual(['wrong.yaml'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
