/** The command line as typed data. Nothing here prints, exits or looks at the disk. */
import path from 'node:path'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { PROGRAM_HELP, RUN_HELP } from './help-text'
import { addLadders, type LaddersOptions } from './ladders/arguments'
import { addPlan, type PlanOptions } from './plan/arguments'
import { ladderChoice, type LadderChoice } from '../scheduler/find-ladder'

export interface ArgumentContext {
  /** Absolute folder of the caller: relative paths start here. */
  cwd: string
  version: string
  /** Width that help is broken to. */
  columns: number
}

export type ParsedArguments =
  | { kind: 'run'; options: RunOptions }
  | { kind: 'ladders'; options: LaddersOptions }
  | { kind: 'plan'; options: PlanOptions }
  | { kind: 'help'; text: string }
  | { kind: 'usage'; message: string }

export interface RunOptions {
  work: RunWork
  ladder: LadderChoice
  /** Absolute. */
  outFolder: string
  /** Worker processes; null: as many as fit the machine. */
  workers: number | null
  /** Events as NDJSON on stdout in place of the display. */
  json: boolean
}

export type RunWork =
  /** `args` as typed, for messages; `expandInputs` resolves them. */
  | { mode: 'inputs'; args: readonly string[] }
  | { mode: 'demo' }
  /** Watches a folder until it is stopped. Absolute. */
  | { mode: 'inbox'; folder: string }

/** Exit code of a command line that is not understood. */
export const USAGE_EXIT_CODE = 2

const DEFAULT_LADDER = 'default'
const DEFAULT_OUT = 'gantry-out'
const DEFAULT_INBOX = 'inbox'
const MAX_WORKERS = 64

interface RawRun {
  ladder: string
  out: string
  inbox?: string
  workers?: number
  json?: true
  demo?: true
}

/**
 * What the words after `gantry` ask for. Never throws for what a user typed: `usage` carries one line that says what is
 * wrong. `--version` is answered as `help`: text to print, then exit 0.
 */
export function parseArguments(argv: readonly string[], context: ArgumentContext): ParsedArguments {
  let printed = ''
  let result: ParsedArguments | undefined
  const program = buildProgram(
    context,
    (text) => (printed += text),
    (parsed) => (result = parsed),
  )
  try {
    if (argv.length > 0) program.parse(argv, { from: 'user' })
    return result ?? { kind: 'help', text: program.helpInformation() + extraHelp(PROGRAM_HELP) }
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    return thrown.exitCode === 0 ? { kind: 'help', text: printed } : { kind: 'usage', message: usageLine(thrown, argv) }
  }
}

type Print = (text: string) => void
type Tell = (parsed: ParsedArguments) => void

/** Each command tells what was asked of it; further commands are added here, one function each. */
function buildProgram(context: ArgumentContext, print: Print, tell: Tell): Command {
  const program = new Command('gantry')
    .description('Turns video masters into adaptive streams: HLS ladders, MP4s and thumbnails, on this machine.')
    .version(`gantry ${context.version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .usage('<command> [options]')
    .configureOutput({
      writeOut: print,
      writeErr: () => undefined,
      getOutHelpWidth: () => context.columns,
      getErrHelpWidth: () => context.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .addHelpText('after', extraHelp(PROGRAM_HELP))
  addRun(program, context, tell)
  addPlan(program, context.cwd, (options) => tell({ kind: 'plan', options }))
  addLadders(program, context.cwd, (options) => tell({ kind: 'ladders', options }))
  return program
}

function addRun(program: Command, context: ArgumentContext, tell: Tell): void {
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
    .option('--demo', 'make a 20 s test film first and encode that')
    .option('--json', 'print events as JSON, one a line, in place of the progress display')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', extraHelp(RUN_HELP))
    .action((inputs: string[], raw: RawRun, command: Command) => {
      tell(runOf(inputs, raw, command, context.cwd))
    })
}

function extraHelp(text: string): string {
  return `\n${text}`
}

function runOf(inputs: readonly string[], raw: RawRun, command: Command, cwd: string): ParsedArguments {
  const fault = faultOf(inputs, raw)
  if (fault) command.error(`error: ${fault}`)
  const outFolder = path.resolve(cwd, raw.out)
  const work = workOf(inputs, raw, cwd)
  if (work.mode === 'inbox' && contains(work.folder, outFolder)) {
    command.error(`error: --out ${raw.out} lies in the inbox ${work.folder}: what is published would be encoded again`)
  }
  const { workers = null, json = false } = raw
  return { kind: 'run', options: { work, ladder: ladderChoice(raw.ladder, cwd), outFolder, workers, json } }
}

function faultOf(inputs: readonly string[], raw: RawRun): string | null {
  for (const name of ['ladder', 'out', 'inbox'] as const) {
    const value = raw[name]
    if (value === '') return `--${name} is empty`
    // Commander takes the next word whatever it is, so a forgotten value swallows an option.
    if (value?.startsWith('--')) return `--${name} needs a value, got '${value}' (write ./${value} if it is a name)`
  }
  if (raw.demo && inputs.length > 0) return `give inputs or --demo, not both (got '${inputs[0]}')`
  if (raw.inbox !== undefined && raw.demo) return 'give --inbox or --demo, not both'
  if (raw.inbox !== undefined && inputs.length > 0) return `give inputs or --inbox, not both (got '${inputs[0]}')`
  return null
}

function workOf(inputs: readonly string[], raw: RawRun, cwd: string): RunWork {
  if (raw.demo) return { mode: 'demo' }
  if (inputs.length > 0) return { mode: 'inputs', args: inputs }
  return { mode: 'inbox', folder: path.resolve(cwd, raw.inbox ?? DEFAULT_INBOX) }
}

function parseWorkers(given: string): number {
  const count = /^\d{1,4}$/.test(given) ? Number(given) : 0
  if (count < 1 || count > MAX_WORKERS)
    throw new InvalidArgumentError(`it must be a whole number from 1 to ${MAX_WORKERS}`)
  return count
}

function contains(folder: string, inner: string): boolean {
  const relative = path.relative(folder, inner)
  return relative === '' || (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative))
}

/** Commander's message as one line of ours, with the way on. */
function usageLine(error: CommanderError, argv: readonly string[]): string {
  if (error.code === 'commander.unknownCommand' && looksLikeInput(argv[0] ?? '')) {
    return `unknown command '${argv[0]}'; to encode it: gantry run ${argv[0]}`
  }
  const message = error.code === 'commander.help' ? 'no command is given' : error.message
  const text = message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\(Did you mean (.*?)\?\)/, '(did you mean $1?)')
    .replace(/\.$/, '')
  const command = ['run', 'plan', 'ladders'].includes(argv[0] ?? '') ? `gantry ${argv[0]}` : 'gantry'
  return `${text}; see ${command} --help`
}

function looksLikeInput(word: string): boolean {
  return /[./\\]/.test(word)
}
