/** Text to plain data, with the place of every value, by a YAML reader that gives a hostile file no room. */
import {
  type Document,
  LineCounter,
  type Node,
  type ParsedNode,
  type YAMLError,
  type YAMLMap,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  visit,
} from 'yaml'
import { figure, type FieldPath } from './fields'
import { quoted } from './printable'

const MAX_TEXT_BYTES = 64 * 1024

/** Enough for a value that entries share; too few for aliases of aliases to grow into anything. */
const MAX_ALIASES = 32

/** In one list or mapping. Many more than a file needs, few enough that comparing them all costs nothing. */
const MAX_ENTRIES = 1_000

const TOO_DEEP = 'nested too deeply'
const NO_TAGS = 'tags are not allowed, write the plain value'

export interface TextPlace {
  line: number
  column: number
}

export interface TextProblem extends TextPlace {
  message: string
}

export interface ReadText {
  value: unknown
  /** Where a value begins, or the section that lacks it. With `key`, where that key of the section at `path` is. */
  placeOf: (path: FieldPath, key?: string) => TextPlace
  /** The value as it was typed, where it is one word: a number may not survive reading (`1e309`). */
  typed: (path: FieldPath) => string | null
}

/** `5_000_000`: YAML 1.2 reads it as text, but it is how long numbers are best written. */
const GROUPED_INTEGER = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?[0-9]+(?:_[0-9]+)+$/,
  resolve: (text: string): number => Number(text.replaceAll('_', '')),
} as const

/**
 * YAML 1.2 with the core types; JSON is a subset of it. Refused, each with its place: more than 64 KiB, explicit tags,
 * a key given twice, keys that are no text, a second document, an unknown alias, more than 32 aliases, more than 1000
 * entries in one list or mapping. `__proto__` is a key like any other.
 *
 * Keys are compared here and not by the parser, whose check takes seconds on some ten thousand keys; and a document
 * with problems is never turned into values, which can take minutes for keys nested in keys (both measured).
 */
export function readYaml(text: string): ReadText | readonly TextProblem[] {
  const bytes = new TextEncoder().encode(text).length
  if (bytes > MAX_TEXT_BYTES) {
    const message = `the file has ${figure(bytes)} bytes, at most ${figure(MAX_TEXT_BYTES)} are allowed`
    return [{ line: 1, column: 1, message }]
  }
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    merge: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
    customTags: (tags) => [...tags, GROUPED_INTEGER],
  })
  const problems = textProblems(document)
  if (problems.length > 0) return problems.map(({ offset, message }) => ({ ...placeAt(lines, offset), message }))
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    return { value, placeOf: (path, key) => placeAt(lines, offsetOf(document, path, key)), typed: typedIn(document) }
  } catch {
    return [{ line: 1, column: 1, message: 'aliases of aliases grow too large; write the values out' }]
  }
}

interface OffsetProblem {
  offset: number
  message: string
}

function textProblems(document: Document.Parsed): OffsetProblem[] {
  const parsed = [...document.errors, ...document.warnings].map(parserProblem)
  // Every level that was given up has its error, and those that follow are its consequence.
  const tooDeep = parsed.find(({ message }) => message === TOO_DEEP)
  return tooDeep === undefined ? [...parsed, ...refusals(document)].sort((a, b) => a.offset - b.offset) : [tooDeep]
}

/** In our words where the reader's own would puzzle somebody who does not know YAML's terms. */
function parserProblem(error: YAMLError): OffsetProblem {
  const [offset] = error.pos
  switch (error.code) {
    case 'MULTIPLE_DOCS':
      return { offset, message: 'a second document begins here; a file holds one' }
    case 'NON_STRING_KEY':
      return { offset, message: 'a key must be text' }
    case 'RESOURCE_EXHAUSTION':
      return { offset, message: TOO_DEEP }
    case 'TAG_RESOLVE_FAILED':
      return { offset, message: NO_TAGS }
    default:
      return { offset, message: `not valid YAML: ${lowerFirst(error.message)}` }
  }
}

/** What the parser lets pass and no file of ours has a use for. */
function refusals(document: Document.Parsed): OffsetProblem[] {
  const found: OffsetProblem[] = []
  const anchors = new Set<string>()
  let aliases = 0
  visit(document, {
    Alias: (_, alias) => {
      aliases++
      const offset = startOf(alias)
      if (!anchors.has(alias.source)) found.push({ offset, message: `no anchor ${quoted(alias.source)} before here` })
      if (aliases <= MAX_ALIASES) return undefined
      found.push({ offset, message: `more than ${MAX_ALIASES} aliases; write the values out` })
      return visit.BREAK
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.add(node.anchor)
      const tag = node.tag
      // An unknown tag is reported by the parser already, as a warning.
      if (tag?.startsWith('tag:yaml.org,2002:') === true) {
        found.push({ offset: startOf(node), message: NO_TAGS })
      }
      if ((isMap(node) || isSeq(node)) && node.items.length > MAX_ENTRIES) {
        found.push({
          offset: startOf(node),
          message: `${node.items.length} entries, at most ${MAX_ENTRIES} are allowed`,
        })
        return visit.BREAK
      }
      if (isMap(node)) found.push(...repeatedKeys(node))
      return undefined
    },
  })
  return found
}

function repeatedKeys(map: YAMLMap): OffsetProblem[] {
  const seen = new Set<string>()
  const found: OffsetProblem[] = []
  for (const { key } of map.items) {
    if (!isScalar(key)) continue
    const name = String(key.value)
    if (seen.has(name)) found.push({ offset: startOf(key), message: `the key ${quoted(name)} is given twice` })
    seen.add(name)
  }
  return found
}

/** Follows the path through aliases; stops at the last node there is. */
function follow(document: Document.Parsed, path: FieldPath): { node: unknown; whole: boolean } {
  let node: unknown = document.contents
  for (const step of path) {
    const inside = isAlias(node) ? node.resolve(document) : node
    const next: unknown = isMap(inside) || isSeq(inside) ? inside.get(step, true) : undefined
    if (next === undefined || next === null) return { node, whole: false }
    node = next
  }
  return { node, whole: true }
}

function offsetOf(document: Document.Parsed, path: FieldPath, key?: string): number {
  const { node } = follow(document, path)
  const section = isAlias(node) ? node.resolve(document) : node
  const pair = isMap(section) ? section.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined
  return startOf(pair?.key ?? node)
}

function typedIn(document: Document.Parsed): ReadText['typed'] {
  return (path) => {
    const { node, whole } = follow(document, path)
    const scalar = isAlias(node) ? node.resolve(document) : node
    return whole && isScalar(scalar) ? (scalar.source ?? null) : null
  }
}

function startOf(node: unknown): number {
  return (node as Partial<Node | ParsedNode> | null)?.range?.[0] ?? 0
}

function placeAt(lines: LineCounter, offset: number): TextPlace {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
