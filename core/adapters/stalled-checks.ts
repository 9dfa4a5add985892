/**
 * When jobs of dead workers are looked for. A lease runs out while Redis is away, too; whoever comes back first would take
 * the work of all others for dead. So nobody looks until every holder had time to take its lease again.
 */
import type { Redis } from 'ioredis'
import { MAX_RECONNECT_MS } from './redis-connection'

export interface StalledChecksOptions {
  /** Its losses are those of all connections of this process. */
  redis: Redis
  lockMs: number
  stallCheckMs: number
  /** One look: jobs without a lease wait for any worker again. */
  look: () => Promise<unknown>
  onError: (error: Error) => void
}

/** A Redis that answers later than this part of a lease may have let one run out meanwhile. */
const SLOW_PART = 0.25

/** Looks every `stallCheckMs` as long as Redis is there, and not before a lease's time has passed since it was away. */
export function startStalledChecks(options: StalledChecksOptions): { stop: () => void } {
  const { redis, lockMs, stallCheckMs, look, onError } = options
  const slowMs = lockMs * SLOW_PART
  // A holder connects again, finds that its lease is gone, and takes it: two pauses of a reconnect, and a renewal.
  const graceMs = lockMs + 2 * MAX_RECONNECT_MS
  // What was before is not known. Half a lease is enough for the holders, and for the work of one that died just now.
  let awayAtMs = performance.now() - graceMs + lockMs / 2
  const isAway = (): void => {
    awayAtMs = performance.now()
  }
  redis.on('close', isAway)
  const turn = async (): Promise<void> => {
    const askedMs = performance.now()
    try {
      // Asked first: a look that is on its way while Redis is away would be the first thing that Redis does afterwards.
      await redis.ping()
    } catch {
      return isAway()
    }
    if (performance.now() - askedMs > slowMs) return isAway()
    if (askedMs - awayAtMs < graceMs) return
    await look()
  }
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const next = (): void => {
    void turn()
      .catch(onError)
      .then(() => {
        if (!isStopped) timer = setTimeout(next, stallCheckMs)
      })
  }
  next()
  return {
    stop: () => {
      isStopped = true
      clearTimeout(timer)
      redis.off('close', isAway)
    },
  }
}
