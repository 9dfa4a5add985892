/** `gantry ladders ...` as typed data. */
import path from 'node:path'
import type { Command } from 'commander'
import { ladderChoice, type LadderChoice } from '../../scheduler/find-ladder'
import { LADDERS_HELP } from '../help-text'

export type LaddersOptions =
  | { action: 'list'; json: boolean }
  | { action: 'show'; ladder: LadderChoice; json: boolean }
  | { action: 'check'; files: readonly LadderFile[] }
  | { action: 'schema' }

export interface LadderFile {
  /** As typed, for messages. */
  name: string
  /** Absolute; null is standard input. */
  path: string | null
}

const STDIN = '-'

interface RawFlags {
  json?: true
}

export function addLadders(program: Command, cwd: string, tell: (options: LaddersOptions) => void): void {
  const ladders = program
    .command('ladders')
    .summary('list, show and check ladders; print their JSON Schema')
    .description('What Gantry makes of a master is said by a ladder: one of the built-in ones, or a file of your own.')
    .usage('<command> [options]')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', `\n${LADDERS_HELP}`)
  ladders
    .command('list')
    .description('lists the built-in ladders')
    .option('--json', 'print them as JSON')
    .action(({ json }: RawFlags) => tell({ action: 'list', json: json === true }))
  ladders
    .command('show')
    .description('prints a ladder with every default filled in')
    .argument('<name|file>', 'built-in ladder, or a YAML file')
    .option('--json', 'print it as JSON in place of YAML')
    .action((given: string, { json }: RawFlags, command: Command) => {
      if (given === '') command.error('error: the name is empty')
      tell({ action: 'show', ladder: ladderChoice(given, cwd), json: json === true })
    })
  ladders
    .command('check')
    .description('says what is wrong with ladder files, a problem a line; exit code 1 when anything is')
    .argument('<files...>', `ladder files; ${STDIN} is standard input`)
    .action((given: string[], _flags: object, command: Command) => {
      if (given.includes('')) command.error('error: the name of a file is empty')
      if (given.filter((name) => name === STDIN).length > 1) command.error(`error: ${STDIN} can be given only once`)
      tell({ action: 'check', files: given.map((name) => fileOf(name, cwd)) })
    })
  ladders
    .command('schema')
    .description('prints the JSON Schema of ladder files, for editors')
    .action(() => tell({ action: 'schema' }))
}

function fileOf(name: string, cwd: string): LadderFile {
  return name === STDIN ? { name: 'standard input', path: null } : { name, path: path.resolve(cwd, name) }
}
