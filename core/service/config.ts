/** Settings from the environment, checked all at once before anything starts. */
import { GantryError } from '../contract/errors'
import { SETTINGS, type Setting, type SettingName, type Settings } from './settings'

type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = 'GANTRY_'
/** Switches of test builds; not settings of the product. */
const TEST_PREFIX = 'GANTRY_TEST_'
const FILE_SUFFIX = '_FILE'

/**
 * The named settings. `<NAME>_FILE` names a file that holds the value, as container secrets do.
 *
 * @param readFile Reads a secret's file; called only for `_FILE` variables.
 * @throws CONFIG_INVALID with a line for every problem, also for variables that begin with GANTRY_ and are none.
 */
export function readSettings<Name extends SettingName>(
  env: Environment,
  names: readonly Name[],
  readFile: (path: string) => string,
): Pick<Settings, Name> {
  const problems = unknownVariables(env)
  const values: Record<string, unknown> = {}
  for (const name of names) {
    const setting: Setting = SETTINGS[name]
    const checked = setting.schema.safeParse(valueOf(env, name, readFile, problems))
    if (checked.success) values[name] = checked.data
    else
      problems.push(`${name}: ${checked.error.issues.map(({ message }) => message).join('; ')}, ${received(env, name)}`)
  }
  if (problems.length > 0) {
    const list = problems.map((problem) => `\n  ${problem}`).join('')
    throw new GantryError('CONFIG_INVALID', `the settings cannot be used:${list}`, { problems })
  }
  return values as Pick<Settings, Name>
}

/** The settings as they may be logged. */
export function printable(settings: Partial<Settings>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, isSecret(name) ? '***' : (value as unknown)]),
  )
}

function valueOf(
  env: Environment,
  name: SettingName,
  readFile: (path: string) => string,
  problems: string[],
): string | undefined {
  const file = env[name + FILE_SUFFIX]
  if (file === undefined || file === '') return env[name] === '' ? undefined : env[name]
  try {
    return readFile(file).trim()
  } catch {
    problems.push(`${name}${FILE_SUFFIX}: the file '${file}' cannot be read`)
    return undefined
  }
}

function unknownVariables(env: Environment): string[] {
  const known = new Set(Object.keys(SETTINGS).flatMap((name) => [name, name + FILE_SUFFIX]))
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith(TEST_PREFIX) && !known.has(name))
    .map((name) => `${name} is no setting${suggestion(name)}; docs/configuration.md lists all`)
}

function received(env: Environment, name: SettingName): string {
  const value = env[name]
  if (value === undefined || value === '') return 'it is not set'
  return isSecret(name) ? 'its value is a secret and not shown' : `got '${value.slice(0, 200)}'`
}

function isSecret(name: string): boolean {
  const setting: Setting | undefined = (SETTINGS as Readonly<Record<string, Setting>>)[name]
  return setting?.secret === true
}

/** Typing errors within two letters of a name. */
function suggestion(name: string): string {
  const near = Object.keys(SETTINGS).find((known) => editDistance(known, name) <= 2)
  return near === undefined ? '' : ` (did you mean ${near}?)`
}

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
