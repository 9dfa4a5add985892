/** The parts that both services have, started in any order of what they need, and released with the service. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { asGantryError, type GantryError } from '../contract/errors'
import type { JobQueue } from '../ports/job-queue'
import type { OpenStore } from '../ports/object-store'
import type { Signals } from '../ports/signals'
import type { ReadyCheck } from '../service/admin'
import type { Logger } from '../service/logger'
import type { RunningService } from '../service/main'
import { createJobQueue } from './bullmq-queue'
import {
  checkRedis,
  EVENT_NAMES,
  openEventsFrom,
  openStoreFrom,
  QUEUE_NAMES,
  queueOptionsFrom,
  STORE_NAMES,
  type EventsOut,
} from './from-settings'
import { connectRedis, redisTarget } from './redis-connection'
import { redisSignals } from './redis-signals'

export const PART_NAMES = [...STORE_NAMES, ...EVENT_NAMES, ...QUEUE_NAMES] as const

export interface Parts {
  redis: Redis
  places: OpenStore
  queue: JobQueue
  signals: Signals
  sink: EventsOut
  readyChecks: readonly ReadyCheck[]
}

/** Waits for what is not there yet. @param awsRegion As the SDK's own variables have it. */
export async function openParts(
  { settings, log, onStop, signal }: RunningService<(typeof PART_NAMES)[number]>,
  awsRegion: string | undefined,
): Promise<Parts> {
  const target = redisTarget(settings.GANTRY_REDIS_URL)
  const redis = connectRedis(target, (error) => log.debug({ err: error }, 'redis'))
  onStop('redis', () => Promise.resolve(redis.disconnect()))
  await patiently('redis', () => checkRedis(redis), log, signal)
  const places = await patiently('store', () => openStoreFrom(settings, { redis, log, awsRegion }), log, signal)
  onStop('store', () => Promise.resolve(places.close()))
  const queue = await patiently('queue', () => createJobQueue(queueOptionsFrom(settings, log)), log, signal)
  onStop('queue', () => queue.close())
  const onError = (error: Error): void => log.debug({ err: error }, 'signals connection')
  const signals = redisSignals(target, settings.GANTRY_QUEUE_PREFIX, onError)
  onStop('signals', () => signals.close())
  const sink = await openEventsFrom(settings, log)
  onStop('events', () => sink.close())
  const readyChecks = [
    { name: 'redis', check: () => checkRedis(redis) },
    { name: 'store', check: () => places.check() },
  ]
  return { redis, places, queue, signals, sink, readyChecks }
}

const FIRST_PAUSE_MS = 250
const MAX_PAUSE_MS = 5_000

/** A bucket that is not there may be made by the same stack a moment later; until then the log says which. */
function isPassing({ code, retryable }: GantryError): boolean {
  return (retryable && code !== 'QUEUE_INTERNAL') || code === 'STORE_NOT_FOUND'
}

/**
 * Starts a part that needs another service, again and again while that is not there yet: containers of one stack start in
 * any order.
 *
 * @throws What no patience can help; the reason of `signal`.
 */
async function patiently<T>(part: string, start: () => Promise<T>, log: Logger, signal: AbortSignal): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
    signal.throwIfAborted()
    try {
      return await start()
    } catch (thrown) {
      const error = asGantryError(thrown)
      if (!isPassing(error)) throw error
      log.warn({ part, code: error.code, reason: error.message, againInMs: pauseMs }, 'waiting for a part')
      await delay(pauseMs, undefined, { signal })
    }
  }
}
