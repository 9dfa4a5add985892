/**
 * What a ladder file may say: enumerations and ranges only, so that nothing in it can become a word of a command line.
 *
 * It grows by addition: a new codec turns `rung` into a union by `codec` with its own presets and profiles, a new
 * subject (captions, HDR) becomes a section beside `audio` with defaults that leave old files valid. The ranges are
 * read back from here for messages (fields.ts) and held against `docs/ladders.md` by a test.
 */
import { z } from 'zod'
import type { VideoPreset } from '../core/contract/job'

const PRESETS = [
  'ultrafast',
  'superfast',
  'veryfast',
  'faster',
  'fast',
  'medium',
  'slow',
  'slower',
] as const satisfies readonly VideoPreset[]

/** Pictures on sheets and in the `images` series are keyframes, so they cannot be closer than keyframes are. */
const DEFAULT_SPRITE_INTERVAL_SECONDS = 2

/** What is proposed where a segment is not whole GOPs. */
const GOP_CHOICES_SECONDS = [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]

/** Track id of the sound; no rung may have it, since progress and reports name renditions by id. */
export const AUDIO_TRACK_ID = 'audio'

const rungId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
  .meta({ allowed: '1 to 32 lower-case letters, digits and hyphens, the first no hyphen' })

const rung = z.strictObject({
  id: rungId,
  shortSidePx: z.int().min(64).max(4320).multipleOf(2),
  codec: z.enum(['h264']).default('h264'),
  crf: z.number().min(10).max(40).default(23),
  maxBitrateBps: z.int().min(50_000).max(100_000_000),
  preset: z.enum(PRESETS).default('veryfast'),
  profile: z.enum(['baseline', 'main', 'high']).default('high'),
})

const audio = z.strictObject({
  codec: z.enum(['aac']).default('aac'),
  bitrateBps: z.int().min(32_000).max(512_000).default(128_000),
  maxChannels: z.int().min(1).max(2).default(2),
})

const thumbnails = z.strictObject({
  posterAtFraction: z.number().min(0).max(1).default(0.1),
  posterMaxWidthPx: z.int().min(16).max(3840).default(1280),
  imageIntervalSeconds: z.number().min(1).max(3600).default(10),
  imageWidthPx: z.int().min(16).max(3840).default(640),
  spriteIntervalSeconds: z.number().min(0.5).max(3600).optional().meta({ ownDefault: '2, or gopSeconds if longer' }),
  spriteTileWidthPx: z.int().min(16).max(640).default(160),
  spriteColumns: z.int().min(1).max(20).default(10),
  spriteRows: z.int().min(1).max(20).default(10),
})

/** What is left to check after each field is right by itself; fields that are wrong are `unknown` here. */
interface Draft {
  segmentSeconds?: unknown
  gopSeconds?: unknown
  rungs?: unknown
  thumbnails?: unknown
}

/** `rule` completes "<path> ..."; `fix` is what to do instead. */
type Report = (path: (string | number)[], rule: string, fix?: string) => void

/** Every field with its range; `ladderSchema` adds the rules between fields. */
const ladderFields = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
    .meta({ allowed: '1 to 64 lower-case letters, digits and hyphens, the first no hyphen' }),
  description: z
    .string()
    .max(500)
    .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*(\n[^\p{Cc}\u202a-\u202e\u2066-\u2069]*)*$/u)
    .meta({ allowed: 'text of at most 500 characters, without control characters' })
    .optional(),
  segmentSeconds: z.int().min(2).max(10).default(4),
  gopSeconds: z.number().min(0.5).max(10).multipleOf(0.5).default(2),
  rungs: z.array(rung).min(1).max(20),
  audio: audio.prefault({}),
  thumbnails: thumbnails.prefault({}),
  mp4: z.boolean().default(true),
})

/** Also runs where single fields are wrong, so that one error lists every problem of a file. */
export const ladderSchema = ladderFields
  .superRefine(
    (ladder, context) => {
      const report: Report = (path, rule, fix) =>
        context.addIssue({ code: 'custom', path, message: rule, params: { fix } })
      checkSegments(ladder, report)
      checkRungIds(ladder, report)
      checkIntervals(ladder, report)
    },
    { when: ({ value }) => isRecord(value) },
  )
  .transform(({ thumbnails: pictures, ...ladder }) => ({
    ...ladder,
    thumbnails: {
      ...pictures,
      spriteIntervalSeconds:
        pictures.spriteIntervalSeconds ?? Math.max(DEFAULT_SPRITE_INTERVAL_SECONDS, ladder.gopSeconds),
    },
  }))

/** A ladder with every default filled in. */
export type Ladder = z.output<typeof ladderSchema>

export type LadderRung = Ladder['rungs'][number]

function checkSegments({ segmentSeconds, gopSeconds }: Draft, report: Report): void {
  if (!isPositive(segmentSeconds) || !isPositive(gopSeconds) || segmentSeconds % gopSeconds === 0) return
  const divisors = GOP_CHOICES_SECONDS.filter((choice) => segmentSeconds % choice === 0).slice(-3)
  const fix = `or set gopSeconds to one of ${divisors.join(', ')}`
  report(['segmentSeconds'], `must be a multiple of gopSeconds (${gopSeconds})`, fix)
}

function checkRungIds({ rungs }: Draft, report: Report): void {
  if (!Array.isArray(rungs)) return
  const seen = new Map<string, number>()
  rungs.forEach((candidate: unknown, index) => {
    const id = isRecord(candidate) ? candidate['id'] : undefined
    if (typeof id !== 'string') return
    const path = ['rungs', index, 'id']
    const earlier = seen.get(id)
    if (earlier !== undefined) report(path, `must be unique, and rungs[${earlier}] has the same`)
    else seen.set(id, index)
    if (id === AUDIO_TRACK_ID) report(path, `must not be '${AUDIO_TRACK_ID}', which is the id of the sound track`)
  })
}

function checkIntervals({ thumbnails: pictures, gopSeconds }: Draft, report: Report): void {
  if (!isRecord(pictures) || !isPositive(gopSeconds)) return
  for (const name of ['imageIntervalSeconds', 'spriteIntervalSeconds']) {
    const interval = pictures[name]
    if (!isPositive(interval) || interval >= gopSeconds) continue
    report(['thumbnails', name], `must be at least gopSeconds (${gopSeconds}), since pictures are keyframes`)
  }
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
