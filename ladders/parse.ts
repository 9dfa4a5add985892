/** A ladder file's text to a Ladder, or to one error that names every problem with its place. */
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'
import { GantryError } from '../core/contract/errors'
import { ladderSchema, type Ladder } from './schema'

/** A ladder of 20 rungs takes some 4 KiB. */
const MAX_TEXT_CHARS = 65_536

/**
 * Reads YAML or JSON (which YAML contains).
 *
 * @param file Name for messages.
 * @throws LADDER_INVALID; the message has a line for each problem: place, value received, what is allowed.
 */
export function parseLadder(text: string, file: string): Ladder {
  if (text.length > MAX_TEXT_CHARS) {
    throw invalid(file, [`it has ${text.length} characters; at most ${MAX_TEXT_CHARS} are read`])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, schema: 'core', prettyErrors: false })
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${line}:${col}`
  }
  if (document.errors.length > 0) {
    throw invalid(
      file,
      document.errors.map(({ message, pos }) => `${place(pos[0])}: ${message}`),
    )
  }
  const checked = ladderSchema.safeParse(plainValue(document, file))
  if (checked.success) return checked.data
  throw invalid(
    file,
    checked.error.issues.flatMap((issue) => describe(issue, document, place)),
  )
}

/** Aliases are refused: a few of them, nested, make gigabytes of a small file. */
function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown
  } catch {
    throw invalid(file, ['aliases (*name) are not allowed; write the values out'])
  }
}

function describe(issue: z.core.$ZodIssue, document: Document, place: (offset: number) => string): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const where = place(offsetOf(document, [...issue.path, key], true))
      return `${where}: ${pathText([...issue.path, key])} is no field of a ladder; see docs/ladders.md`
    })
  }
  const where = place(offsetOf(document, issue.path, false))
  const value = document.getIn(issue.path)
  const got = isNode(value) ? JSON.stringify(value.toJS(document)) : JSON.stringify(value)
  const received = got === undefined ? 'is missing' : `got ${got.slice(0, 80)}`
  return [`${where}: ${pathText(issue.path)}: ${allowedText(issue)}, ${received}${hint(issue, value)}`]
}

function allowedText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return `must be at least ${String(issue.minimum)}${issue.origin === 'array' ? ' entries' : ''}`
    case 'too_big':
      return `must be at most ${String(issue.maximum)}${issue.origin === 'array' ? ' entries' : ''}`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'invalid_type':
      return `must be of type ${issue.expected}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    default:
      return issue.message
  }
}

/** The mistakes people make: kilobits where bits are meant, and a bit rate with a unit. */
function hint(issue: z.core.$ZodIssue, value: unknown): string {
  if (!String(issue.path.at(-1)).endsWith('Bps')) return ''
  const number = isScalar(value) ? value.value : value
  if (issue.code === 'too_small' && typeof number === 'number' && number > 0) {
    return ` (kilobits by mistake? use ${Math.round(number * 1_000)})`
  }
  return typeof number === 'string' ? ' (bits a second as a plain number, for example 5000000)' : ''
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return text === '' ? 'the file' : text.replace(/^\./, '')
}

/** Where a path stands in the text; for a missing value, where its parent does. */
function offsetOf(document: Document, path: readonly PropertyKey[], ofKey: boolean): number {
  let node: unknown = document.contents
  let offset = 0
  for (const [depth, part] of path.entries()) {
    const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === part) : undefined
    if (isPair(pair) && isNode(pair.key) && ofKey && depth === path.length - 1) return pair.key.range?.[0] ?? offset
    node = pair?.value ?? (isSeq(node) ? node.items[Number(part)] : undefined)
    if (!isNode(node)) return offset
    offset = node.range?.[0] ?? offset
  }
  return offset
}

function invalid(file: string, problems: readonly string[]): GantryError {
  const list = problems.map((problem) => `\n  ${problem}`).join('')
  return new GantryError('LADDER_INVALID', `the ladder file '${file}' cannot be used:${list}`, { file, problems })
}
