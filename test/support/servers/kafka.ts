/** A real Apache Kafka: one node that is broker and controller (KRaft), in a folder of its own. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { runProgram } from '../run-program'
import { javaClassPath } from './jars'
import { freePorts, startServer, type ServerProcess } from './server-process'

export interface KafkaServer {
  /** `host:port` of the listener without security. */
  plain: string
  /** Of the listener that asks for a user: PLAIN and SCRAM-SHA-512. */
  sasl: string
  /** Of the listener with TLS; only when a certificate was given. */
  tls: string
  /** What stands in front of a further listener without security; only when `behind` was given. */
  front: string
  process(): ServerProcess
  /** After it was killed: on the same ports, with what it has on disk. */
  startAgain(): Promise<void>
  close(): Promise<void>
}

export interface KafkaServerOptions {
  /** PEM with the key and the certificate of `localhost`. */
  tlsPem?: string
  /** Puts something in front of a further listener; resolves with its port, which clients of that listener are told. */
  behind?: (port: number) => Promise<number>
  /** Further lines of its configuration. */
  lines?: readonly string[]
}

export const KAFKA_USER = { username: 'gantry', password: 'a-secret-of-this-test' } as const

/** A JVM that is short-lived and small. */
const JVM = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
const START_MS = 60_000

export async function startKafka(options: KafkaServerOptions = {}): Promise<KafkaServer> {
  const classPath = await javaClassPath()
  const root = await mkdtemp(join(tmpdir(), 'gantry-kafka-'))
  const [plain = 0, sasl = 0, tls = 0, controller = 0, hidden = 0] = await freePorts(5)
  const front = options.behind === undefined ? null : { port: hidden, told: await options.behind(hidden) }
  const file = join(root, 'server.properties')
  const pem = join(root, 'tls.pem')
  if (options.tlsPem !== undefined) await writeFile(pem, options.tlsPem)
  const lines = [
    ...properties({
      ...{ root, plain, sasl, controller, front },
      tls: options.tlsPem === undefined ? null : { port: tls, pem },
    }),
    ...(options.lines ?? []),
  ]
  await writeFile(file, lines.join('\n'))
  await format(classPath, file)
  const start = (): Promise<ServerProcess> =>
    startServer({
      program: 'java',
      argv: [...JVM, '-cp', classPath, 'kafka.Kafka', file],
      isReady: () => answers(`127.0.0.1:${plain}`),
      limitMs: START_MS,
    })
  let server = await start()
  return {
    plain: `127.0.0.1:${plain}`,
    sasl: `127.0.0.1:${sasl}`,
    tls: `localhost:${tls}`,
    front: front === null ? '' : `127.0.0.1:${front.told}`,
    process: () => server,
    startAgain: async () => {
      server = await start()
    },
    close: async () => {
      await server.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}

interface Ports {
  root: string
  plain: number
  sasl: number
  tls: { port: number; pem: string } | null
  controller: number
  front: { port: number; told: number } | null
}

function properties({ root, plain, sasl, tls, controller, front }: Ports): string[] {
  const open = [
    `PLAIN://127.0.0.1:${plain}`,
    `SASL://127.0.0.1:${sasl}`,
    ...(tls === null ? [] : [`TLS://localhost:${tls.port}`]),
  ]
  const frontAt = (port: (one: { port: number; told: number }) => number): string[] =>
    front === null ? [] : [`FRONT://127.0.0.1:${port(front)}`]
  const bound = [...open, ...frontAt(({ port }) => port), `CONTROLLER://127.0.0.1:${controller}`]
  const told = [...open, ...frontAt((one) => one.told)]
  const login = 'org.apache.kafka.common.security'
  return [
    ...['process.roles=broker,controller', 'node.id=1', `log.dirs=${join(root, 'data')}`],
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=${bound.join(',')}`,
    `advertised.listeners=${told.join(',')}`,
    'listener.security.protocol.map=PLAIN:PLAINTEXT,FRONT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL',
    ...['inter.broker.listener.name=PLAIN', 'controller.listener.names=CONTROLLER'],
    'listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512',
    `listener.name.sasl.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${KAFKA_USER.username}="${KAFKA_USER.password}";`,
    `listener.name.sasl.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
    ...(tls === null
      ? []
      : ['listener.name.tls.ssl.keystore.type=PEM', `listener.name.tls.ssl.keystore.location=${tls.pem}`]),
    // One node, and nothing to wait for.
    ...['offsets.topic.replication.factor=1', 'offsets.topic.num.partitions=1', 'group.initial.rebalance.delay.ms=0'],
    ...['transaction.state.log.replication.factor=1', 'transaction.state.log.min.isr=1'],
    // A broker that was killed is let in again when its last session is over.
    ...['broker.session.timeout.ms=3000', 'broker.heartbeat.interval.ms=500'],
    // The default of Kafka; a topic that appears by itself would hide that ours is missing.
    'auto.create.topics.enable=true',
  ]
}

async function format(classPath: string, file: string): Promise<void> {
  // With a dash in front it would be read as an option; Kafka's own ids avoid it too (org.apache.kafka.common.Uuid).
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const user = `SCRAM-SHA-512=[name=${KAFKA_USER.username},password=${KAFKA_USER.password}]`
  const words = ['kafka.tools.StorageTool', 'format', '-t', id, '-c', file, '--add-scram', user]
  const { code, stdout, stderr } = await runProgram('java', [...JVM, '-cp', classPath, ...words])
  if (code !== 0) throw new Error(`the storage of Kafka was not formatted:\n${stdout}${stderr}`)
}

/** Whether it gives out producer ids: the last thing to work after a start. */
async function answers(broker: string): Promise<boolean> {
  const retry = { retries: 1, initialRetryTime: 50 }
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, requestTimeout: 3_000, retry })
  const producer = kafka.producer({ idempotent: true, retry, createPartitioner: () => () => 0 })
  try {
    await producer.connect()
    return true
  } finally {
    await producer.disconnect()
  }
}
