/** Attribute lists of tags, read as far as they can be. Source: RFC 8216, 4.2. */
import { readAttributeList, type AttributeValue } from '../hls/attributes'
import { shown } from '../hls/read-lines'
import type { Report } from './findings'
import type { Tag } from './lines'

export interface AttributeList {
  has(name: string): boolean
  /** A quoted string; null where it is absent or no string. */
  text(name: string): string | null
  /** A decimal integer. */
  integer(name: string): number | null
  decimal(name: string): number | null
  word<const Word extends string>(name: string, words: readonly Word[]): Word | null
  resolution(name: string): { widthPx: number; heightPx: number } | null
  /** Reports what is not there. */
  require(...names: string[]): void
}

export function attributesOf(path: string, tag: Tag, report: Report): AttributeList {
  const where = `${path}:${tag.number}`
  const values = readList(where, tag, report)
  const wrong = (name: string, must: string, text: string): null => {
    report('attribute-value', where, `${name} of ${tag.name} must be ${must}, it is ${shown(text)}`)
    return null
  }
  const bare = (name: string, must: string): string | null => {
    const value = values.get(name)
    if (value === undefined) return null
    return value.isQuoted ? wrong(name, `${must} without quotes`, value.text) : value.text
  }
  const matched = (name: string, must: string, form: RegExp): string | null => {
    const text = bare(name, must)
    return text === null || form.test(text) ? text : wrong(name, must, text)
  }
  const number = (text: string | null): number | null => (text === null ? null : Number(text))
  return {
    has: (name) => values.has(name),
    text: (name) => {
      const value = values.get(name)
      return value?.isQuoted === false ? wrong(name, 'a string in quotes', value.text) : (value?.text ?? null)
    },
    integer: (name) => number(matched(name, 'a decimal integer', /^[0-9]{1,15}$/)),
    decimal: (name) => number(matched(name, 'a decimal number', /^[0-9]{1,15}(\.[0-9]{1,20})?$/)),
    word: (name, words) => {
      const text = bare(name, words.join(' or '))
      if (text === null) return null
      return words.find((word) => word === text) ?? wrong(name, words.join(' or '), text)
    },
    resolution: (name) => sizeOf(matched(name, 'WIDTHxHEIGHT', /^[1-9][0-9]{0,5}x[1-9][0-9]{0,5}$/)),
    require: (...names) => {
      for (const name of names) {
        if (!values.has(name)) report('attribute-missing', where, `${tag.name} has no ${name}`)
      }
    },
  }
}

function sizeOf(text: string | null): { widthPx: number; heightPx: number } | null {
  const [widthPx = 0, heightPx = 0] = (text ?? '').split('x').map(Number)
  return text === null ? null : { widthPx, heightPx }
}

function readList(where: string, { name, value }: Tag, report: Report): Map<string, AttributeValue> {
  return readAttributeList(value ?? '', (fault) => {
    if ('twice' in fault) report('attribute-duplicate', where, `${name} has ${fault.twice} twice`)
    else report('attribute-syntax', where, `${name} is no list of NAME=value from ${shown(fault.from)} on`)
  })
}
