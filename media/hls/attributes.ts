/** Attribute lists of playlist tags. Source: RFC 8216, 4.2. */
import { decimalNumber, integer, oneOf, shown, unreadable, type TagLine } from './read-lines'

/** Typed access; null where the attribute is absent. @throws SOURCE_UNREADABLE for a value of another type. */
export interface Attributes {
  text(name: string): string | null
  integer(name: string): number | null
  decimal(name: string): number | null
  word<const Word extends string>(name: string, words: readonly Word[]): Word | null
  /** Width and height. */
  resolution(name: string): { widthPx: number; heightPx: number } | null
}

export interface AttributeValue {
  text: string
  isQuoted: boolean
}

/** A name that stands twice, or the text from which on it is no list. */
export type ListFault = { twice: string } | { from: string }

/** One attribute with what ends it. Each part excludes the next one's first character, so matching is linear. */
const ATTRIBUTE = /([A-Z0-9-]+)=(?:"([^"]*)"|([^",\s]+))(,|$)/y

/** @throws SOURCE_UNREADABLE when the list is malformed or names an attribute twice. */
export function attributesOf(line: TagLine): Attributes {
  const values = readList(line)
  const fault = (name: string): string => `${name} of ${line.name}`
  const bare = (name: string): string | null => {
    const value = values.get(name)
    if (value?.isQuoted === true) throw unreadable(line.number, `${fault(name)} must not be quoted`)
    return value?.text ?? null
  }
  /** Reads where there is something to read. */
  const when = <T>(text: string | null, read: (text: string) => T): T | null => (text === null ? null : read(text))
  return {
    text: (name) => {
      const value = values.get(name)
      if (value?.isQuoted === false) throw unreadable(line.number, `${fault(name)} must be quoted`)
      return value?.text ?? null
    },
    integer: (name) => when(bare(name), (text) => integer(line.number, fault(name), text)),
    decimal: (name) => when(bare(name), (text) => decimalNumber(line.number, fault(name), text)),
    word: (name, words) => when(bare(name), (text) => oneOf(line.number, fault(name), text, words)),
    resolution: (name) =>
      when(bare(name), (text) => {
        const [width = '', height = '', ...more] = text.split('x')
        if (more.length > 0) throw unreadable(line.number, `${fault(name)} must be like 1280x720, got ${shown(text)}`)
        const side = (of: string): number => integer(line.number, fault(name), of)
        return { widthPx: side(width), heightPx: side(height) }
      }),
  }
}

/** @throws SOURCE_UNREADABLE when a value is null: for attributes that a tag must have. */
export function required<T>(value: T | null, line: TagLine, name: string): T {
  if (value === null) throw unreadable(line.number, `${line.name} must have ${name}`)
  return value
}

function readList({ number, name, value }: TagLine): Map<string, AttributeValue> {
  return readAttributeList(value ?? '', (fault) => {
    if ('twice' in fault) throw unreadable(number, `${name} has ${fault.twice} twice`)
    throw unreadable(number, `${name} is no list of NAME=value from ${shown(fault.from)} on`)
  })
}

/** Of two values under one name the first counts; behind what is no attribute nothing is read. */
export function readAttributeList(list: string, onFault: (fault: ListFault) => void): Map<string, AttributeValue> {
  const values = new Map<string, AttributeValue>()
  ATTRIBUTE.lastIndex = 0
  for (let at = 0, isMore = true; isMore; at = ATTRIBUTE.lastIndex) {
    const found = ATTRIBUTE.exec(list)
    if (found === null) {
      onFault({ from: list.slice(at) })
      return values
    }
    const [, key = '', quotedText, bareText = '', ending] = found
    if (values.has(key)) onFault({ twice: key })
    else values.set(key, { text: quotedText ?? bareText, isQuoted: quotedText !== undefined })
    isMore = ending === ','
  }
  return values
}
