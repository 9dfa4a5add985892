/** Every setting of the product in one table; `docs/configuration.md` is held against it by a test. */
import { availableParallelism } from 'node:os'
import { z } from 'zod'

export interface Setting<T = unknown> {
  schema: z.ZodType<T>
  meaning: string
  /** Never printed. */
  secret?: true
}

/** Decimal digits only: `0x10`, `1e3` and ` 5` are more likely a slip than a wish. */
const whole = (least: number, most: number, usual: number) => {
  const allowed = `must be a whole number from ${least} to ${most}`
  return z
    .string()
    .regex(/^\d{1,16}$/, allowed)
    .transform(Number)
    .refine((value) => value >= least && value <= most, allowed)
    .default(usual)
}

const encoderThreads = z
  .string()
  .regex(/^(auto|[1-9]|[1-5]\d|6[0-4])$/, 'must be auto or a whole number from 1 to 64')
  .transform((text): number | 'auto' => (text === 'auto' ? text : Number(text)))
  .default('auto')

const text = (allowed: string, form: RegExp) => z.string(allowed).regex(form, allowed)

const redisUrl = text(
  'must be redis://host:port, rediss://host:port or unix:///path',
  /^(rediss?:\/\/[^/\s]+|unix:\/\/\/[^\s?#])/,
)

const storeUrl = text('must be a folder as file:///path', /^file:\/\/\/[^?#]*$/)

const program = (usual: string) => text('must be the name or path of a program', /^[^\0]+$/).default(usual)

/** Hash-tagged, so that all keys of a flow lie in one slot of a cluster. */
const queuePrefix = text(
  'must be a name of 1 to 40 a-z, 0-9 and - in braces, for example {gantry}',
  /^\{[a-z0-9-]{1,40}\}$/,
).default('{gantry}')

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export const SETTINGS = {
  GANTRY_REDIS_URL: {
    schema: redisUrl,
    meaning: 'Redis or Valkey of the queue; holds nothing that cannot be rebuilt',
    secret: true,
  },
  GANTRY_STATE: { schema: storeUrl, meaning: 'where plans and markers are kept' },
  GANTRY_OUTPUT: { schema: storeUrl, meaning: 'where assets are published' },
  GANTRY_SCRATCH: {
    schema: text('must be the path of a folder', /^[^\0]+$/),
    meaning: 'folder for files of an attempt; emptied after each',
  },
  GANTRY_WORKER_ID: {
    schema: text('must be 1 to 64 letters, digits, dots, - and _', /^[A-Za-z0-9._-]{1,64}$/),
    meaning: 'name of a worker in markers and logs',
  },
  GANTRY_LOG_LEVEL: {
    schema: z.enum(LEVELS, `must be one of ${LEVELS.join(', ')}`).default('info'),
    meaning: 'least level that is logged',
  },
  GANTRY_SLOTS: { schema: whole(1, 64, 1), meaning: 'pieces that a worker encodes at once' },
  GANTRY_ENCODER_THREADS: {
    schema: encoderThreads,
    meaning: 'threads of each encoder; 1 costs least when many pieces share a machine, auto is quickest for one title',
  },
  GANTRY_FFMPEG: { schema: program('ffmpeg'), meaning: 'name or path of ffmpeg' },
  GANTRY_FFPROBE: { schema: program('ffprobe'), meaning: 'name or path of ffprobe' },
  GANTRY_REDIS_SERVER: {
    schema: program('redis-server'),
    meaning: 'name or path of redis-server, for one machine',
  },
  GANTRY_QUEUE_PREFIX: { schema: queuePrefix, meaning: 'prefix of all keys in Redis' },
  GANTRY_LOCK_MS: { schema: whole(1_000, 600_000, 10_000), meaning: "how long a dead worker's piece stays its own" },
  GANTRY_STALL_CHECK_MS: {
    schema: whole(500, 600_000, 5_000),
    meaning: 'how often pieces of dead workers are looked for',
  },
  GANTRY_ATTEMPTS: { schema: whole(1, 20, 4), meaning: 'attempts at a piece when the failure may pass' },
  GANTRY_RETRY_DELAY_MS: { schema: whole(10, 600_000, 2_000), meaning: 'first pause between attempts; it doubles' },
  GANTRY_POISON_LIMIT: { schema: whole(1, 100, 6), meaning: 'workers that may die on a piece before it is given up' },
  GANTRY_FFMPEG_MEMORY_BYTES: {
    schema: whole(2 * 2 ** 30, 2 ** 40, 8 * 2 ** 30),
    meaning: 'address space of one ffmpeg; below 2 GiB a five-rung 1080p ladder fails',
  },
  GANTRY_FFMPEG_STALL_SECONDS: {
    schema: whole(5, 3_600, 60),
    meaning: 'ffmpeg without progress for this long is stuck',
  },
  GANTRY_MAX_BYTES: { schema: whole(1, 2 ** 50, 2 ** 40), meaning: 'largest master that is taken' },
  GANTRY_MAX_DURATION_SECONDS: { schema: whole(1, 604_800, 43_200), meaning: 'longest master that is taken' },
  GANTRY_MAX_PIXELS: { schema: whole(4_096, 2 ** 28, 35_389_440), meaning: 'largest picture that is decoded' },
  GANTRY_WORKERS: {
    schema: whole(1, 64, Math.max(1, Math.floor(availableParallelism() / 2))),
    meaning: 'worker processes on one machine',
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS
export type Settings = { [Name in SettingName]: z.infer<(typeof SETTINGS)[Name]['schema']> }
