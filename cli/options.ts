/** The command line as typed data. Nothing here prints, exits or looks at the disk. */
import { Command, CommanderError } from 'commander'
import { PROGRAM_HELP } from './help-text'
import { addAssets, type AssetsOptions } from './assets/arguments'
import { addLadders, type LaddersOptions } from './ladders/arguments'
import { addPlan, type PlanOptions } from './plan/arguments'
import { addRoutes, type RoutesOptions } from './routes/arguments'
import { addRun, type RunOptions } from './run/arguments'
import { addVerify, type VerifyOptions } from './verify/arguments'

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
  | { kind: 'routes'; options: RoutesOptions }
  | { kind: 'assets'; options: AssetsOptions }
  | { kind: 'verify'; options: VerifyOptions }
  | { kind: 'help'; text: string }
  | { kind: 'usage'; message: string }

/** Exit code of a command line that is not understood. */
export const USAGE_EXIT_CODE = 2

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
  addRun(program, context.cwd, (options) => tell({ kind: 'run', options }))
  addPlan(program, context.cwd, (options) => tell({ kind: 'plan', options }))
  addLadders(program, context.cwd, (options) => tell({ kind: 'ladders', options }))
  addRoutes(program, context.cwd, (options) => tell({ kind: 'routes', options }))
  addAssets(program, context.cwd, (options) => tell({ kind: 'assets', options }))
  addVerify(program, context.cwd, (options) => tell({ kind: 'verify', options }))
  return program
}

function extraHelp(text: string): string {
  return `\n${text}`
}

const COMMANDS: readonly string[] = [
  'run',
  'plan',
  'ladders',
  'routes',
  'status',
  'cancel',
  'delete',
  'retry',
  'redo',
  'verify',
]

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
  const command = COMMANDS.includes(argv[0] ?? '') ? `gantry ${argv[0]}` : 'gantry'
  return `${text}; see ${command} --help`
}

function looksLikeInput(word: string): boolean {
  return /[./\\]/.test(word)
}
