/** What a routes file may say. */
import { z } from 'zod'
import { isRecord } from '../language/draft'
import { bucketName, destinationSchema, slug, tagKey, tagValue } from './destination-schema'
import { checkRoutes } from './schema-rules'

export const LANE_NAMES = ['interactive', 'normal', 'bulk'] as const

export const lane = z.enum(LANE_NAMES)

const keyText = (most: number) =>
  z
    .string()
    .regex(new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${most}}$`, 'u'))
    .meta({ allowed: `text of 1 to ${most} characters, without control characters` })

/** Source: Amazon S3 user guide, "Working with object metadata": S3 keeps names in lower case. */
const metadataName = z
  .string()
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/)
  .meta({ allowed: '1 to 128 lower-case letters, digits and hyphens, without x-amz-meta-' })

const match = z.strictObject({
  bucket: bucketName.optional(),
  prefix: keyText(1_000).optional(),
  suffixes: z.array(keyText(64)).min(1).max(50).optional(),
  tags: z.record(tagKey, tagValue).optional(),
  metadata: z.record(metadataName, keyText(1_000)).optional(),
})

const rule = z.strictObject({
  name: slug.optional(),
  match: match.optional(),
  ladder: z
    .string()
    .regex(/^[^\p{Cc}]{1,1000}$/u)
    .meta({ allowed: 'the name of a built-in ladder or the path of a file, from this file on' })
    .optional(),
  destination: z.union([slug, destinationSchema]).optional(),
  lane: lane.optional(),
  ignore: z.boolean().default(false),
})

const MAX_RULES = 500

/** Also runs where single fields are wrong, so that one error lists every problem of a file. */
export const routesSchema = z
  .strictObject({
    destinations: z.record(slug, destinationSchema).default({}),
    routes: z.array(rule).min(1).max(MAX_RULES),
  })
  .superRefine(
    (file, context) => {
      checkRoutes(file, (path, message, fix) => context.addIssue({ code: 'custom', path, message, params: { fix } }))
    },
    { when: ({ value }) => isRecord(value) },
  )

/** A routes file with every default filled in. */
export type RoutesFile = z.output<typeof routesSchema>

export type Rule = RoutesFile['routes'][number]
