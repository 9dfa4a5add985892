/** A playlist as numbered lines: tags, URIs, nothing else. Source: RFC 8216, 4.1. */
import { GantryError } from '../../core/contract/errors'

export interface TagLine {
  kind: 'tag'
  /** From 1. */
  number: number
  /** Without `#`, for example `EXT-X-VERSION`. */
  name: string
  /** Behind the colon; null where there is none. */
  value: string | null
}

export interface UriLine {
  kind: 'uri'
  number: number
  uri: string
}

export type PlaylistLine = TagLine | UriLine

/** What a playlist may hold besides text: nothing. Line ends are taken off before. */
const CONTROL = /\p{Cc}/u
const TAG = /^#(EXT[A-Z0-9-]*)(?::(.*))?$/s

/**
 * Comments and blank lines are left out.
 *
 * @throws SOURCE_UNREADABLE with the line when the text does not begin with EXTM3U, or holds a control character, a
 * space in a URI or a tag whose name is not followed by `:` or nothing.
 */
export function readLines(text: string): PlaylistLine[] {
  const [first, ...rest] = text.split(/\r?\n/)
  if (first !== '#EXTM3U') throw unreadable(1, `must be '#EXTM3U', got ${shown(first ?? '')}`)
  return rest.flatMap((line, index) => readLine(line, index + 2))
}

function readLine(line: string, number: number): PlaylistLine[] {
  if (CONTROL.test(line)) throw unreadable(number, `must hold no control character, got ${shown(line)}`)
  const read = lineOf(line, number)
  if (read === 'no tag') {
    throw unreadable(number, `a tag must be '#EXT-NAME' or '#EXT-NAME:value', got ${shown(line)}`)
  }
  if (read?.kind === 'uri' && /\s/.test(line)) throw unreadable(number, `a URI must hold no space, got ${shown(line)}`)
  return read === null ? [] : [read]
}

/** What a line is; null for a comment or nothing. Whatever else is wrong with it is the caller's to say. */
export function lineOf(line: string, number: number): PlaylistLine | 'no tag' | null {
  if (line === '' || (line.startsWith('#') && !line.startsWith('#EXT'))) return null
  if (!line.startsWith('#')) return { kind: 'uri', number, uri: line }
  const [, name, value = null] = TAG.exec(line) ?? []
  return name === undefined ? 'no tag' : { kind: 'tag', number, name, value }
}

/** @throws SOURCE_UNREADABLE when a tag that stands alone has a value. */
export function noValue({ number, name, value }: TagLine): void {
  if (value !== null) throw unreadable(number, `${name} takes no value, got ${shown(value)}`)
}

/** @throws SOURCE_UNREADABLE unless the value is a decimal integer up to 2^53 - 1. Source: RFC 8216, 4.2. */
export function integerValue({ number, name, value }: TagLine): number {
  return integer(number, name, value ?? '')
}

export function integer(number: number, name: string, text: string): number {
  if (!/^[0-9]{1,16}$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw unreadable(number, `${name} must be a decimal integer up to 2^53-1, got ${shown(text)}`)
  }
  return Number(text)
}

/** Decimal digits with or without a fraction; no sign, no exponent. */
export function decimalNumber(number: number, name: string, text: string): number {
  if (!/^[0-9]{1,16}(\.[0-9]{1,32})?$/.test(text)) {
    throw unreadable(number, `${name} must be a decimal number, got ${shown(text)}`)
  }
  return Number(text)
}

/** @throws SOURCE_UNREADABLE unless the text is one of a few words. */
export function oneOf<const Word extends string>(
  number: number,
  name: string,
  text: string | null,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === text)
  if (found === undefined) throw unreadable(number, `${name} must be ${words.join(', ')}, got ${shown(text ?? '')}`)
  return found
}

export function unreadable(number: number, message: string): GantryError {
  return new GantryError('SOURCE_UNREADABLE', `playlist line ${number}: ${message}`, { line: number })
}

/** Text of a playlist as it may stand in a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)
}
