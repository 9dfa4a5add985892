/** Text to a checked value, or to one error that says all that is wrong with it and how to mend it. */
import type { z } from 'zod'
import { GantryError } from '../core/contract/errors'
import { allowedText, fieldAt, pathText, type FieldPath } from './fields'
import { formIssues } from './form-issues'
import type { Language } from './language'
import { likelyFix, likelyName } from './likely-fix'
import { clipped, printable, quoted } from './printable'
import { readYaml, type ReadText, type TextPlace, type TextProblem } from './yaml-text'

/** One thing that is wrong, as in `details.problems` of the error. */
export interface Problem extends TextPlace {
  /** `rungs[2].maxBitrateBps`; empty where the text as a whole is meant. */
  path: string
  message: string
}

/** A file that is wrong everywhere need not fill a screen more than once. */
const MAX_LISTED = 50

/**
 * Reads YAML 1.2 or JSON, at most 64 KiB.
 *
 * Every default is filled in. Text that is not well-formed is reported as such, without looking at its fields.
 *
 * @param fileName For messages only.
 * @throws The language's code with one line per problem (`file:line:column: path must be ..., got ... (likely fix)`),
 * up to 50, and the same in `details.problems`.
 */
export function parseText<T>(language: Language<T>, text: string, fileName: string): T {
  const read = readYaml(text)
  if (!('value' in read)) throw invalid(language, fileName, read.map(asTextProblem))
  const reading: Reading = { ...read, language }
  const checked = language.schema.safeParse(read.value)
  const lost = protoPaths(read.value).map((path) => unknownKey(path, '__proto__', reading))
  if (checked.success && lost.length === 0) return checked.data
  const issues = (checked.error?.issues ?? []).flatMap(formIssues)
  const problems = [...lost, ...issues.flatMap((issue) => issueProblems(issue, reading))]
  throw invalid(language, fileName, withoutRepeats(problems).sort(byPlace))
}

interface Reading extends ReadText {
  language: Language<unknown>
}

function invalid({ code }: Language<unknown>, fileName: string, problems: readonly Problem[]): GantryError {
  const shown = problems.slice(0, MAX_LISTED)
  const lines = shown.map(({ line, column, message }) => `${printable(fileName)}:${line}:${column}: ${message}`)
  const rest = problems.length - shown.length
  const message = [...lines, ...(rest > 0 ? [`and ${rest} more problems`] : [])].join('\n')
  return new GantryError(code, message, { file: fileName, problems: shown, problemCount: problems.length })
}

function asTextProblem({ line, column, message }: TextProblem): Problem {
  return { path: '', line, column, message: printable(message) }
}

function issueProblems(issue: z.core.$ZodIssue, read: Reading): Problem[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, read))
  if (issue.code === 'invalid_key') return [badKey(path, read)]
  const subject = path.length === 0 ? read.language.noun : pathText(path)
  const message = `${subject} ${issue.code === 'custom' ? betweenFields(issue, read) : ownRange(path, read)}`
  return [{ path: pathText(path), ...read.placeOf(path), message }]
}

function unknownKey(path: FieldPath, key: string, read: Reading): Problem {
  const { root, otherNames } = read.language
  const full = pathText([...path, key])
  const advice = likelyName(fieldAt(root, path) ?? root, key, otherNames)
  return { path: full, ...read.placeOf(path, key), message: `${full} is not a field (${advice})` }
}

/** Of a mapping whose keys are free within limits. */
function badKey(path: FieldPath, read: Reading): Problem {
  const section = path.slice(0, -1)
  const key = String(path.at(-1) ?? '')
  const { propertyNames = {} } = fieldAt(read.language.root, section) ?? {}
  const message = `a key of ${pathText(section)} must be ${allowedText(propertyNames)}, got ${quoted(key)}`
  return { path: pathText(path), ...read.placeOf(section, key), message }
}

/** Sections with a key `__proto__`, which the checker of free keys passes over in silence. */
function protoPaths(value: unknown, path: FieldPath = [], seen = new Set<object>()): FieldPath[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const below = Object.entries(value).flatMap(([key, child]) =>
    protoPaths(child, [...path, Array.isArray(value) ? Number(key) : key], seen),
  )
  return Object.hasOwn(value, '__proto__') ? [path, ...below] : below
}

function ownRange(path: FieldPath, read: Reading): string {
  const { root } = read.language
  const field = fieldAt(root, path) ?? root
  const received = valueAt(read.value, path)
  const allowed = allowedText(field)
  if (received === undefined) return `is missing, it must be ${allowed}`
  const fix = likelyFix(field, String(path.at(-1) ?? ''), received)
  return `must be ${allowed}, got ${receivedText(received, read.typed(path))}${inBrackets(fix)}`
}

/** A rule between fields can be broken by a default, which is not in the file. */
function betweenFields(issue: z.core.$ZodIssueCustom, read: Reading): string {
  const received = valueAt(read.value, issue.path)
  const { default: byDefault } = fieldAt(read.language.root, issue.path) ?? {}
  const fix: unknown = issue.params?.['fix']
  const advice = inBrackets(typeof fix === 'string' ? fix : null)
  // That there is a section says nothing.
  if (typeof received === 'object' && received !== null) return `${issue.message}${advice}`
  const got =
    received === undefined ? `${String(byDefault)} by default` : receivedText(received, read.typed(issue.path))
  return `${issue.message}, got ${got}${advice}`
}

/** Numbers as they were typed: what they were read as may be another (`1e309`). */
function receivedText(value: unknown, typed: string | null): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (value === null) return 'nothing'
  if (typeof value === 'number' || typeof value === 'boolean') return clipped(typed ?? String(value))
  return 'a mapping'
}

function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((inside, step) => {
    const has = typeof inside === 'object' && inside !== null && Object.hasOwn(inside, step)
    return has ? (inside as Record<PropertyKey, unknown>)[step] : undefined
  }, value)
}

function inBrackets(fix: string | null): string {
  return fix === null ? '' : ` (${fix})`
}

/** A value that breaks two bounds of one field (too large and odd) is still one problem. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()]
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column
}
