/** Where assets go: what a routes file may say of a destination, and what a request may. */
import { z } from 'zod'
import { FORM_WORDS, FORMS, MAX_TAGS } from '../core/contract/forms'
import { DEFAULT_NAME, templateFault } from './name'

/** A lifecycle rule of the bucket looks for it; see docs/routes.md. */
export const RETENTION_TAG = 'gantry-retention-days'

const form = (name: keyof typeof FORM_WORDS) => z.string().regex(FORMS[name]).meta({ allowed: FORM_WORDS[name] })

export const bucketName = form('bucket')

/** The name of a destination, a ladder or a rule. */
export const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
  .meta({ allowed: '1 to 64 lower-case letters, digits and hyphens, the first no hyphen' })

/** With a name, an id and the deepest object below it, S3's 1,024 bytes hold. */
const MAX_PREFIX_CHARS = 400

/** Parts that every store and every tool takes; one slash at its end makes no difference. */
const outputPrefix = z
  .string()
  .max(MAX_PREFIX_CHARS)
  .regex(/^(?:[A-Za-z0-9_][A-Za-z0-9._=-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._=-]*)*\/?)?$/)
  .meta({ allowed: `at most ${MAX_PREFIX_CHARS} letters, digits and ._=- with / between parts that begin with no dot` })
  .transform((prefix) => prefix.replace(/\/$/, ''))

/** Source: Amazon S3 user guide, "Categorizing your objects using tags". */
export const tagKey = z
  .string()
  .regex(/^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/u)
  .meta({ allowed: '1 to 128 letters, digits, spaces and _.:/=+@-, not beginning with aws:' })
export const tagValue = z
  .string()
  .regex(/^[\p{L}\p{N} _.:/=+@-]{0,256}$/u)
  .meta({ allowed: 'text of at most 256 letters, digits, spaces and _.:/=+@-' })

const nameTemplate = z
  .string()
  .max(1_000)
  .meta({ allowed: `a template like ${DEFAULT_NAME}` })
  .superRefine((template, context) => {
    const fault = templateFault(template)
    if (fault !== null) context.addIssue({ code: 'custom', message: `must ${fault}` })
  })

const writtenTags = z.record(tagKey, tagValue).superRefine((tags, context) => {
  const count = Object.keys(tags).length
  const most = MAX_TAGS - 1
  if (count > most) context.addIssue({ code: 'custom', message: `must be at most ${most}, there are ${count}` })
  if (!Object.hasOwn(tags, RETENTION_TAG)) return
  context.addIssue({ code: 'custom', path: [RETENTION_TAG], message: 'must be given as retentionDays' })
})

const place = {
  bucket: bucketName,
  prefix: outputPrefix.default(''),
  name: nameTemplate.default(DEFAULT_NAME),
  tags: writtenTags.optional(),
  retentionDays: z.int().min(1).max(36_500).optional(),
}

/**
 * What a request may bring along. Nothing that names a right: as whom Gantry writes, by which key it encrypts and which
 * address it tells to others is said by whoever runs it, in the routes file.
 */
export const requestDestinationSchema = z.strictObject(place)

export const destinationSchema = z.strictObject({
  ...place,
  role: form('roleArn').optional(),
  externalId: form('externalId').optional(),
  kmsKey: form('kmsKey').optional(),
  publicUrl: z.string().regex(FORMS.httpUrl).max(2_000).meta({ allowed: 'a URL as https://host/path' }).optional(),
})

/** A destination with its defaults filled in. */
export type DestinationSpec = z.output<typeof destinationSchema>
