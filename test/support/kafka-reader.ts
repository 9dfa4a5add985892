/** Everything that topics hold, as any consumer sees it. */
import { Kafka, logLevel } from 'kafkajs'

export interface ReadMessage {
  topic: string
  partition: number
  offset: number
  key: string
  value: string
  headers: Readonly<Record<string, string>>
}

/** A broker that has just started needs some seconds for its first group. */
const RETRY = { retries: 30, initialRetryTime: 100, maxRetryTime: 500 }

let groups = 0

/** All messages of the topics so far, each partition in its order. A topic that is not there has none. */
export async function readTopics(broker: string, topics: readonly string[]): Promise<ReadMessage[]> {
  const kafka = new Kafka({ brokers: [broker], clientId: 'reader', logLevel: logLevel.NOTHING, retry: RETRY })
  const ends = await endsOf(kafka, topics)
  const read: ReadMessage[] = []
  if (ends.size === 0) return read
  groups += 1
  const consumer = kafka.consumer({ groupId: `reader-${process.pid}-${groups}`, allowAutoTopicCreation: false })
  try {
    await consumer.connect()
    await consumer.subscribe({
      topics: topics.filter((topic) => [...ends.keys()].some((at) => at.startsWith(`${topic} `))),
      fromBeginning: true,
    })
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        // A coordinator that is still loading is one of those it goes on from.
        if (!payload.restart) reject(payload.error)
      })
      const eachMessage = async ({ topic, partition, message }: Parameters<EachMessage>[0]): Promise<void> => {
        const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)])
        const offset = Number(message.offset)
        read.push({
          ...{ topic, partition, offset, key: String(message.key), value: String(message.value) },
          headers: Object.fromEntries(headers) as Record<string, string>,
        })
        const at = `${topic} ${partition}`
        if (offset + 1 >= (ends.get(at) ?? 0)) ends.delete(at)
        if (ends.size === 0) resolve()
      }
      consumer.run({ eachMessage }).catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return read
}

type EachMessage = NonNullable<NonNullable<Parameters<ReturnType<Kafka['consumer']>['run']>[0]>['eachMessage']>

/** Where each partition that holds something ends, under `<topic> <partition>`. */
async function endsOf(kafka: Kafka, topics: readonly string[]): Promise<Map<string, number>> {
  const until = performance.now() + 10_000
  for (;;) {
    try {
      return await endsNow(kafka, topics)
    } catch (error) {
      // A topic that was made, or a broker that was started, a moment ago.
      if (!(error as { retriable?: boolean }).retriable || performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function endsNow(kafka: Kafka, topics: readonly string[]): Promise<Map<string, number>> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const ends = new Map<string, number>()
    const known = await admin.listTopics()
    for (const topic of topics.filter((name) => known.includes(name))) {
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
        if (Number(high) > Number(low)) ends.set(`${topic} ${partition}`, Number(high))
      }
    }
    return ends
  } finally {
    await admin.disconnect()
  }
}
