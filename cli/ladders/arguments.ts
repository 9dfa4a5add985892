/** `gantry ladders ...` as typed data. */
import type { Command } from 'commander'
import { ladderChoice, type LadderChoice } from '../../scheduler/find-ladder'
import { LADDERS_HELP } from '../help-text'
import { STDIN, textFiles, type TextFile } from '../input/text-files'

export type LaddersOptions =
  | { action: 'list'; json: boolean }
  | { action: 'show'; ladder: LadderChoice; json: boolean }
  | { action: 'check'; files: readonly TextFile[] }
  | { action: 'schema' }

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
      tell({ action: 'check', files: textFiles(given, command, cwd) })
    })
  ladders
    .command('schema')
    .description('prints the JSON Schema of ladder files, for editors')
    .action(() => tell({ action: 'schema' }))
}
