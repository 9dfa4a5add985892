/** The commands on assets that exist, as typed data. */
import path from 'node:path'
import type { Command } from 'commander'
import { STATUS_HELP } from '../help-text'
import { parseWorkers } from '../run/arguments'

/** Absolute folder of `gantry run`; null: where the settings of the services say, else the usual folder. */
type Where = { outFolder: string | null }

export type AssetsOptions = Where & { json: boolean } & (
    { action: 'status'; assets: readonly string[] } | { action: 'cancel' | 'delete'; asset: string } | AgainOptions
  )

/** What makes work; on one machine the command does it itself. */
export type AgainOptions = { asset: string; workers: number | null } & (
  { action: 'retry' } | { action: 'redo'; rungId: string }
)

interface RawAgain extends RawWhere {
  workers?: number
  rung?: string
}

interface RawWhere {
  out?: string
  json?: true
}

type Tell = (options: AssetsOptions) => void
type Common = (raw: RawWhere, command: Command) => Where & { json: boolean }

/** @param cwd Absolute folder of the caller. */
export function addAssets(program: Command, cwd: string, tell: Tell): void {
  const common: Common = (raw, command) => {
    if (raw.out === '') command.error('error: --out is empty')
    if (raw.out?.startsWith('--') === true) command.error(`error: --out needs a value, got '${raw.out}'`)
    return { outFolder: raw.out === undefined ? null : path.resolve(cwd, raw.out), json: raw.json ?? false }
  }
  addStatus(program, common, tell)
  addEnds(program, common, tell)
  addWork(program, common, tell)
}

function addStatus(program: Command, common: Common, tell: Tell): void {
  withWhere(program.command('status'), 'print one JSON object for each asset, one a line')
    .summary('say how assets stand: runs, parts, failures')
    .description(
      'Says how assets stand, from the state alone: it works while the services run, and when they are away.',
    )
    .argument('[assets...]', 'ids, their first characters, or names of output folders; without one, all')
    .addHelpText('after', `\n${STATUS_HELP}`)
    .action((assets: string[], raw: RawWhere, command: Command) =>
      tell({ action: 'status', assets, ...common(raw, command) }),
    )
}

function addEnds(program: Command, common: Common, tell: Tell): void {
  withWhere(program.command('cancel'), OUTCOME)
    .summary('end the work on an asset')
    .description('Ends the work on an asset. What was finished is kept for a retry; nothing of the run is published.')
    .argument('<asset>', ASSET)
    .action((asset: string, raw: RawWhere, command: Command) =>
      tell({ action: 'cancel', asset, ...common(raw, command) }),
    )
  withWhere(program.command('delete'), OUTCOME)
    .summary('take an asset away')
    .description('Removes all that is published of an asset and all that its runs have stored. The master stays.')
    .argument('<asset>', ASSET)
    .action((asset: string, raw: RawWhere, command: Command) =>
      tell({ action: 'delete', asset, ...common(raw, command) }),
    )
}

function addWork(program: Command, common: Common, tell: Tell): void {
  withWork(program.command('retry'))
    .summary('make what failed or was cancelled after all')
    .description('Opens the next run of an asset that failed or was cancelled. What was finished is taken over.')
    .argument('<asset>', ASSET)
    .action((asset: string, raw: RawAgain, command: Command) =>
      tell({ action: 'retry', asset, workers: raw.workers ?? null, ...common(raw, command) }),
    )
  withWork(program.command('redo'))
    .summary('encode one rung of a published asset anew')
    .description(
      'Opens the next run of a published asset, in which one rung is encoded anew and all else is taken over.',
    )
    .argument('<asset>', ASSET)
    .requiredOption('--rung <id>', 'the rung, for example 720p')
    .action((asset: string, raw: RawAgain, command: Command) =>
      tell({ action: 'redo', asset, rungId: raw.rung ?? '', workers: raw.workers ?? null, ...common(raw, command) }),
    )
}

const OUTCOME = 'print what came of it as one JSON object'
const ASSET = 'id, its first characters, or name of the output folder'

/** In an output folder of `gantry run` the command does the work itself; else the services do. */
function withWork(command: Command): Command {
  return withWhere(command, 'print events, or what came of it for the services, as JSON').option(
    '--workers <n>',
    'worker processes for work in an output folder (default: as many as fit the machine)',
    parseWorkers,
  )
}

function withWhere(command: Command, json: string): Command {
  return command
    .option('--out <dir>', 'output folder of gantry run (default: GANTRY_STATE and GANTRY_OUTPUT, else gantry-out)')
    .option('--json', json)
    .helpOption('-h, --help', 'print this help')
}
