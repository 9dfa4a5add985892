/**
 * Events on Kafka. A lifecycle event is taken when all in-sync replicas have it, or refused within seconds: the outbox
 * keeps it. Progress is sent when there is time. Kafka may be down at the start and at any moment after.
 */
import { GantryError } from '../contract/errors'
import { isLifecycle } from '../contract/event'
import type { EventSink } from '../ports/event-sink'
import { eventMessage } from './cloud-event'
import { kafkaClient, type KafkaClient, type KafkaTarget } from './kafka-client'
import { settledWithin } from './kafka-deadline'
import { topicRefusal } from './kafka-errors'
import { LifecycleQueue } from './kafka-lifecycle'
import { KafkaLink } from './kafka-link'
import { ProgressBuffer } from './kafka-progress'
import { topicConfigs, topicName, type TopicOptions } from './kafka-topics'

export interface KafkaEventsOptions extends KafkaTarget {
  /** Topics are `<prefix>.lifecycle` and `<prefix>.progress`. */
  topicPrefix?: string
  /** Null: somebody else makes the topics. */
  createTopics: TopicOptions | null
  /** The CloudEvents source: `/gantry/<instance>`. */
  source: string
}

export interface KafkaSink extends EventSink {
  /** Progress events that Kafka did not get, though no newer one replaced them. */
  droppedCount(): number
  /** The last thing tried with Kafka went well, and a connection is open. */
  isConnected(): boolean
}

/** All of `close`, and the part of it for what is still to be sent. */
const CLOSE_MS = 5_000
const FLUSH_MS = 3_000

/** Resolves without waiting for Kafka. What goes wrong is in the log, and in the errors of `emit`. */
export function kafkaEvents(options: KafkaEventsOptions): Promise<KafkaSink> {
  const { topicPrefix = 'gantry', source } = options
  const topics = topicMaker(options, topicPrefix)
  const link = (name: string, isSafe: boolean): KafkaLink => {
    const makeClient = (at: { onNone: () => void; first: number }): KafkaClient =>
      kafkaClient(options, { isSafe, ...at })
    return new KafkaLink({ target: options, name, makeClient, prepare: topics.make, topicProblem: topics.problem })
  }
  // A link each: progress that Kafka refuses, or is slow to take, holds up no lifecycle event.
  const lifecycleLink = link('lifecycle', true)
  let progressLink: KafkaLink | null = null
  const lifecycle = new LifecycleQueue((batch) => lifecycleLink.send(topicName(topicPrefix, 'lifecycle'), batch))
  const progress = new ProgressBuffer(
    (event) => eventMessage(event, source),
    (batch) => (progressLink ??= link('progress', false)).send(topicName(topicPrefix, 'progress'), batch),
  )
  const close = async (): Promise<void> => {
    const until = performance.now() + CLOSE_MS
    await settledWithin(Promise.all([lifecycle.idle(), progress.flush()]), FLUSH_MS)
    const restMs = until - performance.now()
    await Promise.all([lifecycleLink.close(restMs), progressLink?.close(restMs)])
  }
  let closing: Promise<void> | null = null
  return Promise.resolve({
    droppedCount: () => progress.droppedCount,
    isConnected: () => lifecycleLink.isReady(),
    emit: async (event) => {
      const isOpen = closing === null
      if (!isLifecycle(event.type)) return isOpen ? progress.add(event) : progress.drop()
      // Resolving would tell the outbox that it was sent.
      if (!isOpen) throw new GantryError('EVENTS_UNAVAILABLE', `the sink is closed and takes no '${event.type}'`)
      await lifecycle.add(eventMessage(event, source))
    },
    close: () => (closing ??= close()),
  })
}

interface TopicMaker {
  make: (client: KafkaClient) => Promise<void>
  /** What the broker said against it; topics that are there already may still be used. */
  problem: () => string | null
}

/** Once for a sink, and again with the next client after a refusal. */
function topicMaker({ createTopics, log }: KafkaEventsOptions, prefix: string): TopicMaker {
  let isDone = createTopics === null
  let problem: string | null = null
  const make = async (client: KafkaClient): Promise<void> => {
    if (isDone || createTopics === null) return
    try {
      await client.createTopics(topicConfigs(prefix, createTopics))
      isDone = true
      problem = null
    } catch (thrown) {
      const refusal = topicRefusal(thrown)
      if (refusal === null) throw thrown
      if (refusal !== problem) log.warn({ reason: refusal }, 'kafka topics cannot be created')
      problem = refusal
    }
  }
  return { make, problem: () => problem }
}
