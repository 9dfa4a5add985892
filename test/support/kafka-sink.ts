/** Sinks on a test's own Kafka, with their log, closed when the test is over. */
import type { KafkaEventsOptions, KafkaSink } from '../../core/adapters/kafka-events'
import { kafkaEvents } from '../../core/adapters/kafka-events'
import type { AnyEvent } from '../../core/contract/event'

export interface LogLine {
  level: 'debug' | 'warn'
  fields: Record<string, unknown>
  message: string
}

export interface SinkInTest {
  sink: KafkaSink
  prefix: string
  lifecycle: string
  progress: string
  lines: LogLine[]
  warnings: () => string[]
}

/** Makes sinks, each with topics of its own unless a prefix is given. */
export function sinkMaker(): {
  make: (broker: string, options?: Partial<KafkaEventsOptions>) => Promise<SinkInTest>
  closeAll: () => Promise<void>
} {
  const made: KafkaSink[] = []
  let count = 0
  return {
    make: async (broker, options = {}) => {
      count += 1
      const prefix = options.topicPrefix ?? `test-${count}`
      const lines: LogLine[] = []
      const hear = (level: LogLine['level']) => (fields: Record<string, unknown>, message: string) =>
        void lines.push({ level, fields, message })
      const sink = await kafkaEvents({
        ...{ brokers: [broker], clientId: 'gantry-test', source: '/gantry/test', tls: 'off', sasl: null },
        createTopics: { partitions: 3, replicationFactor: null },
        log: { debug: hear('debug'), warn: hear('warn') } as KafkaEventsOptions['log'],
        ...options,
        topicPrefix: prefix,
      })
      made.push(sink)
      const warnings = (): string[] => lines.filter(({ level }) => level === 'warn').map(({ message }) => message)
      return { sink, prefix, lifecycle: `${prefix}.lifecycle`, progress: `${prefix}.progress`, lines, warnings }
    },
    closeAll: async () => {
      await Promise.all(made.splice(0).map((sink) => sink.close()))
    },
  }
}

/** The code it rejects with, and how long that took. */
export async function refusal(emitted: Promise<void>): Promise<{ code: unknown; message: string; ms: number }> {
  const before = performance.now()
  try {
    await emitted
    return { code: null, message: 'it was taken', ms: performance.now() - before }
  } catch (error) {
    const { code, message } = error as { code: unknown; message: string }
    return { code, message, ms: performance.now() - before }
  }
}

/** Asks until it holds. @throws after the limit. */
export async function eventually(
  what: string,
  limitMs: number,
  holds: () => Promise<boolean> | boolean,
): Promise<void> {
  const until = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`not within ${limitMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** As the outbox does: the same event until it is taken. @returns how long that took. */
export async function emitUntilTaken(sink: KafkaSink, event: AnyEvent, limitMs: number): Promise<number> {
  const before = performance.now()
  await eventually(`${event.id} is taken`, limitMs, async () => (await refusal(sink.emit(event))).code === null)
  return performance.now() - before
}
