/** `npm run bench`. Composition only: the environment, signals and streams are touched here and nowhere below. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { cpus, homedir, loadavg, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { PLAN_SETTINGS } from '../cli/plan/dry-run'
import { asGantryError, GantryError } from '../core/contract/errors'
import { readSettings } from '../core/service/config'
import { stopRequested } from '../core/service/lifecycle'
import { parseBench, type BenchOptions, type CaseName } from './arguments'
import { compareCase } from './compare'
import type { BenchContext } from './context'
import { createMasters } from './masters'
import type { MasterForm } from './master-words'
import { memoryCase } from './memory'
import { runProgram } from './programs'
import { qualityCase } from './quality'
import { caseLines, headLines, type BenchReport, type CaseResult } from './report'
import { scalingCase } from './scaling'

/** The package's folder: `dist/bench` is two below it. */
const ROOT = resolve(__dirname, '..', '..')
const USAGE_EXIT_CODE = 2
const STOPPED_EXIT_CODE = 130

const HD: MasterForm = { widthPx: 1280, heightPx: 720, seconds: 0, maxBitrateBps: 12_000_000 }
const FULL_HD: MasterForm = { widthPx: 1920, heightPx: 1080, seconds: 0, maxBitrateBps: 22_000_000 }

const RUN: Readonly<Record<CaseName, (context: BenchContext) => Promise<CaseResult>>> = {
  '720p': (context) => compareCase(context, { ...HD, seconds: context.scale.ladderSeconds }),
  '1080p': (context) => compareCase(context, { ...FULL_HD, seconds: context.scale.ladderSeconds }),
  scaling: (context) => scalingCase(context, HD),
  quality: (context) => qualityCase(context, HD),
  memory: memoryCase,
}

async function main(argv: readonly string[]): Promise<number> {
  const { npm_lifecycle_event: byNpm, INIT_CWD: callerFolder } = process.env
  const parsed = parseBench(argv, byNpm === undefined ? process.cwd() : (callerFolder ?? process.cwd()))
  if (parsed.kind === 'help') {
    process.stdout.write(parsed.text)
    return 0
  }
  if (parsed.kind === 'usage') {
    process.stderr.write(`${parsed.message}\n`)
    return USAGE_EXIT_CODE
  }
  const abort = new AbortController()
  const stop = stopRequested(process)
  void stop.reason.then((reason) => abort.abort(new GantryError('QUEUE_SHUTDOWN', `stopped by ${reason}`)))
  try {
    await bench(parsed.options, abort.signal)
    return 0
  } catch (thrown) {
    const error = asGantryError(thrown)
    process.stderr.write(`bench: ${error.code}: ${error.message}\n`)
    return abort.signal.aborted ? STOPPED_EXIT_CODE : 1
  } finally {
    stop.forget()
  }
}

async function bench({ cases, rounds, scale, jsonFile }: BenchOptions, signal: AbortSignal): Promise<void> {
  if (process.platform !== 'linux') {
    throw new GantryError(
      'API_USAGE',
      `the bench reads the times of processes from Linux' procfs, this is ${process.platform}`,
    )
  }
  const folder = await mkdtemp(join(tmpdir(), 'gantry-bench-'))
  try {
    const context = contextOf({ rounds, scale }, folder, signal)
    const report = await newReport(context)
    print(headLines(report))
    for (const name of cases) {
      const result = await RUN[name](context)
      report.cases[name] = result
      print(['', ...caseLines(result)])
      // After each case: what was measured is kept when a later one fails or is stopped.
      if (jsonFile !== null) await writeFile(jsonFile, `${JSON.stringify(report, null, 2)}\n`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

function contextOf(options: Pick<BenchContext, 'rounds' | 'scale'>, folder: string, signal: AbortSignal): BenchContext {
  const readFile = (path: string): string => readFileSync(path, 'utf8')
  const settings = readSettings(process.env, PLAN_SETTINGS, readFile)
  const { GANTRY_REDIS_SERVER: redisServer } = readSettings(process.env, ['GANTRY_REDIS_SERVER'], readFile)
  const { GANTRY_FFMPEG: ffmpeg, GANTRY_FFPROBE: ffprobe } = settings
  // Nothing else is inherited: other settings of whoever runs it would be measured too.
  const env = {
    ...{ PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', HOME: folder, LANG: 'C' },
    ...{ GANTRY_FFMPEG: ffmpeg, GANTRY_FFPROBE: ffprobe, GANTRY_REDIS_SERVER: redisServer },
  }
  const tell = (line: string): void => void process.stderr.write(`bench: ${line}\n`)
  const masters = createMasters({
    ...{ ffmpeg, env, tell, signal },
    mediaFolder: process.env['GANTRY_TEST_MEDIA'] ?? resolve(ROOT, '..', 'shared', 'media'),
    cacheFolder: process.env['GANTRY_TEST_CACHE'] ?? join(homedir(), '.cache', 'gantry-test'),
  })
  return { ...options, root: ROOT, folder, env, settings, masters, tell, signal }
}

async function newReport({ settings, folder, env, signal }: BenchContext): Promise<BenchReport> {
  const { stdout } = await runProgram(settings.GANTRY_FFMPEG, { argv: ['-version'], folder, env, signal })
  const [processor] = cpus()
  return {
    v: 1,
    at: new Date().toISOString(),
    machine: {
      ...{ cpu: processor?.model ?? 'an unknown processor', cores: cpus().length, memoryBytes: totalmem() },
      load: loadavg()[0] ?? NaN,
    },
    versions: { node: process.versions.node, ffmpeg: /version (\S+)/.exec(stdout)?.[1] ?? 'unknown' },
    cases: {},
  }
}

void main(process.argv.slice(2)).then((code) => process.exit(code))
