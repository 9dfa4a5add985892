/** The schema as data: which fields there are and what each allows, in words for messages. */
import { quoted } from './printable'

/** One field as zod's JSON Schema shows it. */
export interface Field {
  type?: string
  properties?: Record<string, Field>
  /** Of the values of a mapping whose keys are free; false where they are not. */
  additionalProperties?: Field | false
  /** What such keys may be. */
  propertyNames?: Field
  items?: Field
  /** Forms that a value may have. */
  anyOf?: readonly Field[]
  const?: unknown
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

/** The field a path leads to; null when the schema has none there. */
export function fieldAt(root: Field, path: FieldPath): Field | null {
  let field: Field | null = root
  for (const step of path) field = field === null ? null : fieldBelow(field, step)
  return field
}

function fieldBelow(field: Field, step: PropertyKey): Field | null {
  for (const form of formsOf(field)) {
    const named = Object.hasOwn(form.properties ?? {}, step) ? form.properties?.[String(step)] : undefined
    const found = typeof step === 'number' ? form.items : (named ?? (form.additionalProperties || undefined))
    if (found !== undefined) return found
  }
  return null
}

/** The forms that a value of the field may have: more than one where a name may stand for a mapping. */
export function formsOf(field: Field): readonly Field[] {
  return field.anyOf ?? [field]
}

/** All fields in the form `rungs[].crf`, sections included; `destinations.*` where keys are free. */
export function fieldNames(root: Field, prefix = ''): string[] {
  return formsOf(root).flatMap((form) => {
    const { additionalProperties: values } = form
    const free: [string, Field][] = values === undefined || values === false ? [] : [['*', values]]
    return [...Object.entries(form.properties ?? {}), ...free].flatMap(([name, child]) => {
      const full = prefix === '' ? name : `${prefix}.${name}`
      return [full, ...fieldNames(child.items ?? child, child.items === undefined ? full : `${full}[]`)]
    })
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
  if (field.anyOf !== undefined) return field.anyOf.map(allowedText).join(', or ')
  if (field.const !== undefined) return JSON.stringify(field.const)
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
      return mappingText(field)
    default:
      return 'text'
  }
}

function mappingText({ properties, propertyNames }: Field): string {
  if (properties === undefined && propertyNames !== undefined) return `a mapping of ${allowedText(propertyNames)}`
  return `a mapping with the fields ${Object.keys(properties ?? {}).join(', ')}`
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

/** `5_000_000`, as it may be written in a file. */
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
