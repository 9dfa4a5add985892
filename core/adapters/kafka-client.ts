/** kafkajs, and the only file that knows it: one client that sends to topics, from its first connection to its last. */
import { createRequire } from 'node:module'
import { CompressionTypes, Kafka, logLevel, Partitioners, type ITopicConfig, type LogEntry } from 'kafkajs'
import type { Logger } from '../service/logger'
import type { EventMessage } from './cloud-event'
import { securityOptions, type KafkaSecurity } from './kafka-security'
import { kafkaSockets } from './kafka-sockets'

export interface KafkaTarget extends KafkaSecurity {
  /** `host:port`, some of the cluster's. */
  brokers: readonly string[]
  /** As the broker's logs and quotas name it. */
  clientId: string
  log: Pick<Logger, 'debug' | 'warn'>
}

export interface KafkaClient {
  open(): Promise<void>
  /** Creates what is not there. @throws kafkajs's error when the broker refuses. */
  createTopics(topics: readonly ITopicConfig[]): Promise<void>
  send(topic: string, messages: readonly EventMessage[]): Promise<void>
  /** Waits for answers, then disconnects. */
  end(): Promise<void>
  /** Ends at once; what is under way is rejected, and no connection is opened again. */
  cut(): void
}

export interface KafkaClientOptions {
  /** All in-sync replicas have an event before it counts as sent, and the client's own repeats are recognized. */
  isSafe: boolean
  /** No connection is open any more. */
  onNone: () => void
  /** Where in the list of brokers to begin, so that the next client does not begin with the same dead one. */
  first: number
}

/** A connection over TLS to another region takes well below a second. */
const CONNECT_MS = 2_000
/** How long the leader may wait for its replicas, and how long we wait for the leader. */
const REPLICAS_MS = 3_000
const ANSWER_MS = 4_000
/** All of it a second: longer outages are for the one who opens clients. Enough for a new leader of a partition. */
const RETRY = { retries: 3, initialRetryTime: 150, multiplier: 2, factor: 0, maxRetryTime: 600 }

/** Opens no connection before `open`. A client that failed once must not be used again: kafka-link.ts says why. */
export function kafkaClient(target: KafkaTarget, { isSafe, onNone, first }: KafkaClientOptions): KafkaClient {
  const { brokers, clientId, log } = target
  const sockets = kafkaSockets(onNone)
  const at = first % Math.max(1, brokers.length)
  const kafka = new Kafka({
    ...{ brokers: [...brokers.slice(at), ...brokers.slice(0, at)], clientId, ...securityOptions(target) },
    ...{ connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, retry: RETRY },
    ...{ socketFactory: sockets.connect, logLevel: logLevel.WARN, logCreator: () => (entry) => logLine(log, entry) },
  })
  const producer = kafka.producer({
    ...{ idempotent: isSafe, maxInFlightRequests: 1, allowAutoTopicCreation: false },
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  return {
    open: () => producer.connect(),
    createTopics: async (topics) => {
      const admin = kafka.admin()
      await admin.connect()
      try {
        await admin.createTopics({ topics: [...topics], timeout: ANSWER_MS, waitForLeaders: true })
      } finally {
        await admin.disconnect()
      }
    },
    send: async (topic, messages) => {
      const acks = isSafe ? -1 : 1
      const sent = messages.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } }))
      await producer.send({ topic, messages: sent, acks, timeout: REPLICAS_MS, compression: CompressionTypes.GZIP })
    },
    end: () => producer.disconnect(),
    cut: sockets.cut,
  }
}

/** At debug, whatever kafkajs takes it for: each failure also comes back as an error, and is reported as that once. */
function logLine(log: KafkaTarget['log'], { namespace, label, log: fields }: LogEntry): void {
  const { message, broker, error } = fields
  log.debug({ from: namespace, level: label, broker, error }, `kafkajs: ${message}`)
}

interface RequestQueue {
  pending: readonly unknown[]
  scheduleCheckPendingRequests: (this: RequestQueue) => void
}

/**
 * After its first answer each connection of kafkajs 2.2.4 looks every millisecond, for ever, whether requests wait: 3 %
 * of a core on a client that does nothing, and a TimeoutNegativeWarning on Node 24 (tulios/kafkajs #1751). A request
 * that has to wait asks for the look itself, so nobody misses those that find nothing.
 */
function stopIdleLooks(): void {
  const { prototype } = createRequire(__filename)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }
  const look = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) look.call(this)
  }
}
stopIdleLooks()
