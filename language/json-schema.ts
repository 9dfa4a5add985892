/** The JSON Schema of a language, by which editors complete and mark files. */
import type { Field } from './fields'
import type { Language } from './language'

/** A schema or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Draft 2020-12. It refuses nothing that our reader takes, but cannot say the rules between fields. */
export function jsonSchemaOf({ root, meanings, title, description }: Language<unknown>): JsonSchema {
  const { $schema, ...fields } = asRecord(root)
  return { $schema, title, description, ...described(fields, '', meanings) }
}

/** The text that is checked in, in the layout of the repository's formatter. */
export function jsonSchemaText(language: Language<unknown>): string {
  return `${laidOut(jsonSchemaOf(language), '', 0)}\n`
}

type Meanings = Language<unknown>['meanings']

/** Keys of ours, which a validator does not know. */
const FOR_MESSAGES = ['allowed', 'ownDefault']

/** Each property with its meaning. */
function described(field: Field, path: string, meanings: Meanings): JsonSchema {
  const { properties, items, anyOf, additionalProperties, propertyNames, ...own } = field
  const below = (child: Field, end: string): JsonSchema => described(child, `${path}${end}`, meanings)
  return {
    ...withoutOurs(own),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        additionalProperties === false ? false : below(additionalProperties, path === '' ? '*' : '.*'),
    }),
    ...groupedAllowed(field),
    ...(properties && { properties: describedProperties(properties, path, meanings) }),
    ...(propertyNames && { propertyNames: below(propertyNames, '') }),
    ...(items && { items: below(items, '[]') }),
    ...(anyOf && { anyOf: anyOf.map((form) => below(form, '')) }),
  }
}

function withoutOurs(field: Field): JsonSchema {
  return Object.fromEntries(Object.entries(field).filter(([key]) => !FOR_MESSAGES.includes(key)))
}

function describedProperties(
  properties: Readonly<Record<string, Field>>,
  prefix: string,
  meanings: Meanings,
): JsonSchema {
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => {
      const path = prefix === '' ? name : `${prefix}.${name}`
      const byDefault = field.ownDefault === undefined ? '' : ` Default: ${field.ownDefault}.`
      return [name, { description: `${meanings[path] ?? ''}${byDefault}`, ...described(field, path, meanings) }]
    }),
  )
}

/** Smaller numbers are never grouped. */
const LEAST_GROUPED = 1_000

/** Our reader takes `5_000_000` for a number; to an editor, which reads plain YAML 1.2, it is text. */
function groupedAllowed({ type, maximum = 0 }: Field): JsonSchema {
  if (type !== 'integer' || maximum < LEAST_GROUPED) return {}
  return { type: ['integer', 'string'], pattern: '^[0-9]+(_[0-9]+)+$' }
}

/** Of a line, as the formatter has it. */
const COLUMNS = 120

/**
 * Lists of words and figures on one line where they fit, as the formatter has them.
 *
 * @param before Characters of the line that stand before the value, and the comma after it.
 */
function laidOut(value: unknown, indent: string, before: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indent}  `
  const isList = Array.isArray(value)
  const [open, close] = isList ? '[]' : '{}'
  const entries = Object.entries(value)
  if (entries.length === 0) return `${open}${close}`
  const parts = isList ? value.map((entry) => laidOut(entry, inner, inner.length + 1)) : []
  const line = `[${parts.join(', ')}]`
  if (isList && !line.includes('\n') && before + line.length <= COLUMNS) return line
  const lines = entries.map(([key, child]) => {
    const name = isList ? '' : `${JSON.stringify(key)}: `
    return `${inner}${name}${laidOut(child, inner, inner.length + name.length + 1)}`
  })
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`
}

function asRecord(field: Field): Field & { $schema?: unknown } {
  return field
}
