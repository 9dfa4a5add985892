/** A ladder as the text of a ladder file. */
import { stringify, type ScalarTag } from 'yaml'
import { LADDER } from '../../ladders/language'
import { figure, type Field } from '../../language/fields'
import type { Ladder } from '../../ladders/schema'

/**
 * Long numbers in groups, as the reader takes them; and text that looks like one (`1_000`) in quotes, since the reader
 * would take it for a number.
 */
const GROUPED_INTEGER: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?[0-9]+(?:_[0-9]+)+$/,
  identify: (value) => Number.isSafeInteger(value) && Number(value) >= 10_000,
  resolve: (text) => Number(text.replaceAll('_', '')),
  stringify: ({ value }) => figure(Number(value)),
}

/** Every field of the ladder, in the schema's order. Read again by `parseLadder` it is the same ladder. */
export function ladderYaml(ladder: Ladder): string {
  return stringify(inSchemaOrder(ladder, LADDER.root), {
    schema: 'core',
    lineWidth: 0,
    aliasDuplicateObjects: false,
    customTags: (tags) => [GROUPED_INTEGER, ...tags],
  })
}

/** Parsing appends the defaults it fills in; the order of the documentation is easier to read. */
export function inSchemaOrder(value: unknown, field: Field | undefined): unknown {
  if (Array.isArray(value)) return value.map((entry) => inSchemaOrder(entry, field?.items))
  if (typeof value !== 'object' || value === null) return value
  const order = Object.keys(field?.properties ?? {})
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([name, child]) => [name, inSchemaOrder(child, field?.properties?.[name])]),
  )
}
