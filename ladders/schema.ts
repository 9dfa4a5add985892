/**
 * What a ladder file may say: enumerations and ranges only, so that nothing in it can become a word of a command line.
 *
 * Rungs of all codecs have the same fields, so that one may be changed into another by one word; what a codec cannot
 * do is a rule between fields (schema-rules.ts). A new subject becomes a section with defaults that leave old files
 * valid. The ranges are read back from here for messages (fields.ts) and held against `docs/ladders.md` by a test.
 */
import { z } from 'zod'
import type { VideoCodec, VideoPreset } from '../core/contract/job'
import { isRecord } from '../language/draft'
import { checkBetweenFields, SOUND_ID } from './schema-rules'

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

const renditionId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
  .meta({ allowed: '1 to 32 lower-case letters, digits and hyphens, the first no hyphen' })

const rung = z.strictObject({
  id: renditionId,
  shortSidePx: z.int().min(64).max(4320).multipleOf(2),
  codec: z.enum(['h264', 'hevc', 'av1']).default('h264'),
  bits: z.literal([8, 10]).default(8),
  crf: z.number().min(10).max(63).optional().meta({ ownDefault: '23 for h264, 28 for hevc, 35 for av1' }),
  bitrateBps: z.int().min(30_000).max(100_000_000).optional(),
  maxBitrateBps: z.int().min(50_000).max(100_000_000),
  maxFps: z.int().min(10).max(240).optional(),
  preset: z.enum(PRESETS).default('veryfast'),
  profile: z.enum(['baseline', 'main', 'high']).optional().meta({ ownDefault: 'high for h264' }),
  required: z.boolean().default(true),
})

const audioRendition = z.strictObject({
  id: renditionId.default(SOUND_ID),
  codec: z.enum(['aac', 'opus']).default('aac'),
  bitrateBps: z.int().min(32_000).max(512_000).default(128_000),
  channels: z.literal([1, 2, 6]).default(2),
  loudnessLufs: z.number().min(-31).max(-9).optional(),
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

/** Beside the playlists of HLS; none of it encodes anything again. */
const packaging = z.strictObject({
  iFrames: z.boolean().default(false),
  dash: z.boolean().default(false),
  early: z.boolean().default(false),
})

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
  rungs: z.array(rung).max(20),
  audio: z.array(audioRendition).min(1).max(4).prefault([{}]).meta({ ownDefault: 'one with all defaults' }),
  hdr: z.enum(['tone-map', 'keep']).default('tone-map'),
  captions: z.enum(['keep', 'drop']).default('keep'),
  thumbnails: thumbnails.prefault({}),
  mp4: z.boolean().default(true),
  packaging: packaging.prefault({}),
})

/** Also runs where single fields are wrong, so that one error lists every problem of a file. */
export const ladderSchema = ladderFields
  .superRefine(
    (ladder, context) => {
      checkBetweenFields(ladder, (path, rule, fix) =>
        context.addIssue({ code: 'custom', path, message: rule, params: { fix } }),
      )
    },
    { when: ({ value }) => isRecord(value) },
  )
  .transform(({ thumbnails: pictures, rungs, ...ladder }) => ({
    ...ladder,
    rungs: rungs.map(filledRung),
    thumbnails: {
      ...pictures,
      spriteIntervalSeconds:
        pictures.spriteIntervalSeconds ?? Math.max(DEFAULT_SPRITE_INTERVAL_SECONDS, ladder.gopSeconds),
    },
  }))

/** A ladder with every default filled in. */
export type Ladder = z.output<typeof ladderSchema>

export type LadderRung = Ladder['rungs'][number]

export type LadderAudio = Ladder['audio'][number]

/** About one quality on each codec's scale. Source: x265's documentation (28 looks like x264's 23), SVT-AV1's default. */
const DEFAULT_CRF: Readonly<Record<VideoCodec, number>> = { h264: 23, hevc: 28, av1: 35 }

type FilledRung = z.output<typeof rung>

/** Defaults that follow from other fields of the rung. */
function filledRung({ crf, profile, ...rest }: FilledRung): FilledRung {
  return {
    ...rest,
    ...(rest.bitrateBps === undefined && { crf: crf ?? DEFAULT_CRF[rest.codec] }),
    ...(rest.codec === 'h264' && { profile: profile ?? 'high' }),
  }
}
