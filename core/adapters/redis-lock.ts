/** Locks and leases in Redis: one holder of a name at a time, for as long as it renews. */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { GantryError } from '../contract/errors'
import type { Lease } from '../ports/lease'

/** Only the holder renews or lets go. Source: Redis documentation, SET, "Patterns". */
const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`
const LET_GO = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

/** Takes a name if nobody has it. @throws QUEUE_UNAVAILABLE */
export async function takeLease(redis: Redis, key: string, lastsMs: number): Promise<Lease | null> {
  const token = randomBytes(16).toString('hex')
  const taken = await reached(() => redis.set(key, token, 'PX', lastsMs, 'NX'))
  if (taken !== 'OK') return null
  return {
    renew: async () => (await reached(() => redis.eval(RENEW, 1, key, token, lastsMs))) === 1,
    letGo: async () => void (await reached(() => redis.eval(LET_GO, 1, key, token))),
  }
}

export interface LockOptions {
  /** Before each name; hash-tagged like all keys. */
  prefix: string
  /** Longer than any work under the lock should take; a dead holder blocks a name for this long. */
  lastsMs: number
  waitMs: number
}

const POLL_MS = 20

/** Mutual exclusion by name. A name is waited for, in no order. @throws STORE_UNAVAILABLE when it stays taken. */
export function redisLock(redis: Redis, { prefix, lastsMs, waitMs }: LockOptions) {
  const take = async (name: string): Promise<Lease> => {
    const until = performance.now() + waitMs
    for (;;) {
      const lease = await takeLease(redis, `${prefix}:lock:${name}`, lastsMs)
      if (lease !== null) return lease
      if (performance.now() > until) {
        throw new GantryError('STORE_UNAVAILABLE', `another process holds '${name}' for more than ${waitMs} ms`)
      }
      await delay(POLL_MS + Math.random() * POLL_MS)
    }
  }
  return {
    withLock: async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      const lease = await take(name)
      try {
        return await work()
      } finally {
        // What was done is done; a lease that cannot be given back runs out.
        await lease.letGo().catch(() => undefined)
      }
    },
  }
}

async function reached<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw new GantryError('QUEUE_UNAVAILABLE', `Redis did not answer: ${String(error)}`, {}, { cause: error })
  }
}
