/** Ladder text to a checked ladder, or to one error that says all that is wrong with it and how to mend it. */
import type { z } from 'zod'
import { GantryError } from '../core/contract/errors'
import { allowedText, fieldAt, LADDER_ROOT, pathText, type FieldPath } from './fields'
import { likelyFix, likelyName } from './likely-fix'
import { clipped, printable, quoted } from './printable'
import { ladderSchema, type Ladder } from './schema'
import { readYaml, type ReadText, type TextPlace, type TextProblem } from './yaml-text'

/** One thing that is wrong, as in `details.problems` of the error. */
export interface LadderProblem extends TextPlace {
  /** `rungs[2].maxBitrateBps`; empty where the text as a whole is meant. */
  path: string
  message: string
}

/** A file that is wrong everywhere need not fill a screen more than once. */
const MAX_LISTED = 50

/**
 * Reads a ladder from YAML 1.2 or JSON, at most 64 KiB.
 *
 * Every default is filled in. Text that is not well-formed is reported as such, without looking at its fields.
 *
 * @param fileName For messages only.
 * @throws LADDER_INVALID with one line per problem (`file:line:column: path must be ..., got ... (likely fix)`), up to
 * 50, and the same in `details.problems`.
 */
export function parseLadder(text: string, fileName: string): Ladder {
  const read = readYaml(text)
  if (!('value' in read)) throw invalid(fileName, read.map(asTextProblem))
  const checked = ladderSchema.safeParse(read.value)
  if (checked.success) return checked.data
  const problems = checked.error.issues.flatMap((issue) => issueProblems(issue, read))
  throw invalid(fileName, withoutRepeats(problems).sort(byPlace))
}

function invalid(fileName: string, problems: readonly LadderProblem[]): GantryError {
  const shown = problems.slice(0, MAX_LISTED)
  const lines = shown.map(({ line, column, message }) => `${printable(fileName)}:${line}:${column}: ${message}`)
  const rest = problems.length - shown.length
  const message = [...lines, ...(rest > 0 ? [`and ${rest} more problems`] : [])].join('\n')
  return new GantryError('LADDER_INVALID', message, { file: fileName, problems: shown, problemCount: problems.length })
}

function asTextProblem({ line, column, message }: TextProblem): LadderProblem {
  return { path: '', line, column, message: printable(message) }
}

function issueProblems(issue: z.core.$ZodIssue, read: ReadText): LadderProblem[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, read))
  const subject = path.length === 0 ? 'a ladder' : pathText(path)
  const message = `${subject} ${issue.code === 'custom' ? betweenFields(issue, read) : ownRange(path, read)}`
  return [{ path: pathText(path), ...read.placeOf(path), message }]
}

function unknownKey(path: FieldPath, key: string, read: ReadText): LadderProblem {
  const full = pathText([...path, key])
  const advice = likelyName(fieldAt(path) ?? LADDER_ROOT, key)
  return { path: full, ...read.placeOf(path, key), message: `${full} is not a field (${advice})` }
}

function ownRange(path: FieldPath, read: ReadText): string {
  const field = fieldAt(path) ?? LADDER_ROOT
  const received = valueAt(read.value, path)
  const allowed = allowedText(field)
  if (received === undefined) return `is missing, it must be ${allowed}`
  const fix = likelyFix(field, String(path.at(-1) ?? ''), received)
  return `must be ${allowed}, got ${receivedText(received, read.typed(path))}${inBrackets(fix)}`
}

/** A rule between fields can be broken by a default, which is not in the file. */
function betweenFields(issue: z.core.$ZodIssueCustom, read: ReadText): string {
  const received = valueAt(read.value, issue.path)
  const { default: byDefault } = fieldAt(issue.path) ?? {}
  const got =
    received === undefined ? `${String(byDefault)} by default` : receivedText(received, read.typed(issue.path))
  const fix: unknown = issue.params?.['fix']
  return `${issue.message}, got ${got}${inBrackets(typeof fix === 'string' ? fix : null)}`
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
function withoutRepeats(problems: readonly LadderProblem[]): LadderProblem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()]
}

function byPlace(a: LadderProblem, b: LadderProblem): number {
  return a.line - b.line || a.column - b.column
}
