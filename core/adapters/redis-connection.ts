import { Redis } from 'ioredis'
import { GantryError } from '../contract/errors'

/** Where Redis is; the part of a client's options that a user decides. */
export interface RedisTarget {
  host?: string
  port?: number
  /** Unix socket; ends at 108 bytes. */
  path?: string
  db: number
  username?: string
  password?: string
  tls?: Record<string, never>
}

/**
 * The target named by GANTRY_REDIS_URL: `redis://`, `rediss://`, or `unix:///path?db=0`.
 *
 * @throws CONFIG_INVALID with the allowed forms.
 */
export function redisTarget(url: string): RedisTarget {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed?.protocol === 'unix:') return { path: decodeURIComponent(parsed.pathname), db: databaseOf(parsed) }
  if (parsed === null || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '') {
    throw new GantryError(
      'CONFIG_INVALID',
      `GANTRY_REDIS_URL must be redis://host:port, rediss://host:port or unix:///path/to/socket, got '${masked(url)}'`,
    )
  }
  return {
    host: parsed.hostname,
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    db: databaseOf(parsed),
    ...(parsed.username !== '' && { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password !== '' && { password: decodeURIComponent(parsed.password) }),
    ...(parsed.protocol === 'rediss:' && { tls: {} }),
  }
}

/** A Redis that takes a command and says nothing is as good as away. */
const COMMAND_MS = 5_000

/** A connection for commands of our own. It fails fast while Redis is away instead of queueing without bound. */
export function connectRedis(target: RedisTarget, onError: (error: Error) => void): Redis {
  const redis = new Redis({
    ...target,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_MS,
    retryStrategy: reconnectDelayMs,
  })
  redis.on('error', onError)
  return redis
}

/** A worker is back within two seconds of its Redis. */
export const MAX_RECONNECT_MS = 2_000

/** 50 ms doubling to 2 s. */
export function reconnectDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 6), MAX_RECONNECT_MS)
}

/** `?db=2`, or the path as in `redis://host/2`. */
function databaseOf(url: URL): number {
  return Number(url.searchParams.get('db') ?? /^\/(\d+)$/.exec(url.pathname)?.[1] ?? 0)
}

function masked(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@')
}
