/** Every setting of the product in one table; `docs/configuration.md` is held against it by a test. */
import { availableParallelism } from 'node:os'
import { z } from 'zod'

export interface Setting<T = unknown> {
  schema: z.ZodType<T>
  meaning: string
  /** Never printed. */
  secret?: true
}

const whole = (least: number, most: number, usual: number) =>
  z.coerce.number().int().min(least).max(most).default(usual)

const storeUrl = z.string().regex(/^file:\/\/\//, 'must be a folder as file:///path')

/** Hash-tagged, so that all keys of a flow lie in one slot of a cluster. */
const queuePrefix = z
  .string()
  .regex(/^\{[a-z0-9-]{1,40}\}$/, 'must be a name of a-z, 0-9 and - in braces, for example {gantry}')
  .default('{gantry}')

export const SETTINGS = {
  GANTRY_REDIS_URL: {
    schema: z
      .string()
      .regex(/^(rediss?:\/\/[^/\s]+|unix:\/\/\/)/, 'must be redis://host:port, rediss://host:port or unix:///path'),
    meaning: 'Redis or Valkey of the queue; holds nothing that cannot be rebuilt',
    secret: true,
  },
  GANTRY_STATE: { schema: storeUrl, meaning: 'where plans and markers are kept' },
  GANTRY_OUTPUT: { schema: storeUrl, meaning: 'where assets are published' },
  GANTRY_SCRATCH: { schema: z.string().min(1), meaning: 'folder for files of an attempt; emptied after each' },
  GANTRY_WORKER_ID: {
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
    meaning: 'name of a worker in markers and logs',
  },
  GANTRY_LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    meaning: 'least level that is logged',
  },
  GANTRY_SLOTS: { schema: whole(1, 64, 1), meaning: 'pieces that a worker encodes at once' },
  GANTRY_ENCODER_THREADS: {
    schema: z.union([z.literal('auto'), z.coerce.number().int().min(1).max(64)]).default('auto'),
    meaning: 'threads of each encoder; 1 costs least when many pieces share a machine, auto is quickest for one title',
  },
  GANTRY_FFMPEG: { schema: z.string().min(1).default('ffmpeg'), meaning: 'name or path of ffmpeg' },
  GANTRY_FFPROBE: { schema: z.string().min(1).default('ffprobe'), meaning: 'name or path of ffprobe' },
  GANTRY_REDIS_SERVER: {
    schema: z.string().min(1).default('redis-server'),
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
