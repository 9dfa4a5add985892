/** Every setting of the product in one table; `docs/configuration.md` is held against it by a test. */
import { availableParallelism, hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { host, port, text, whole, wholeNumber, type Setting } from './setting-kinds'
import { EVENT_SETTINGS } from './settings-events'
import { INTAKE_SETTINGS } from './settings-intake'
import { STORE_SETTINGS } from './settings-store'

export type { Setting }

const encoderThreads = z
  .string()
  .regex(/^(auto|[1-9]|[1-5]\d|6[0-4])$/, 'must be auto or a whole number from 1 to 64')
  .transform((text): number | 'auto' => (text === 'auto' ? text : Number(text)))
  .default('auto')

const redisUrl = text(
  'must be redis://host:port, rediss://host:port or unix:///path',
  /^(rediss?:\/\/[^/\s]+|unix:\/\/\/[^\s?#])/,
)

const program = (usual: string) => text('must be the name or path of a program', /^[^\0]+$/).default(usual)

/** Hash-tagged, so that all keys of a flow lie in one slot of a cluster. */
const queuePrefix = text(
  'must be a name of 1 to 40 a-z, 0-9 and - in braces, for example {gantry}',
  /^\{[a-z0-9-]{1,40}\}$/,
).default('{gantry}')

/** Tells processes apart that run at the same time. */
function processName(): string {
  return `${hostname()
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 50)}-${process.pid}`
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export const SETTINGS = {
  GANTRY_REDIS_URL: {
    schema: redisUrl,
    meaning: 'Redis or Valkey of the queue; holds nothing that cannot be rebuilt',
    secret: true,
  },
  ...STORE_SETTINGS,
  ...INTAKE_SETTINGS,
  ...EVENT_SETTINGS,
  GANTRY_LADDER: {
    schema: text('must be the name of a built-in ladder or the path of a YAML file', /^[^\0]+$/).default('default'),
    meaning: 'the ladder of masters that ask for none',
  },
  GANTRY_ROUTES: {
    schema: text('must be the path of a YAML or JSON file', /^[^\0]+$/).optional(),
    meaning: 'file of rules that choose ladder and destination; without it all masters go by the settings',
  },
  GANTRY_SCRATCH: {
    schema: text('must be the path of a folder', /^[^\0]+$/).default(join(tmpdir(), 'gantry-scratch')),
    meaning: 'folder for files of an attempt; emptied after each',
    usually: '`gantry-scratch` in the folder for temporary files',
  },
  GANTRY_WORKER_ID: {
    schema: text('must be 1 to 64 letters, digits, dots, - and _', /^[A-Za-z0-9._-]{1,64}$/).default(processName()),
    meaning: 'name of a process in markers, logs and leases',
    usually: 'host name and process id',
  },
  GANTRY_ADMIN_PORT: {
    schema: port(0).optional(),
    meaning: 'port of /healthz, /readyz and /metrics; without it there is none',
  },
  GANTRY_ADMIN_HOST: { schema: host('127.0.0.1'), meaning: 'address that the admin port listens on' },
  GANTRY_DRAIN_SECONDS: {
    schema: whole(0, 3_600, 70),
    meaning: 'a worker that is to stop finishes pieces with less than this left and hands the others back',
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
  GANTRY_PIECE_SECONDS: {
    schema: wholeNumber(1, 86_400).optional(),
    meaning: 'media seconds in one piece of a master; without it what a slot encodes in a minute',
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
    // BullMQ's check leaves a key for as long as its interval, and the next check may come just before that ends: every
    // second one may be missed. 10 s of a lease and twice this are below the 15 s that are promised for a takeover.
    schema: whole(500, 600_000, 2_000),
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
    usually: 'half the cores',
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS
export type Settings = { [Name in SettingName]: z.infer<(typeof SETTINGS)[Name]['schema']> }
