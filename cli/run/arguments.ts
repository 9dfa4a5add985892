/** `gantry run` on the command line. */
import path from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import type { Clip } from '../../core/contract/request'
import { ladderChoice, type LadderChoice } from '../../scheduler/find-ladder'
import { RUN_HELP } from '../help-text'
import { DEFAULT_OUT } from '../out-folder'
import { collectCaptions, parseClip, parsePosterTime, type CaptionsOption, type RequestOptions } from '../input/request'

export interface RunOptions {
  work: RunWork
  ladder: LadderChoice
  /** Absolute. */
  outFolder: string
  /** Worker processes; null: as many as fit the machine. */
  workers: number | null
  /** Events as NDJSON on stdout in place of the display. */
  json: boolean
  request: RequestOptions
  /** Absolute; null without one. */
  requestFile: string | null
}

export type RunWork =
  /** `args` as typed, for messages; `expandInputs` resolves them. */
  | { mode: 'inputs'; args: readonly string[] }
  | { mode: 'demo' }
  /** Watches a folder until it is stopped. Absolute. */
  | { mode: 'inbox'; folder: string }

const DEFAULT_LADDER = 'default'
const DEFAULT_INBOX = 'inbox'
const MAX_WORKERS = 64

interface RawRun {
  ladder: string
  out: string
  inbox?: string
  workers?: number
  json?: true
  clip?: Clip
  posterAt?: number
  captions?: CaptionsOption[]
  request?: string
  force?: true
  demo?: true
}

/** @param cwd Absolute folder of the caller. */
export function addRun(program: Command, cwd: string, tell: (options: RunOptions) => void): void {
  program
    .command('run')
    .summary('encode files and folders, or whatever is put into an inbox folder')
    .description(
      'Encodes each master to a ladder of renditions, checks every segment and publishes it as HLS. ' +
        'Without inputs it watches an inbox folder until you press Ctrl-C.',
    )
    .usage('[options] [inputs...]')
    .argument('[inputs...]', 'video or audio files; folders are searched for them')
    .option('--ladder <name|file>', 'built-in ladder, or a YAML file of your own', DEFAULT_LADDER)
    .option('--out <dir>', 'folder for what is published', DEFAULT_OUT)
    .option('--inbox <dir>', `folder to watch when no inputs are given (default: "${DEFAULT_INBOX}")`)
    .option(
      '--workers <n>',
      `worker processes, 1 to ${MAX_WORKERS} (default: as many as fit the machine)`,
      parseWorkers,
    )
    .option('--clip <in-out>', 'only a part, in seconds or h:mm:ss: 5-12.5, 1:30-2:00, 90-', parseClip)
    .option('--poster-at <time>', 'where the poster is taken, in seconds or h:mm:ss', parsePosterTime)
    .option(
      '--captions <[language=]file>',
      'captions beside the master, .srt or .vtt; may be given several times',
      collectCaptions,
    )
    .option('--request <file>', 'what is asked of each input, as one document (docs/routes.md)')
    .option('--force', 'encode all of it again, also what is published')
    .option('--demo', 'make a 20 s test film first and encode that')
    .option('--json', 'print events as JSON, one a line, in place of the progress display')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${RUN_HELP}`)
    .action((inputs: string[], raw: RawRun, command: Command) => {
      tell(runOf(inputs, raw, command, cwd))
    })
}

function runOf(inputs: readonly string[], raw: RawRun, command: Command, cwd: string): RunOptions {
  const fault = faultOf(inputs, raw)
  if (fault) command.error(`error: ${fault}`)
  const outFolder = path.resolve(cwd, raw.out)
  const work = workOf(inputs, raw, cwd)
  if (work.mode === 'inbox' && contains(work.folder, outFolder)) {
    command.error(`error: --out ${raw.out} lies in the inbox ${work.folder}: what is published would be encoded again`)
  }
  const { workers = null, json = false, clip = null, posterAt: posterAtSeconds = null, captions = [] } = raw
  // A word that nobody has said before.
  const force = raw.force === true ? new Date().toISOString() : null
  const request = { clip, posterAtSeconds, captions, force }
  const requestFile = raw.request === undefined ? null : path.resolve(cwd, raw.request)
  return { work, ladder: ladderChoice(raw.ladder, cwd), outFolder, workers, json, request, requestFile }
}

function faultOf(inputs: readonly string[], raw: RawRun): string | null {
  for (const name of ['ladder', 'out', 'inbox', 'request'] as const) {
    const value = raw[name]
    if (value === '') return `--${name} is empty`
    // Commander takes the next word whatever it is, so a forgotten value swallows an option.
    if (value?.startsWith('--')) return `--${name} needs a value, got '${value}' (write ./${value} if it is a name)`
  }
  if (raw.demo && inputs.length > 0) return `give inputs or --demo, not both (got '${inputs[0]}')`
  const request = requestFault(inputs, raw)
  if (request !== null) return request
  if (raw.inbox !== undefined && raw.demo) return 'give --inbox or --demo, not both'
  if (raw.inbox !== undefined && inputs.length > 0) return `give inputs or --inbox, not both (got '${inputs[0]}')`
  return null
}

/** What is asked of the inputs. */
function requestFault(inputs: readonly string[], raw: RawRun): string | null {
  if (raw.captions !== undefined && inputs.length !== 1) return '--captions needs exactly one input, which they are of'
  const single = (['clip', 'posterAt', 'captions'] as const).find((name) => raw[name] !== undefined)
  if (raw.request !== undefined && single !== undefined) {
    return `give --request or --${single === 'posterAt' ? 'poster-at' : single}, not both`
  }
  if (raw.request !== undefined && inputs.length === 0) return '--request needs inputs, which it is of'
  if (raw.force && inputs.length === 0 && !raw.demo) return '--force needs inputs, which it is of'
  if (raw.request !== undefined && raw.force) return 'give --request or --force, not both: a request has its own'
  return null
}

function workOf(inputs: readonly string[], raw: RawRun, cwd: string): RunWork {
  if (raw.demo) return { mode: 'demo' }
  if (inputs.length > 0) return { mode: 'inputs', args: inputs }
  return { mode: 'inbox', folder: path.resolve(cwd, raw.inbox ?? DEFAULT_INBOX) }
}

export function parseWorkers(given: string): number {
  const count = /^\d{1,4}$/.test(given) ? Number(given) : 0
  if (count < 1 || count > MAX_WORKERS)
    throw new InvalidArgumentError(`it must be a whole number from 1 to ${MAX_WORKERS}`)
  return count
}

function contains(folder: string, inner: string): boolean {
  const relative = path.relative(folder, inner)
  return relative === '' || (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative))
}
