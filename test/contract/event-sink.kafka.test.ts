import type { AnyEvent } from '../../core/contract/event'
import { readTopics } from '../support/kafka-reader'
import { sinkMaker } from '../support/kafka-sink'
import { INSTALL_MS } from '../support/servers/cache'
import { startKafka, type KafkaServer } from '../support/servers/kafka'
import { describeEventSink } from './event-sink'

const sinks = sinkMaker()
let server: KafkaServer
beforeAll(async () => {
  server = await startKafka()
}, INSTALL_MS)
afterAll(async () => {
  await sinks.closeAll()
  await server.close()
})

describeEventSink('Kafka', async () => {
  const { sink, lifecycle, progress } = await sinks.make(server.plain)
  return {
    sink,
    received: async () => {
      const messages = await readTopics(server.plain, [lifecycle, progress])
      return messages.map(({ value }) => JSON.parse(value) as AnyEvent)
    },
  }
})
