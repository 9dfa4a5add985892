/** What things cost: dated defaults, and a file with a user's own prices. */
import { parse } from 'yaml'
import { z } from 'zod'
import { GantryError } from '../../core/contract/errors'

/** A price of more than this is a slip of the point or of the unit. */
const MAX_USD = 1_000

const usd = z
  .number()
  .min(0)
  .max(MAX_USD)
  .meta({ allowed: `a number of US dollars from 0 to ${MAX_USD}` })

/** By the output's size; null where no price is known, and then nothing is compared. */
const sizes = z
  .strictObject({ sd: usd.nullable(), hd: usd.nullable(), uhd: usd.nullable() })
  .meta({ allowed: 'an object with `sd`, `hd` and `uhd`' })

/** By the output's rate: up to 30, up to 60 and up to 120 pictures a second. */
const rates = z
  .strictObject({ fps30: sizes, fps60: sizes, fps120: sizes })
  .meta({ allowed: 'an object with `fps30`, `fps60` and `fps120`' })

const pricesSchema = z.strictObject({
  asOf: z
    .string()
    .regex(/^\d{4}-\d{2}(-\d{2})?$/)
    .meta({ allowed: 'a date like 2026-11 or 2026-11-24' }),
  region: z.string().min(1).max(100).meta({ allowed: 'text of 1 to 100 characters' }),
  compute: z
    .strictObject({ onDemandUsdPerVcpuHour: usd, spotUsdPerVcpuHour: usd })
    .meta({ allowed: 'an object with `onDemandUsdPerVcpuHour` and `spotUsdPerVcpuHour`' }),
  storage: z
    .strictObject({ putUsdPer1000: usd, getUsdPer1000: usd, usdPerGbMonth: usd })
    .meta({ allowed: 'an object with `putUsdPer1000`, `getUsdPer1000` and `usdPerGbMonth`' }),
  mediaConvert: z
    .strictObject({
      minimumSeconds: z.number().min(0).max(3_600).meta({ allowed: 'a number of seconds from 0 to 3600' }),
      usdPerMinute: z
        .strictObject({ h264: rates, hevc: rates, av1: rates })
        .meta({ allowed: 'an object with `h264`, `hevc` and `av1`' }),
    })
    .meta({ allowed: 'an object with `minimumSeconds` and `usdPerMinute`' }),
})

export type Prices = z.output<typeof pricesSchema>

const UNKNOWN_SIZES = { sd: null, hd: null, uhd: null }
const UNKNOWN_RATES = { fps30: UNKNOWN_SIZES, fps60: UNKNOWN_SIZES, fps120: UNKNOWN_SIZES }

/** List prices in US dollars, without tax and volume discount. Each line has its source and how sure it is. */
export const DEFAULT_PRICES: Prices = {
  asOf: '2026-06',
  region: 'us-east-1',
  compute: {
    // AWS Fargate, Linux on x86, us-east-1; vantage.sh and factualminds.com, read in June 2026. Memory is apart.
    onDemandUsdPerVcpuHour: 0.04048,
    // AWS Fargate Spot in eu-west-1, tomgregory.com, about 2020. It moves; AWS promises "up to 70 %" off.
    spotUsdPerVcpuHour: 0.01334,
  },
  storage: {
    // Amazon S3 Standard requests, c3x.dev, read in 2026.
    putUsdPer1000: 0.005,
    getUsdPer1000: 0.0004,
    // Amazon S3 Standard, first 50 TB, us-east-1: list price as commonly quoted, not checked against the page.
    usdPerGbMonth: 0.023,
  },
  mediaConvert: {
    // AWS Elemental MediaConvert's pricing page: outputs are billed in seconds, at least ten.
    minimumSeconds: 10,
    usdPerMinute: {
      h264: {
        // Half of the row below: quoted second hand, not confirmed.
        fps30: { sd: 0.0075, hd: 0.015, uhd: 0.03 },
        // Basic tier, on demand, above 30 to 60 pictures a second; gist.github.com/0xdeepmehta, January 2021.
        fps60: { sd: 0.015, hd: 0.03, uhd: 0.06 },
        fps120: UNKNOWN_SIZES,
      },
      // The professional tier, which HEVC and AV1 need, costs more; no list price could be confirmed.
      hevc: UNKNOWN_RATES,
      av1: UNKNOWN_RATES,
    },
  },
}

/**
 * Prices from YAML or JSON text, all fields given: a file that leaves some out would mix two dates.
 *
 * @param fileName For messages only.
 * @throws CONFIG_INVALID with a line for every problem.
 */
export function parsePrices(text: string, fileName: string): Prices {
  const checked = pricesSchema.safeParse(readText(text, fileName))
  if (checked.success) return checked.data
  const problems = checked.error.issues.flatMap(problemTexts)
  throw invalid(fileName, problems)
}

function readText(text: string, fileName: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    const [reason = ''] = error instanceof Error ? error.message.split('\n') : []
    throw invalid(fileName, [`it is neither YAML nor JSON: ${reason.replace(/[.:]$/, '')}`])
  }
}

function problemTexts(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${[...at, key].join('.')} is not a field`)
  const name = at.length === 0 ? 'the file' : at.join('.')
  return [`${name} must be ${allowedAt(at)}${'input' in issue && issue.input === undefined ? ', it is missing' : ''}`]
}

function allowedAt(path: readonly string[]): string {
  let field: z.core.$ZodType = pricesSchema
  for (const key of path) {
    const inner = field instanceof z.ZodObject ? (field.shape as Record<string, z.core.$ZodType>)[key] : undefined
    if (inner === undefined) break
    field = inner
  }
  if (field instanceof z.ZodNullable) return `${allowedBy(field.unwrap())}, or null where it is not known`
  return allowedBy(field)
}

function allowedBy(field: z.core.$ZodType): string {
  const { allowed } = (z.globalRegistry.get(field) ?? {}) as { allowed?: string }
  return allowed ?? 'an object of prices as in docs/costs.md'
}

function invalid(fileName: string, problems: readonly string[]): GantryError {
  const list = problems.map((problem) => `\n  ${problem}`).join('')
  return new GantryError('CONFIG_INVALID', `the prices in '${fileName}' cannot be used:${list}`, { problems })
}
