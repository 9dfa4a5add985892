/** What the author of a file probably meant, by the usual mistakes: wrong unit, quotes, a typing error. */
import { accepts, figure, formsOf, isNumeric, oneOf, type Field } from './fields'
import type { Language } from './language'
import { nearest } from './nearest'

const BOOLEAN_WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
}

/** A number with the unit that people add, for example `5000k`, `5 Mbps`, `720p`, `4s`. */
const FIGURE_WITH_UNIT = /^([\d_]{1,15}(?:\.\d{1,6})?) ?(k|m)?(?:bps|bit\/s|bits?|p|px|s|sec|seconds)?$/i

/** @returns Null where nothing is likely. */
export function likelyFix(field: Field, name: string, value: unknown): string | null {
  for (const form of formsOf(field)) {
    const fix = fixOf(form, name, value)
    if (fix !== null) return fix
  }
  return null
}

function fixOf(field: Field, name: string, value: unknown): string | null {
  if (isNumeric(field)) return numberFix(field, name, value)
  if (field.type === 'array' && typeof value === 'object' && !Array.isArray(value))
    return 'begin each entry with a hyphen'
  // A list that was meant to have this one entry.
  if (field.type === 'array' && field.items?.type === 'string' && typeof value === 'string') return 'write it as [...]'
  if (field.type === 'string' && field.enum === undefined && isQuotable(value)) return 'put it in quotes'
  if (typeof value !== 'string') return null
  if (field.enum !== undefined) return didYouMean(nearest(value, field.enum.map(String)))
  if (field.type === 'boolean') {
    const meant = lookUp(BOOLEAN_WORDS, value)
    return meant === undefined ? null : `use ${meant}, without quotes`
  }
  return name === 'id' || name === 'name' ? slugFix(field.pattern ?? '', value) : null
}

/** What YAML takes for no text: a number, `true`. */
function isQuotable(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}

/** For a key the section does not have. @param otherNames Of the language. */
export function likelyName(section: Field, key: string, otherNames: Language<unknown>['otherNames']): string {
  const names = formsOf(section).flatMap(({ properties }) => Object.keys(properties ?? {}))
  const synonym = lookUp(otherNames, key)?.find((name) => names.includes(name))
  return (
    didYouMean(nearest(key, names) ?? synonym ?? null) ??
    (names.length === 0 ? 'choose another name' : `known here: ${oneOf(names)}`)
  )
}

function numberFix(field: Field, name: string, value: unknown): string | null {
  if (typeof value === 'number') return unitFix(field, name, value) ?? gridFix(field, value)
  if (typeof value !== 'string') return null
  const [, digits, scale] = FIGURE_WITH_UNIT.exec(value.trim()) ?? []
  if (digits === undefined) return null
  const meant = scaled(Number(digits.replaceAll('_', '')), scale?.toLowerCase())
  return accepts(field, meant) ? `use ${figure(meant)}, a number without quotes or unit` : unitFix(field, name, meant)
}

function scaled(value: number, scale: string | undefined): number {
  if (scale === 'k') return Math.round(value * 1e3)
  return scale === 'm' ? Math.round(value * 1e6) : value
}

function unitFix(field: Field, name: string, value: number): string | null {
  const guesses: [boolean, string, number][] = [
    [name.endsWith('Bps'), 'kilobits', Math.round(value * 1e3)],
    [name.endsWith('Bps'), 'megabits', Math.round(value * 1e6)],
    [name.endsWith('Seconds') && value >= 1000, 'milliseconds', value / 1000],
    [name.endsWith('Fraction') && value > 1, 'percent', value / 100],
  ]
  const guess = guesses.find(([applies, , meant]) => applies && !accepts(field, value) && accepts(field, meant))
  return guess === undefined ? null : `${guess[1]} by mistake? use ${figure(guess[2])}`
}

/** The nearest allowed number, where only the grid was missed (an odd size, a fraction of a pixel). */
function gridFix(field: Field, value: number): string | null {
  const { minimum = -Infinity, maximum = Infinity } = field
  if (!(value >= minimum && value <= maximum)) return null
  const step = field.multipleOf ?? 1
  const options = [Math.floor(value / step) * step, Math.ceil(value / step) * step].filter((n) => accepts(field, n))
  return options.length === 0 ? null : `use ${oneOf(options.map(figure))}`
}

function slugFix(pattern: string, value: string): string | null {
  const slug = value
    .slice(0, 200)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  return slug !== '' && new RegExp(pattern, 'u').test(slug) ? `use '${slug}'` : null
}

function didYouMean(word: string | null): string | null {
  return word === null ? null : `did you mean '${word}'?`
}

/** Own keys only: a file may well say `constructor`. */
function lookUp<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  const lower = key.toLowerCase()
  return Object.hasOwn(table, lower) ? table[lower] : undefined
}
