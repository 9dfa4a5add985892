/** From settings to the options of parts: store, queue, events. */
import type { Redis } from 'ioredis'
import { GantryError } from '../contract/errors'
import type { EventSink } from '../ports/event-sink'
import type { OpenStore } from '../ports/object-store'
import type { Logger } from '../service/logger'
import type { Settings } from '../service/settings'
import type { QueueOptions } from './bullmq-queue'
import { kafkaEvents } from './kafka-events'
import { ndjsonEvents } from './ndjson-events'
import { openStore } from './open-store'
import { redisLock } from './redis-lock'
import { redisTarget } from './redis-connection'

export const STORE_NAMES = [
  ...(['GANTRY_STATE', 'GANTRY_OUTPUT', 'GANTRY_PUBLIC_URL', 'GANTRY_S3_ENDPOINT', 'GANTRY_S3_REGION'] as const),
  ...(['GANTRY_S3_PATH_STYLE', 'GANTRY_S3_ROLE_ARN', 'GANTRY_S3_EXTERNAL_ID', 'GANTRY_S3_KMS_KEY'] as const),
  ...(['GANTRY_S3_TAGS', 'GANTRY_S3_CACHE_IMMUTABLE', 'GANTRY_S3_CACHE_REVALIDATE'] as const),
  ...(['GANTRY_S3_RETRY_SECONDS', 'GANTRY_QUEUE_PREFIX'] as const),
] as const

export const EVENT_NAMES = [
  ...(['GANTRY_KAFKA_BROKERS', 'GANTRY_KAFKA_TOPIC_PREFIX', 'GANTRY_KAFKA_TLS', 'GANTRY_KAFKA_CA'] as const),
  ...(['GANTRY_KAFKA_SASL', 'GANTRY_KAFKA_USERNAME', 'GANTRY_KAFKA_PASSWORD', 'GANTRY_KAFKA_REGION'] as const),
  ...(['GANTRY_KAFKA_CREATE_TOPICS', 'GANTRY_KAFKA_PARTITIONS', 'GANTRY_KAFKA_REPLICATION'] as const),
  ...(['GANTRY_WORKER_ID', 'GANTRY_QUEUE_PREFIX'] as const),
] as const

export const QUEUE_NAMES = [
  ...(['GANTRY_REDIS_URL', 'GANTRY_QUEUE_PREFIX', 'GANTRY_ATTEMPTS', 'GANTRY_RETRY_DELAY_MS'] as const),
] as const

type Picked<Names extends readonly (keyof Settings)[]> = Pick<Settings, Names[number]>

/** A name under the lock stays taken this long after its holder has died. */
const LOCK_MS = 30_000

/** @throws CONFIG_INVALID, STORE_ codes. */
export function openStoreFrom(
  settings: Picked<typeof STORE_NAMES>,
  { redis, log, awsRegion }: { redis: Redis; log: Logger; awsRegion: string | undefined },
): Promise<OpenStore> {
  const lock = redisLock(redis, { prefix: settings.GANTRY_QUEUE_PREFIX, lastsMs: LOCK_MS, waitMs: LOCK_MS })
  const { GANTRY_S3_ROLE_ARN: arn, GANTRY_S3_EXTERNAL_ID: externalId } = settings
  return openStore({
    stateUrl: settings.GANTRY_STATE,
    outputUrl: settings.GANTRY_OUTPUT,
    s3: {
      region: settings.GANTRY_S3_REGION ?? awsRegion,
      endpoint: settings.GANTRY_S3_ENDPOINT,
      pathStyle: settings.GANTRY_S3_PATH_STYLE,
      role: arn === undefined ? undefined : { arn, ...(externalId !== undefined && { externalId }) },
      retryMs: settings.GANTRY_S3_RETRY_SECONDS * 1_000,
      defaults: {
        tags: tagsOf(settings.GANTRY_S3_TAGS ?? []),
        cacheControl: {
          immutable: settings.GANTRY_S3_CACHE_IMMUTABLE,
          revalidate: settings.GANTRY_S3_CACHE_REVALIDATE,
        },
        ...(settings.GANTRY_S3_KMS_KEY !== undefined && { kmsKeyId: settings.GANTRY_S3_KMS_KEY }),
      },
      publicUrl: settings.GANTRY_PUBLIC_URL,
      lock,
      warn: (message) => log.warn(message),
    },
  })
}

/** Of `team=video`. */
export function tagsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

export function queueOptionsFrom(settings: Picked<typeof QUEUE_NAMES>, log: Logger): QueueOptions {
  return {
    redis: redisTarget(settings.GANTRY_REDIS_URL),
    prefix: settings.GANTRY_QUEUE_PREFIX,
    attempts: settings.GANTRY_ATTEMPTS,
    retryDelayMs: settings.GANTRY_RETRY_DELAY_MS,
    onError: (error) => log.debug({ err: error }, 'queue connection'),
  }
}

export interface EventsOut extends EventSink {
  droppedCount(): number
}

/** Kafka where brokers are set, else lines on stdout. @throws CONFIG_INVALID for options that do not go together. */
export async function openEventsFrom(settings: Picked<typeof EVENT_NAMES>, log: Logger): Promise<EventsOut> {
  const brokers = settings.GANTRY_KAFKA_BROKERS
  if (brokers === undefined) return ndjsonEvents(process.stdout)
  const partitions = settings.GANTRY_KAFKA_PARTITIONS
  const replicationFactor = settings.GANTRY_KAFKA_REPLICATION ?? null
  return kafkaEvents({
    brokers,
    clientId: settings.GANTRY_WORKER_ID,
    topicPrefix: settings.GANTRY_KAFKA_TOPIC_PREFIX,
    createTopics: settings.GANTRY_KAFKA_CREATE_TOPICS ? { partitions, replicationFactor } : null,
    tls: tlsOf(settings),
    sasl: saslOf(settings),
    source: `/gantry/${settings.GANTRY_QUEUE_PREFIX.slice(1, -1)}`,
    log,
  })
}

function tlsOf({ GANTRY_KAFKA_TLS, GANTRY_KAFKA_CA: ca }: Picked<typeof EVENT_NAMES>): 'off' | 'on' | { ca: string } {
  if (!GANTRY_KAFKA_TLS) return 'off'
  return ca === undefined ? 'on' : { ca }
}

function saslOf(settings: Picked<typeof EVENT_NAMES>): Parameters<typeof kafkaEvents>[0]['sasl'] {
  const mechanism = settings.GANTRY_KAFKA_SASL
  if (mechanism === 'off') return null
  if (mechanism === 'aws-msk-iam') {
    const region = settings.GANTRY_KAFKA_REGION
    if (region === undefined) throw new GantryError('CONFIG_INVALID', 'aws-msk-iam needs GANTRY_KAFKA_REGION')
    return { mechanism, region }
  }
  const { GANTRY_KAFKA_USERNAME: username, GANTRY_KAFKA_PASSWORD: password } = settings
  if (username === undefined || password === undefined) {
    throw new GantryError('CONFIG_INVALID', `${mechanism} needs GANTRY_KAFKA_USERNAME and GANTRY_KAFKA_PASSWORD`)
  }
  return { mechanism, username, password }
}

/** Refuses a Redis that may throw keys away: locks have an end and would go first. @throws CONFIG_REDIS_EVICTS */
export async function checkRedis(redis: Redis): Promise<void> {
  // INFO, since managed services forbid CONFIG GET.
  const info = await redis.info('memory').catch((error: unknown) => {
    throw new GantryError('QUEUE_UNAVAILABLE', `Redis did not answer: ${String(error)}`, {}, { cause: error })
  })
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction'
  if (policy === 'noeviction') return
  throw new GantryError('CONFIG_REDIS_EVICTS', `maxmemory-policy of Redis must be noeviction, it is ${policy}`)
}
