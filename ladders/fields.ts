/** The schema as data: which fields there are and what each allows, in words for messages. */
import { z } from 'zod'
import { quoted } from './printable'
import { ladderSchema } from './schema'

/** One field as zod's JSON Schema shows it. */
export interface Field {
  type?: string
  properties?: Record<string, Field>
  items?: Field
  enum?: readonly (string | number)[]
  minimum?: number
  maximum?: number
  multipleOf?: number
  minItems?: number
  maxItems?: number
  pattern?: string
  default?: unknown
  required?: readonly string[]
  /** In words, where a pattern would not be understood. */
  allowed?: string
  /** In words, where the default follows from another field. */
  ownDefault?: string
}

export type FieldPath = readonly PropertyKey[]

/** The file's root, whose `properties` are the top-level fields. */
export const LADDER_ROOT = z.toJSONSchema(ladderSchema, { io: 'input' }) as Field

/** The field a path leads to; null when the schema has none there. */
export function fieldAt(path: FieldPath): Field | null {
  let field: Field | undefined = LADDER_ROOT
  for (const step of path) {
    if (typeof step === 'number') field = field?.items
    else field = Object.hasOwn(field?.properties ?? {}, step) ? field?.properties?.[String(step)] : undefined
  }
  return field ?? null
}

/** All fields in the form `rungs[].crf`, sections included. */
export function fieldNames(field: Field = LADDER_ROOT, prefix = ''): string[] {
  return Object.entries(field.properties ?? {}).flatMap(([name, child]) => {
    const full = prefix === '' ? name : `${prefix}.${name}`
    return [full, ...fieldNames(child.items ?? child, child.items === undefined ? full : `${full}[]`)]
  })
}

/** `rungs[2].maxBitrateBps`; a key that is no plain word is quoted and made printable. */
export function pathText(path: FieldPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    const key = String(step)
    if (!/^\w{1,60}$/.test(key)) return `${text}[${quoted(key)}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}

/** What a field may hold, to be read after "must be". */
export function allowedText(field: Field): string {
  if (field.allowed !== undefined) return field.allowed
  if (field.enum !== undefined) return oneOf(field.enum.map((value) => `'${value}'`))
  switch (field.type) {
    case 'integer':
    case 'number':
      return `${numberKind(field)} from ${figure(field.minimum ?? 0)} to ${figure(field.maximum ?? Infinity)}`
    case 'boolean':
      return 'true or false'
    case 'array':
      return `a list of ${field.minItems ?? 0} to ${field.maxItems ?? 'any number of'} entries`
    case 'object':
      return `a mapping with the fields ${Object.keys(field.properties ?? {}).join(', ')}`
    default:
      return 'text'
  }
}

/** True where a number is inside the field's range and on its grid. */
export function accepts(field: Field, value: number): boolean {
  const { minimum = -Infinity, maximum = Infinity, multipleOf } = field
  if (!(value >= minimum && value <= maximum)) return false
  if (field.type === 'integer' && !Number.isInteger(value)) return false
  return multipleOf === undefined || value % multipleOf === 0
}

export function isNumeric(field: Field): boolean {
  return field.type === 'integer' || field.type === 'number'
}

/** `5_000_000`, as it may be written in a ladder file. */
export function figure(value: number): string {
  return value >= 10_000 && Number.isSafeInteger(value)
    ? value.toLocaleString('en-US').replaceAll(',', '_')
    : `${value}`
}

export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function numberKind(field: Field): string {
  if (field.multipleOf === 2) return 'an even number'
  if (field.multipleOf !== undefined) return `a multiple of ${field.multipleOf}`
  return field.type === 'integer' ? 'a whole number' : 'a number'
}
