/** Forms of values that settings share; each says what it allows. */
import { z } from 'zod'
import { FORMS } from '../contract/forms'

export interface Setting<T = unknown> {
  schema: z.ZodType<T>
  meaning: string
  /** Never printed. */
  secret?: true
  /** The default in words, where it depends on the machine. */
  usually?: string
}

/** Decimal digits only: `0x10`, `1e3` and ` 5` are more likely a slip than a wish. */
export const whole = (least: number, most: number, usual: number) => wholeNumber(least, most).default(usual)

export const wholeNumber = (least: number, most: number) => {
  const allowed = `must be a whole number from ${least} to ${most}`
  return z
    .string()
    .regex(/^\d{1,16}$/, allowed)
    .transform(Number)
    .refine((value) => value >= least && value <= most, allowed)
}

export const text = (allowed: string, form: RegExp) => z.string(allowed).regex(form, allowed)

export const oneOf = <const T extends readonly [string, ...string[]]>(values: T, usual: T[number]) =>
  z.enum(values, `must be one of ${values.join(', ')}`).default(usual)

export const onOff = (usual: 'on' | 'off') =>
  z
    .enum(['on', 'off'], 'must be on or off')
    .default(usual)
    .transform((value) => value === 'on')

/** Parts between commas; at least one. */
export const list = (allowed: string, part: RegExp) =>
  z
    .string(allowed)
    .transform((value) => value.split(',').map((item) => item.trim()))
    .refine((items) => items.every((item) => part.test(item)), allowed)

export const httpUrl = (allowed: string) => text(allowed, FORMS.httpUrl)

export const port = (least: 0 | 1) => wholeNumber(least, 65_535)

export const host = (usual: string) =>
  text('must be an address or a name to listen on', /^[A-Za-z0-9.:_-]{1,255}$/).default(usual)

export const region = text('must be the name of a region, for example eu-central-1', /^[a-z0-9-]{2,40}$/)
