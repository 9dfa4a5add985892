/** The services as operators run them, each a process with nothing but its settings, on real servers of the test's own. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import { redisTarget } from '../../core/adapters/redis-connection'
import { startRedisServer, type RedisServer } from '../../core/adapters/redis-server'
import { createS3Client } from '../../core/adapters/s3-client'
import type { AnyEvent, EventType, GantryEvent } from '../../core/contract/event'
import { startFaultProxy, type FaultProxy } from './fault-proxy'
import { readTopics } from './kafka-reader'
import { startKafka, type KafkaServer } from './servers/kafka'
import { freePorts } from './servers/server-process'
import { startVersitygw, type S3Server, type S3ServerOptions } from './servers/versitygw'

const ROOT = join(__dirname, '..', '..')

export const BUCKETS = { masters: 'masters', state: 'state', output: 'output' } as const

export interface LogLine {
  level: number
  msg: string
  [field: string]: unknown
}

export interface ServiceProcess {
  pid: number
  lines: LogLine[]
  /** The first line, past or to come, that is like this; rejects when the process ends before. */
  line(like: Partial<LogLine>): Promise<LogLine>
  signal(name: NodeJS.Signals): void
  exited: Promise<number | null>
}

type Env = Readonly<Record<string, string>>

/** @param env Complete but for PATH. */
export function startService(kind: 'scheduler' | 'worker', env: Env): ServiceProcess {
  const child = spawn(process.execPath, [join(ROOT, 'dist', kind, 'main.js')], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines: LogLine[] = []
  const waiting: ((line: LogLine) => void)[] = []
  createInterface({ input: child.stderr }).on('line', (text) => {
    const line = JSON.parse(text) as LogLine
    lines.push(line)
    waiting.forEach((look) => look(line))
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return {
    pid: child.pid ?? 0,
    lines,
    exited,
    line: (like) =>
      new Promise((resolve, reject) => {
        const look = (line: LogLine): void => {
          if (Object.entries(like).every(([field, value]) => line[field] === value)) resolve(line)
        }
        lines.forEach(look)
        waiting.push(look)
        const told = (): string => lines.map((line) => JSON.stringify(line)).join('\n')
        void exited.then((code) => reject(new Error(`${kind} ended with ${String(code)}:\n${told()}`)))
      }),
    signal: (name) => void child.kill(name),
  }
}

export interface Services {
  s3: S3Server
  client: S3Client
  redis: RedisServer
  kafka: KafkaServer
  proxy: FaultProxy | null
  /** What both services are told. */
  env: Env
  webhookUrl: string
  scheduler(env?: Env): Promise<ServiceProcess>
  worker(env?: Env): Promise<ServiceProcess>
  put(key: string, file: string): Promise<void>
  /** All events of the lifecycle topic so far. */
  lifecycle(): Promise<AnyEvent[]>
  /** Waits until an event of this type is in its topic. */
  event<T extends EventType>(type: T, which?: (event: GantryEvent<T>) => boolean): Promise<GantryEvent<T>>
  openUploads(): Promise<number>
  /** All keys and values in Redis, as text. */
  redisTexts(): Promise<string[]>
  close(): Promise<void>
}

export interface ServicesOptions {
  /** Whether the S3 server posts its events to the scheduler. */
  events: boolean
  /** Puts a proxy with faults between the services and the S3 server. */
  proxied?: boolean
  s3?: S3ServerOptions
}

const TOKEN = 'token-of-this-test-run'
const WAIT_MS = 120_000

/** Starts the servers, and the first scheduler before the S3 server, which does not start unless its events are heard. */
export async function startServices(options: ServicesOptions): Promise<Services & { first: ServiceProcess }> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-services-'))
  const [redis, kafka] = await Promise.all([
    startRedisServer({ program: 'redis-server', folder, onRestart: () => undefined }),
    startKafka(),
  ])
  const [s3Port = 0, webhookPort = 0] = await freePorts(2)
  const running: ServiceProcess[] = []
  const run = async (kind: 'scheduler' | 'worker', env: Env): Promise<ServiceProcess> => {
    const made = startService(kind, env)
    running.push(made)
    return Promise.resolve(made)
  }
  const s3Url = `http://127.0.0.1:${s3Port}`
  const proxy = options.proxied === true ? await startFaultProxy(s3Url) : null
  const webhookUrl = `http://127.0.0.1:${webhookPort}/events?token=${TOKEN}`
  const keys = { AWS_ACCESS_KEY_ID: 'test-access', AWS_SECRET_ACCESS_KEY: 'test-secret-of-this-run' }
  const env: Record<string, string> = {
    ...keys,
    AWS_REGION: 'us-east-1',
    GANTRY_REDIS_URL: redis.url,
    GANTRY_STATE: `s3://${BUCKETS.state}/gantry`,
    GANTRY_OUTPUT: `s3://${BUCKETS.output}`,
    GANTRY_SOURCES: BUCKETS.masters,
    GANTRY_S3_ENDPOINT: proxy?.url ?? s3Url,
    GANTRY_KAFKA_BROKERS: kafka.plain,
    GANTRY_KAFKA_CREATE_TOPICS: 'on',
    GANTRY_KAFKA_PARTITIONS: '3',
    GANTRY_SCRATCH: join(folder, 'scratch'),
    GANTRY_ENCODER_THREADS: '1',
    GANTRY_LOG_LEVEL: 'debug',
  }
  const webhook = { GANTRY_WEBHOOK_PORT: String(webhookPort), GANTRY_WEBHOOK_TOKEN: TOKEN }
  const first = await run('scheduler', { ...env, ...webhook })
  await first.line({ msg: 'webhook listens' })
  const s3 = await startVersitygw({
    ...options.s3,
    port: s3Port,
    ...(options.events && { webhookUrl }),
  })
  const client = createS3Client({ region: s3.region, endpoint: s3.endpoint, pathStyle: true, retryMs: 10_000 }, s3)
  for (const Bucket of Object.values(BUCKETS)) await client.send(new CreateBucketCommand({ Bucket }))
  await letAllRead(client)
  const topics = async (...names: string[]): Promise<AnyEvent[]> =>
    (await readTopics(kafka.plain, names)).map(({ value }) => JSON.parse(value) as AnyEvent)
  return {
    ...{ s3, client, redis, kafka, env, webhookUrl, first, proxy },
    scheduler: (more = {}) => run('scheduler', { ...env, ...more }),
    worker: (more = {}) => run('worker', { ...env, ...more }),
    put: async (key, file) =>
      void (await client.send(new PutObjectCommand({ Bucket: BUCKETS.masters, Key: key, Body: await readFile(file) }))),
    lifecycle: () => topics('gantry.lifecycle'),
    event: async (type, which = () => true) => {
      const until = performance.now() + WAIT_MS
      for (;;) {
        const all = (await topics('gantry.lifecycle', 'gantry.progress')) as unknown as GantryEvent<typeof type>[]
        const found = all.find((event) => event.type === type && which(event))
        if (found !== undefined) return found
        if (performance.now() > until) {
          const told = all.map((event) => `${event.type} ${event.assetId}`)
          throw new Error(`no ${type} within ${WAIT_MS} ms: ${told.join(', ')}\n${running.map(lastWords).join('\n')}`)
        }
      }
    },
    openUploads: async () => {
      const lists = Object.values(BUCKETS).map((Bucket) => client.send(new ListMultipartUploadsCommand({ Bucket })))
      return (await Promise.all(lists)).reduce((sum, { Uploads = [] }) => sum + Uploads.length, 0)
    },
    redisTexts: () => redisTexts(redis),
    close: async () => {
      for (const { signal } of running) signal('SIGTERM')
      await Promise.all(running.map(({ exited }) => exited))
      client.destroy()
      await Promise.all([proxy?.close(), s3.close(), kafka.close(), redis.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function redisTexts({ url }: RedisServer): Promise<string[]> {
  const redis = new Redis(redisTarget(url))
  try {
    const keys = await redis.keys('*')
    const values = await Promise.all(keys.map(async (key) => (await redis.dumpBuffer(key)).toString('latin1')))
    return [...keys, ...values]
  } finally {
    redis.disconnect()
  }
}

/** What a service said of late, for a failure's message. */
function lastWords({ pid, lines }: ServiceProcess): string {
  const shown = lines.filter(({ msg }) => msg !== 'service starts').slice(-25)
  return [`-- ${pid}`, ...shown.map((line) => JSON.stringify(line).slice(0, 300))].join('\n')
}

/** As a bucket behind a CDN is: whoever knows the address may read. */
async function letAllRead(client: S3Client): Promise<void> {
  const statement = {
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::${BUCKETS.output}/*`,
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  await client.send(new PutBucketPolicyCommand({ Bucket: BUCKETS.output, Policy }))
}
