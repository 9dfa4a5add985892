/** The `gantry` command. Composition only: the environment, signals and streams are touched here and nowhere below. */
import { accessSync, constants, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { asGantryError } from '../core/contract/errors'
import { readSettings } from '../core/service/config'
import { stopRequested, type StopReason } from '../core/service/lifecycle'
import { createLogger } from '../core/service/logger'
import { runAgain } from '../scheduler/runs/retry'
import type { AssetsOptions } from './assets/arguments'
import { askedAgain, assetsCommand } from './assets/command'
import { localFolder, openPlaces } from './assets/open-places'
import { workHere } from './assets/work-here'
import { laddersCommand } from './ladders/command'
import type { PlanOptions } from './plan/arguments'
import { planCommand } from './plan/command'
import { PLAN_SETTINGS } from './plan/dry-run'
import { readAsked } from './input/request-file'
import { nodeInputFs } from './input/input-fs'
import { endReport } from './view/end-report'
import { parseArguments, USAGE_EXIT_CODE } from './options'
import { routesCommand } from './routes/command'
import { DEFAULT_OUT } from './out-folder'
import type { RunOptions } from './run/arguments'
import { findPlayers } from './view/players'
import { errorLine, runCommand, type RunContext } from './run/command'
import { openDisplay, type Display } from './run/display'
import { FLEET_SETTINGS } from './run/fleet'
import type { VerifyOptions } from './verify/arguments'
import { verifyCommand } from './verify/command'
import { terminalTraits, type TerminalTraits } from './view/terminal-traits'

/** The package's folder: `dist/cli` is two below it. */
const ROOT = resolve(__dirname, '..', '..')

/** Longer lines are hard to read, however wide the terminal is. */
const PLAN_COLUMNS = 100

/** What a shell reports for a program that a signal ended. */
const SIGNAL_EXIT_CODES: Readonly<Record<StopReason, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
  disconnect: 1,
}

/** Where the user is: npm runs its scripts in the package's folder and tells the caller's. */
function callerFolder(): string {
  const byNpm = process.env['npm_lifecycle_event'] === undefined ? undefined : process.env['INIT_CWD']
  return byNpm ?? process.cwd()
}

async function main(argv: readonly string[]): Promise<number> {
  // A reader that went away (`gantry run --json | head`) must not end the work in the middle.
  process.stdout.on('error', () => undefined)
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const columns = process.stdout.columns || 80
  const parsed = parseArguments(argv, { cwd: callerFolder(), version, columns })
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(parsed.text)
      return 0
    case 'usage':
      process.stderr.write(`${parsed.message}\n`)
      return USAGE_EXIT_CODE
    case 'run':
      return run(parsed.options)
    case 'plan':
      return plan(parsed.options, columns)
    case 'ladders':
      return printed((print) => laddersCommand(parsed.options, { ...filesContext(print), columns }))
    case 'assets':
      return assets(parsed.options)
    case 'routes':
      return printed((print) => routesCommand(parsed.options, { ...filesContext(print), cwd: callerFolder() }))
    case 'verify':
      return verify(parsed.options)
  }
}

async function plan(options: PlanOptions, columns: number): Promise<number> {
  const { GANTRY_PRICES: pricesFile, ...env } = process.env
  const stop = stopRequested(process)
  const abort = new AbortController()
  void stop.reason.then((reason) => abort.abort(new Error(`stopped by ${reason}`)))
  try {
    const settings = readSettings(env, PLAN_SETTINGS, (path) => readFileSync(path, 'utf8'))
    const { unicode } = terminalTraits({ isTty: process.stdout.isTTY, platform: process.platform, env })
    const asked = await readAsked(options, join(ROOT, 'ladders'))
    const text = await planCommand({
      ...{ options, settings, asked, pricesFile, cwd: callerFolder(), fs: nodeInputFs() },
      ...{ signal: abort.signal, page: { columns: Math.min(columns, PLAN_COLUMNS), unicode } },
      log: createLogger({ service: 'gantry', level: 'error' }),
    })
    process.stdout.write(text)
    return 0
  } catch (thrown) {
    if (abort.signal.aborted) return SIGNAL_EXIT_CODES[await stop.reason]
    process.stderr.write(`${errorLine(asGantryError(thrown))}\n`)
    return 1
  } finally {
    stop.forget()
  }
}

async function assets(options: AssetsOptions): Promise<number> {
  const outFolder = localFolder({ ...options, usualFolder: resolve(callerFolder(), DEFAULT_OUT), env: process.env })
  const isWork = options.action === 'retry' || options.action === 'redo'
  if (!isWork || outFolder === null) return printed((print) => askServices(options, print))
  const { asset, json, workers } = options
  return withDisplay({ json, isService: false, report: { demo: false, outFolder } }, (context) =>
    workHere({ ...context, options: { outFolder, workers } }, asset, (place, assetId) =>
      runAgain({ ...place, now: () => new Date() }, assetId, askedAgain(options)),
    ),
  )
}

async function askServices(options: AssetsOptions, print: Print): Promise<0 | 1> {
  const places = await openPlaces({
    ...{ outFolder: options.outFolder, usualFolder: resolve(callerFolder(), DEFAULT_OUT), env: process.env },
    readFile: (path) => readFileSync(path, 'utf8'),
    log: createLogger({ service: 'gantry', level: 'error' }),
  })
  try {
    return await assetsCommand(options, { places, print, now: () => new Date() })
  } finally {
    await places.close()
  }
}

function verify(options: VerifyOptions): Promise<number> {
  const { env, platform } = process
  const { colour } = terminalTraits({ isTty: process.stdout.isTTY, platform, env })
  return printed((print) =>
    verifyCommand(options, {
      ...{ print, colour, env, signal: new AbortController().signal },
      readFile: (path) => readFileSync(path, 'utf8'),
    }),
  )
}

type Print = (text: string) => void

function filesContext(print: Print) {
  return { builtInFolder: join(ROOT, 'ladders'), stdin: process.stdin, print }
}

/** For commands that print and need no display. */
async function printed(work: (print: Print) => Promise<number>): Promise<number> {
  try {
    return await work((text) => void process.stdout.write(text))
  } catch (thrown) {
    process.stderr.write(`${errorLine(asGantryError(thrown))}\n`)
    return 1
  }
}

async function run(options: RunOptions): Promise<number> {
  const { json, work, outFolder } = options
  const look = { json, isService: work.mode === 'inbox', report: { demo: work.mode === 'demo', outFolder } }
  return withDisplay(look, async (context) =>
    runCommand({ ...context, options, asked: await readAsked(options, join(ROOT, 'ladders')) }),
  )
}

interface DisplayedWork {
  json: boolean
  /** Runs until it is stopped. */
  isService: boolean
  report: { demo: boolean; outFolder: string }
}

/** For commands that encode: settings, a display, a stop that is asked for, and a report at the end. */
async function withDisplay(
  { json, isService, report }: DisplayedWork,
  work: (context: Omit<RunContext, 'options' | 'asked'>) => Promise<0 | 1>,
): Promise<number> {
  const { env, platform } = process
  const traits = terminalTraits({ isTty: process.stdout.isTTY, platform, env })
  const mode = json ? 'json' : traits.interactive ? 'bars' : 'plain'
  const display = openDisplay({ mode, stdout: process.stdout, stderr: process.stderr, traits, nowMs: Date.now })
  const stop = stopRequested(process)
  const abort = new AbortController()
  void stop.reason.then((reason) => abort.abort(new Error(`stopped by ${reason}`)))
  try {
    const settings = readSettings(env, FLEET_SETTINGS, (path) => readFileSync(path, 'utf8'))
    // A person sees the display; only what is wrong is logged beside it.
    const level = json || env['GANTRY_LOG_LEVEL'] !== undefined ? settings.GANTRY_LOG_LEVEL : 'error'
    const code = await work({
      ...{ display, signal: abort.signal, cwd: callerFolder() },
      settings: { ...settings, GANTRY_LOG_LEVEL: level },
      searchPath: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      log: createLogger({ service: 'gantry', level }),
      workerScript: join(ROOT, 'dist', 'worker', 'main.js'),
    })
    if (!json) sayEnd(report, display, traits)
    // A service that is asked to stop and stops has done its work; a command that is has not.
    return abort.signal.aborted && !isService ? SIGNAL_EXIT_CODES[await stop.reason] : code
  } catch (thrown) {
    display.stop()
    if (abort.signal.aborted) return SIGNAL_EXIT_CODES[await stop.reason]
    process.stderr.write(`${errorLine(asGantryError(thrown))}\n`)
    return 1
  } finally {
    stop.forget()
  }
}

function sayEnd({ demo, outFolder }: DisplayedWork['report'], display: Display, traits: TerminalTraits): void {
  if (display.view().assets.length === 0) return
  const { env, platform } = process
  const report = endReport(display.view(), {
    ...{ colour: traits.colour, unicode: traits.unicode, platform, nowMs: Date.now() },
    ...{ players: findPlayers({ env, platform, isExecutable }), demo, outFolder },
    command: env['npm_lifecycle_event'] === 'start' ? 'npm start --' : 'gantry run',
  })
  process.stdout.write(`\n${report.join('\n')}\n`)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

void main(process.argv.slice(2)).then((code) => process.exit(code))
