/** `gantry routes ...` as typed data. */
import path from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { ROUTES_HELP } from '../help-text'
import { STDIN, textFiles, type TextFile } from '../input/text-files'

export type RoutesOptions =
  | { action: 'check'; files: readonly TextFile[] }
  | ({ action: 'test' } & TestedObject)
  | { action: 'schema'; of: 'routes' | 'request' }

export interface TestedObject {
  /** Absolute. */
  file: string
  bucket: string
  key: string
  tags: Readonly<Record<string, string>>
  metadata: Readonly<Record<string, string>>
}

interface RawTest {
  bucket: string
  key: string
  tag?: Record<string, string>
  metadata?: Record<string, string>
}

export function addRoutes(program: Command, cwd: string, tell: (options: RoutesOptions) => void): void {
  const routes = program
    .command('routes')
    .summary('check routes files, and say which rule an object goes by')
    .description('A routes file says which ladder and which destination the masters of the services go by.')
    .usage('<command> [options]')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', `\n${ROUTES_HELP}`)
  routes
    .command('check')
    .description('says what is wrong with routes files and the ladders they name; exit code 1 when anything is')
    .argument('<files...>', `routes files; ${STDIN} is standard input`)
    .action((given: string[], _flags: object, command: Command) =>
      tell({ action: 'check', files: textFiles(given, command, cwd) }),
    )
  routes
    .command('test')
    .description('says which rule an object goes by, and why the others do not count')
    .argument('<file>', 'routes file')
    .requiredOption('--bucket <name>', 'bucket of the object')
    .requiredOption('--key <key>', 'key of the object')
    .option('--tag <name=value>', 'a tag of the object; may be given several times', collectPair)
    .option('--metadata <name=value>', 'user metadata of the object; may be given several times', collectMetadata)
    .action((file: string, raw: RawTest, command: Command) => {
      if (file === '') command.error('error: the name of the file is empty')
      const { bucket, key, tag: tags = {}, metadata = {} } = raw
      tell({ action: 'test', file: path.resolve(cwd, file), bucket, key, tags, metadata })
    })
  routes
    .command('schema')
    .description('prints the JSON Schema of routes files, for editors')
    .option('--request', 'that of requests in its place')
    .action(({ request }: { request?: true }) => tell({ action: 'schema', of: request ? 'request' : 'routes' }))
}

function collectPair(given: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = given.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('it must be NAME=VALUE')
  return Object.fromEntries([...Object.entries(before), [given.slice(0, equals), given.slice(equals + 1)]])
}

/** S3 keeps names in lower case. */
function collectMetadata(given: string, before?: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(collectPair(given, before))
  return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]))
}
