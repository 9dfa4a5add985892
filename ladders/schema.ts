/** The language of a ladder file: enumerations and ranges only, so that no user text reaches a command line. */
import { z } from 'zod'

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -, beginning with a letter or digit')

const evenPx = (least: number, most: number) => z.int().min(least).max(most).multipleOf(2)

const rung = z.strictObject({
  id,
  /** Compared with the short side of the picture as shown, so that portrait masters keep their rungs. */
  shortSidePx: evenPx(64, 4_320),
  codec: z.enum(['h264']).default('h264'),
  /** Quality; lower is better. The bit rate follows from the picture, up to the cap. */
  crf: z.number().min(10).max(40).default(23),
  maxBitrateBps: z.int().min(50_000).max(100_000_000),
  preset: z
    .enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower'])
    .default('veryfast'),
  profile: z.enum(['baseline', 'main', 'high']).default('high'),
})

const audio = z.strictObject({
  codec: z.enum(['aac']).default('aac'),
  bitrateBps: z.int().min(32_000).max(512_000).default(128_000),
  maxChannels: z.int().min(1).max(2).default(2),
})

const thumbnails = z.strictObject({
  posterAtFraction: z.number().min(0).max(1).default(0.1),
  posterMaxWidthPx: evenPx(64, 7_680).default(1_280),
  imageIntervalSeconds: z.number().min(1).max(3_600).default(10),
  imageWidthPx: evenPx(32, 3_840).default(640),
  spriteIntervalSeconds: z.number().min(1).max(600).default(2),
  spriteTileWidthPx: evenPx(16, 640).default(160),
  spriteColumns: z.int().min(1).max(20).default(10),
  spriteRows: z.int().min(1).max(20).default(10),
})

export const ladderSchema = z
  .strictObject({
    name: id,
    description: z.string().max(500).optional(),
    segmentSeconds: z.number().min(1).max(10).default(4),
    gopSeconds: z.number().min(0.5).max(10).default(2),
    rungs: z.array(rung).min(1).max(20),
    audio: audio.prefault({}),
    thumbnails: thumbnails.prefault({}),
    /** Also write a progressive MP4 of each rung. */
    mp4: z.boolean().default(true),
  })
  .superRefine((ladder, context) => {
    if (!Number.isInteger(ladder.segmentSeconds / ladder.gopSeconds)) {
      context.addIssue({
        code: 'custom',
        path: ['segmentSeconds'],
        message: `must be a multiple of gopSeconds (${ladder.gopSeconds})`,
        input: ladder.segmentSeconds,
      })
    }
    ladder.rungs.forEach(({ id: rungId }, index) => {
      if (ladder.rungs.findIndex((other) => other.id === rungId) !== index) {
        context.addIssue({
          code: 'custom',
          path: ['rungs', index, 'id'],
          message: 'is used by an earlier rung; every rung needs its own',
          input: rungId,
        })
      }
    })
  })

export type Ladder = z.infer<typeof ladderSchema>
export type LadderRung = Ladder['rungs'][number]
