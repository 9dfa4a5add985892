/** `gantry plan` on the command line. */
import path from 'node:path'
import type { Command } from 'commander'
import { PLAN_HELP } from '../help-text'
import { DEFAULT_OUT } from '../out-folder'
import type { RequestOptions } from '../input/request'
import { ladderChoice, type LadderChoice } from '../../scheduler/find-ladder'

export interface PlanOptions {
  /** As typed, for messages. */
  file: string
  ladder: LadderChoice
  request: RequestOptions
  /** Absolute; null without one. */
  requestFile: string | null
  /** As typed; null for the built-in prices or those of GANTRY_PRICES. */
  pricesFile: string | null
  /** One JSON object on stdout in place of the text. */
  json: boolean
  /** Absolute; the speeds are those that its runs have shown. */
  outFolder: string
}

const NO_OPTIONS: RequestOptions = { clip: null, posterAtSeconds: null, captions: [], force: null }

interface RawPlan {
  ladder: string
  out: string
  prices?: string
  request?: string
  json?: true
}

/** @param cwd Absolute folder of the caller. */
export function addPlan(program: Command, cwd: string, tell: (options: PlanOptions) => void): void {
  program
    .command('plan')
    .summary('say what would be made of a file, what it costs and why; nothing is encoded')
    .description(
      'Looks at a master as `gantry run` would, and prints what it is, which renditions the ladder makes of it and why, ' +
        'and what that costs. Nothing is encoded or written.',
    )
    .usage('[options] <file>')
    .argument('[files...]', 'one video or audio file')
    .option('--ladder <name|file>', 'built-in ladder, or a YAML file of your own', 'default')
    .option('--prices <file>', 'prices of your own, as YAML or JSON (default: list prices, see docs/costs.md)')
    .option('--out <dir>', 'folder of `gantry run` whose speeds the plan goes by', DEFAULT_OUT)
    .option('--request <file>', 'what is asked of the file, as one document (docs/routes.md)')
    .option('--json', 'print the plan as one JSON object')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${PLAN_HELP}`)
    .action((files: string[], raw: RawPlan, command: Command) => {
      const [file = ''] = files
      const fault = faultOf(files, raw)
      if (fault !== null) command.error(`error: ${fault}`)
      const { prices = null, json = false } = raw
      const requestFile = raw.request === undefined ? null : path.resolve(cwd, raw.request)
      const ladder = ladderChoice(raw.ladder, cwd)
      const outFolder = path.resolve(cwd, raw.out)
      tell({ file, ladder, request: NO_OPTIONS, requestFile, pricesFile: prices, json, outFolder })
    })
}

function faultOf(files: readonly string[], raw: RawPlan): string | null {
  for (const name of ['ladder', 'out', 'prices', 'request'] as const) {
    const value = raw[name]
    if (value === '') return `--${name} is empty`
    // Commander takes the next word whatever it is, so a forgotten value swallows an option.
    if (value?.startsWith('--')) return `--${name} needs a value, got '${value}' (write ./${value} if it is a name)`
  }
  if (files.length === 0) return 'plan needs a file'
  if (files.length > 1) return `plan takes one file at a time, got ${files.length}`
  return null
}
