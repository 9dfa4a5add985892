/** The services as operators run them, each a process with nothing but its settings, on real servers of the test's own. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { NetConnectOpts } from 'node:net'
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
import { startTcpProxy, type TcpProxy } from './faults/tcp-proxy'
import { readTopics } from './kafka-reader'
import { openHandles, type OpenHandles } from './open-handles'
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
  /** What it held open when it said that it was ready; null before. */
  atReady(): OpenHandles | null
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
  let atReady: OpenHandles | null = null
  createInterface({ input: child.stderr }).on('line', (text) => {
    const line = lineOf(text)
    if (line.msg === `${kind} ready`) atReady = openHandles(child.pid ?? 0)
    lines.push(line)
    waiting.forEach((look) => look(line))
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return {
    pid: child.pid ?? 0,
    lines,
    exited,
    atReady: () => atReady,
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

/** A process that is killed may leave half a line. */
function lineOf(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return { level: 0, msg: 'no line of the log', text }
  }
}

export interface Services {
  s3: S3Server
  client: S3Client
  redis: RedisServer
  kafka: KafkaServer
  proxy: FaultProxy | null
  /** All services that were started, ended ones too. */
  started: readonly ServiceProcess[]
  /** The way of all services to a server; only of those in `ServicesOptions.networks`. */
  network(server: Networked): TcpProxy
  /** What both services are told. */
  env: Env
  webhookUrl: string
  scheduler(env?: Env): Promise<ServiceProcess>
  /** Another one in place of the first, where the S3 server posts its events to; once that has ended. */
  firstAgain(): Promise<ServiceProcess>
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

export type Networked = 'redis' | 's3' | 'kafka'

export interface ServicesOptions {
  /** Whether the S3 server posts its events to the scheduler. */
  events: boolean
  /** Puts a proxy with faults between the services and the S3 server. */
  proxied?: boolean
  /** Servers that the services reach through a network with faults; tests reach them directly. */
  networks?: readonly Networked[]
  /** Settings of all services, the first scheduler included. */
  env?: Env
  /** Settings of the first scheduler, and of those in its place. */
  firstEnv?: Env
  /** Beside the usual ones. */
  buckets?: readonly string[]
  s3?: S3ServerOptions
}

const TOKEN = 'token-of-this-test-run'
const WAIT_MS = 120_000

type Closes = () => unknown

/**
 * Starts the servers, and the first scheduler before the S3 server, which does not start unless its events are heard.
 * When one of them does not start, the others are ended.
 */
export async function startServices(options: ServicesOptions): Promise<Services & { first: ServiceProcess }> {
  const closers: Closes[] = []
  try {
    return await startAll(options, closers)
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

/** Ends what was started last first. */
async function closeAll(closers: readonly Closes[]): Promise<void> {
  for (const close of closers.toReversed()) await close()
}

async function startAll(options: ServicesOptions, closers: Closes[]): Promise<Services & { first: ServiceProcess }> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-services-'))
  closers.push(() => rm(folder, { recursive: true, force: true }))
  const redis = await startRedisServer({ program: 'redis-server', folder, onRestart: () => undefined })
  closers.push(() => redis.close())
  const networks = new Map<Networked, TcpProxy>()
  const front = async (server: Networked, target: NetConnectOpts): Promise<number | null> => {
    if (options.networks?.includes(server) !== true) return null
    const network = await startTcpProxy(target)
    closers.push(() => network.close())
    networks.set(server, network)
    return network.port
  }
  const redisPort = await front('redis', { path: redisTarget(redis.url).path ?? '' })
  const kafka = await startKafka({ behind: async (port) => (await front('kafka', { port })) ?? port })
  closers.push(() => kafka.close())
  const [s3Port = 0, webhookPort = 0] = await freePorts(2)
  const s3Url = `http://127.0.0.1:${s3Port}`
  const proxy = options.proxied === true ? await startFaultProxy(s3Url) : null
  closers.push(() => proxy?.close())
  const httpUrl = proxy?.url ?? s3Url
  const s3Front = await front('s3', { port: Number(new URL(httpUrl).port) })
  const env = {
    ...settings({
      redisUrl: redisPort === null ? redis.url : `redis://127.0.0.1:${redisPort}`,
      broker: kafka.front,
      s3Url: s3Front === null ? httpUrl : `http://127.0.0.1:${s3Front}`,
    }),
    GANTRY_SCRATCH: join(folder, 'scratch'),
    ...options.env,
  }
  const running: ServiceProcess[] = []
  const endRunning = async (): Promise<void> => {
    for (const { signal } of running) signal('SIGTERM')
    await Promise.all(running.map(({ exited }) => exited))
  }
  closers.push(endRunning)
  const run = async (kind: 'scheduler' | 'worker', more: Env): Promise<ServiceProcess> => {
    const made = startService(kind, { ...env, ...more })
    running.push(made)
    return Promise.resolve(made)
  }
  const webhookUrl = `http://127.0.0.1:${webhookPort}/events?token=${TOKEN}`
  const firstAgain = async (): Promise<ServiceProcess> => {
    const intake = { GANTRY_WEBHOOK_PORT: String(webhookPort), GANTRY_WEBHOOK_TOKEN: TOKEN }
    const made = await run('scheduler', { ...intake, ...options.firstEnv })
    await made.line({ msg: 'webhook listens' })
    return made
  }
  const first = await firstAgain()
  const s3 = await startVersitygw({ ...options.s3, port: s3Port, ...(options.events && { webhookUrl }) })
  // The services end before the store that they close with.
  closers.splice(-1, 0, () => s3.close())
  const client = createS3Client({ region: s3.region, endpoint: s3.endpoint, pathStyle: true, retryMs: 10_000 }, s3)
  closers.push(() => client.destroy())
  for (const Bucket of [...Object.values(BUCKETS), ...(options.buckets ?? [])]) {
    await client.send(new CreateBucketCommand({ Bucket }))
  }
  await letAllRead(client)
  const topics = async (...names: string[]): Promise<AnyEvent[]> =>
    (await readTopics(kafka.plain, names)).map(({ value }) => JSON.parse(value) as AnyEvent)
  return {
    ...{ s3, client, redis, kafka, env, webhookUrl, first, proxy, started: running },
    network: (server) => {
      const network = networks.get(server)
      if (network === undefined) throw new Error(`no network is between the services and ${server}`)
      return network
    },
    scheduler: (more = {}) => run('scheduler', more),
    firstAgain,
    worker: (more = {}) => run('worker', more),
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
    close: () => closeAll(closers),
  }
}

/** What both services are told of the servers. */
function settings(servers: { redisUrl: string; broker: string; s3Url: string }): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: 'test-access',
    AWS_SECRET_ACCESS_KEY: 'test-secret-of-this-run',
    AWS_REGION: 'us-east-1',
    GANTRY_REDIS_URL: servers.redisUrl,
    GANTRY_STATE: `s3://${BUCKETS.state}/gantry`,
    GANTRY_OUTPUT: `s3://${BUCKETS.output}`,
    GANTRY_SOURCES: BUCKETS.masters,
    GANTRY_S3_ENDPOINT: servers.s3Url,
    GANTRY_KAFKA_BROKERS: servers.broker,
    GANTRY_KAFKA_CREATE_TOPICS: 'on',
    GANTRY_KAFKA_PARTITIONS: '3',
    GANTRY_ENCODER_THREADS: '1',
    GANTRY_LOG_LEVEL: 'debug',
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
