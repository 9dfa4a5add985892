/** What a file of ours may say and how messages about it read: ladders, routes and requests are languages. */
import { z } from 'zod'
import type { FailureCode } from '../core/contract/failures'
import type { Field } from './fields'

export interface Language<T> {
  /** With its article, to begin a message with: `a ladder`. */
  noun: string
  /** Code of the one error that says all that is wrong. */
  code: FailureCode
  schema: z.ZodType<T>
  /** The schema as data; its `properties` are the top-level fields. */
  root: Field
  /** Names other tools use, lower case, for ours; the first that the section has is proposed. */
  otherNames: Readonly<Record<string, readonly string[]>>
  /** What each field is for, by its name as `fieldNames` gives it; a page of docs/ says the same. */
  meanings: Readonly<Record<string, string>>
  title: string
  description: string
}

/** @param schema Its input is what people write, so defaults are optional. */
export function rootOf(schema: z.ZodType): Field {
  return z.toJSONSchema(schema, { io: 'input' }) as Field
}
