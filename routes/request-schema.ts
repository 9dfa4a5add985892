/** What somebody may ask of one master, as one versioned document. */
import { z } from 'zod'
import { ladderSchema } from '../ladders/schema'
import { bucketName, requestDestinationSchema, slug } from './destination-schema'
import { isRecord, type Report } from '../language/draft'
import { lane } from './schema'

/** Source: Amazon S3 user guide, "Naming Amazon S3 objects". */
const MAX_KEY_CHARS = 1_024

const key = z
  .string()
  .regex(new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${MAX_KEY_CHARS}}$`, 'u'))
  .meta({ allowed: `the key of an object, 1 to ${MAX_KEY_CHARS} characters, not encoded` })

const versionId = z
  .string()
  .regex(/^[\x21-\x7e]{1,1024}$/)
  .meta({ allowed: 'the id of a version of the object' })

const source = z.strictObject({ bucket: bucketName, key, versionId: versionId.optional() })

/** Longer than any master that is taken. */
const MAX_SECONDS = 1_000_000

/** A microsecond is what ffmpeg is told. */
const seconds = z
  .number()
  .min(0)
  .max(MAX_SECONDS)
  .transform((value) => Math.round(value * 1e6) / 1e6)

const clip = z.strictObject({ inSeconds: seconds.default(0), outSeconds: seconds.optional() })

const captions = z.strictObject({
  bucket: bucketName.optional(),
  key,
  format: z.enum(['srt', 'webvtt']).optional().meta({ ownDefault: 'by the ending of the key, .srt or .vtt' }),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$/)
    .meta({ allowed: 'a language like en or pt-BR' })
    .optional(),
  forced: z.boolean().default(false),
  sdh: z.boolean().default(false),
})

const MAX_CAPTIONS = 32

/** Also runs where single fields are wrong, so that one error lists every problem of a request. */
export const requestSchema = z
  .strictObject({
    v: z.literal(1),
    source: source.optional(),
    ladder: z.union([slug, ladderSchema]).optional(),
    destination: z.union([slug, requestDestinationSchema]).optional(),
    clip: clip.optional(),
    posterAtSeconds: seconds.optional(),
    captions: z.array(captions).max(MAX_CAPTIONS).default([]),
    lane: lane.optional(),
    force: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/)
      .meta({ allowed: '1 to 64 letters, digits, dots, - and _: a word of your own' })
      .optional(),
  })
  .superRefine(
    (request, context) => {
      checkRequest(request, (path, message, fix) =>
        context.addIssue({ code: 'custom', path, message, params: { fix } }),
      )
    },
    { when: ({ value }) => isRecord(value) },
  )

/** A request with every default filled in. */
export type RequestDocument = z.output<typeof requestSchema>

/** @param request Fields that are wrong by themselves are left to their own message. */
function checkRequest(request: { clip?: unknown; captions?: unknown }, report: Report): void {
  if (isRecord(request.clip)) checkClip(request.clip, report)
  if (!Array.isArray(request.captions)) return
  for (const [index, entry] of request.captions.entries()) {
    if (!isRecord(entry) || entry['format'] !== undefined || typeof entry['key'] !== 'string') continue
    if (formatOf(entry['key']) === null) {
      report(['captions', index, 'key'], 'must end in .srt or .vtt, or format must be given')
    }
  }
}

function checkClip({ inSeconds = 0, outSeconds }: Record<string, unknown>, report: Report): void {
  if (typeof inSeconds !== 'number' || typeof outSeconds !== 'number' || outSeconds > inSeconds) return
  report(['clip', 'outSeconds'], `must be above inSeconds (${inSeconds})`)
}

/** What a name tells of a file of captions. */
export function formatOf(fileName: string): 'srt' | 'webvtt' | null {
  if (/\.srt$/i.test(fileName)) return 'srt'
  return /\.(web)?vtt$/i.test(fileName) ? 'webvtt' : null
}
