/** Settings from the environment, checked all at once before anything starts. */
import { GantryError } from '../contract/errors'
import { SETTINGS, type Setting, type SettingName, type Settings } from './settings'

type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = 'GANTRY_'
/** Switches of test builds; not settings of the product. */
const TEST_PREFIX = 'GANTRY_TEST_'
const FILE_SUFFIX = '_FILE'

/**
 * The named settings. `<NAME>_FILE` names a file that holds the value, as container secrets do; an empty variable is
 * as good as none.
 *
 * @param readFile Reads a secret's file; called only for `_FILE` variables.
 * @throws CONFIG_INVALID with a line for every problem, also for variables that begin with GANTRY_ and are none.
 */
export function readSettings<Name extends SettingName>(
  env: Environment,
  names: readonly Name[],
  readFile: (path: string) => string,
): Pick<Settings, Name> {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const name of names) {
    const found = findValue(env, name, readFile)
    if ('problem' in found) {
      problems.push(found.problem)
      continue
    }
    const checked = (SETTINGS[name] as Setting).schema.safeParse(found.value)
    if (checked.success) values[name] = checked.data
    else problems.push(`${name} ${checked.error.issues[0]?.message ?? 'cannot be used'}${received(name, found)}`)
  }
  problems.push(...unknownVariables(env))
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

interface FoundValue {
  value: string | undefined
  /** The `_FILE` variable that it came from. */
  file?: string
}

function findValue(
  env: Environment,
  name: SettingName,
  readFile: (path: string) => string,
): FoundValue | { problem: string } {
  const variable = name + FILE_SUFFIX
  const value = env[name] === '' ? undefined : env[name]
  const path = env[variable] ?? ''
  if (path === '') return { value }
  if (value !== undefined) return { problem: `${name} and ${variable} are both set; set one of them` }
  try {
    const text = readFile(path).trim()
    return { value: text === '' ? undefined : text, file: `${variable}=${quoted(path)}` }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    return { problem: `${variable} must name a file that can be read, got ${quoted(path)}${code}` }
  }
}

function unknownVariables(env: Environment): string[] {
  const known = Object.keys(SETTINGS).flatMap((name) => [name, name + FILE_SUFFIX])
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith(TEST_PREFIX) && !known.includes(name))
    .sort()
    .map((name) => `${name} is no setting${suggestion(name, known)}; docs/configuration.md lists all`)
}

function received(name: SettingName, { value, file }: FoundValue): string {
  if (value === undefined) return file === undefined ? '; it is not set' : `; the file of ${file} is empty`
  if (isSecret(name)) return '; its value is a secret and not shown'
  return `, got ${quoted(value)}${file === undefined ? '' : ` from ${file}`}`
}

/** With control characters escaped, since this goes to a terminal. */
function quoted(text: string): string {
  return JSON.stringify(Array.from(text).slice(0, 200).join(''))
}

function isSecret(name: string): boolean {
  return Object.hasOwn(SETTINGS, name) && (SETTINGS as Readonly<Record<string, Setting>>)[name]?.secret === true
}

/** More than this is another word, not a typing error. */
const MAX_DISTANCE = 3

function suggestion(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(candidate, name) }))
    .sort((a, b) => a.distance - b.distance)
  return nearest === undefined || nearest.distance > MAX_DISTANCE ? '' : ` (did you mean ${nearest.candidate}?)`
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
