import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { Kafka as CloudEventsKafka, type CloudEvent } from 'cloudevents'
import { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs'
import { EVENT_BYTES } from '../../core/adapters/cloud-event'
import type { AnyEvent, GantryEvent } from '../../core/contract/event'
import { readTopics, type ReadMessage } from '../support/kafka-reader'
import { emitUntilTaken, eventually, refusal, sinkMaker } from '../support/kafka-sink'
import { accepted, progress } from '../support/sample-events'
import { KAFKA_USER, startKafka, type KafkaServer } from '../support/servers/kafka'
import { freePorts } from '../support/servers/server-process'
import { step } from '../support/story-events'

const sinks = sinkMaker()
let server: KafkaServer
let admin: Admin
beforeAll(async () => {
  server = await startKafka()
  admin = new Kafka({ brokers: [server.plain], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
})
afterEach(() => sinks.closeAll())
afterAll(async () => {
  await admin.disconnect()
  await server.close()
})

const read = (...topics: string[]): Promise<ReadMessage[]> => readTopics(server.plain, topics)
const progressIn = (messages: readonly ReadMessage[]): GantryEvent<'rendition.progress'>[] =>
  messages.map(({ value }) => JSON.parse(value) as GantryEvent<'rendition.progress'>)

/** Established connections to this port, as the system sees them. Source: proc_net_tcp in the kernel's documentation. */
function connectionsTo(broker: string): number {
  const port = Number(broker.split(':')[1]).toString(16).toUpperCase().padStart(4, '0')
  const rows = readFileSync('/proc/self/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  return rows.filter(([, , remote = '', state]) => remote.endsWith(`:${port}`) && state === '01').length
}

describe('messages', () => {
  it('are CloudEvents for the SDK, with the event as value and its asset as key', async () => {
    const { sink, lifecycle, progress: topic } = await sinks.make(server.plain)
    const events = [accepted('a'), progress('a', 1)]
    for (const event of events) await sink.emit(event)
    await sink.close()
    const messages = await read(lifecycle, topic)
    expect(messages.map(({ topic: at }) => at).sort()).toEqual([lifecycle, topic])
    for (const message of messages) {
      const event = events.find(({ id }) => id === message.headers.ce_id)
      expect(message.key).toBe('a')
      expect(message.value).toBe(JSON.stringify(event))
      const cloudEvent = CloudEventsKafka.toEvent({ ...message, body: message.value }) as CloudEvent<AnyEvent>
      expect(cloudEvent.validate()).toBe(true)
      expect(cloudEvent).toMatchObject({ source: '/gantry/test', subject: 'a', time: event?.at, data: event })
    }
  })

  it('of many assets at once keep the order of each, on several partitions', async () => {
    const { sink, lifecycle } = await sinks.make(server.plain)
    await sink.emit(step('first', 0))
    const assets = Array.from({ length: 50 }, (_, index) => `asset-${index}`)
    const events = [0, 1, 2, 3].flatMap((index) => assets.map((id) => step(id, index)))
    await Promise.all(events.map((event) => sink.emit(event)))
    const messages = await read(lifecycle)
    expect(new Set(messages.map(({ partition }) => partition)).size).toBe(3)
    for (const id of assets) {
      const ids = messages.filter(({ key }) => key === id).map(({ headers }) => headers.ce_id)
      expect(ids).toEqual([0, 1, 2, 3].map((index) => step(id, index).id))
    }
    expect(messages).toHaveLength(201)
  })

  it('are taken by a broker with default limits, however large the event was', async () => {
    const { sink, lifecycle } = await sinks.make(server.plain)
    // Characters by chance: gzip does nothing for them.
    const noise = Array.from({ length: 3_000_000 }, () => String.fromCharCode(33 + Math.random() * 90)).join('')
    await Promise.all([0, 1, 2, 3].map((index) => sink.emit(step('a', index, noise))))
    const messages = await read(lifecycle)
    expect(messages).toHaveLength(4)
    for (const { value } of messages) expect(Buffer.byteLength(value)).toBeLessThanOrEqual(EVENT_BYTES)
  })
})

describe('topics', () => {
  it('are made once by two that start at once, with partitions and retention', async () => {
    const both = await Promise.all(['twins', 'twins'].map((topicPrefix) => sinks.make(server.plain, { topicPrefix })))
    await Promise.all(both.map(({ sink }, index) => sink.emit(step('a', index))))
    expect(both.flatMap(({ warnings }) => warnings())).toEqual([])
    const { topics } = await admin.fetchTopicMetadata({ topics: ['twins.lifecycle', 'twins.progress'] })
    expect(topics.map(({ name, partitions }) => [name, partitions.length]).sort()).toEqual([
      ['twins.lifecycle', 3],
      ['twins.progress', 3],
    ])
    const resources = topics.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name }))
    const configs = await admin.describeConfigs({ resources, includeSynonyms: false })
    const retention = configs.resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Number(configEntries.find(({ configName }) => configName === 'retention.ms')?.configValue) / 3_600_000,
    ])
    expect(retention.sort()).toEqual([
      ['twins.lifecycle', 720],
      ['twins.progress', 6],
    ])
  })

  it('that are missing are named with the setting, are not made by chance, and are found when they come', async () => {
    const { sink, lifecycle, progress: topic, warnings } = await sinks.make(server.plain, { createTopics: null })
    const { code, message, ms } = await refusal(sink.emit(step('a', 0)))
    expect(code).toBe('EVENTS_UNAVAILABLE')
    expect(message).toContain(`topic '${lifecycle}'`)
    expect(message).toContain('GANTRY_KAFKA_CREATE_TOPICS')
    expect(ms).toBeLessThan(5_100)
    expect(sink.droppedCount()).toBe(0)
    await sink.emit(progress('a', 1))
    await eventually('progress is dropped', 6_000, () => sink.droppedCount() === 1)
    expect(await admin.listTopics()).not.toContain(lifecycle)
    await admin.createTopics({ topics: [{ topic: lifecycle }, { topic }] })
    await emitUntilTaken(sink, step('a', 0), 10_000)
    await emitUntilTaken(sink, step('a', 1), 10_000)
    expect((await read(lifecycle)).map(({ headers }) => headers.ce_id)).toEqual([step('a', 0).id, step('a', 1).id])
    expect(warnings()).toEqual(['kafka cannot be used', 'kafka cannot be used', 'kafka can be used again'])
  })

  it('that the broker refuses to make are told with its reason, once', async () => {
    const createTopics = { partitions: 1, replicationFactor: 3 }
    const { sink, lines } = await sinks.make(server.plain, { createTopics })
    const { code, message } = await refusal(sink.emit(step('a', 0)))
    expect(code).toBe('EVENTS_UNAVAILABLE')
    expect(message).toMatch(/INVALID_REPLICATION_FACTOR|[Rr]eplication/)
    await eventually('a second try', 10_000, async () => (await refusal(sink.emit(step('a', 1)))).ms > 50)
    const refused = lines.filter(({ message: text }) => text === 'kafka topics cannot be created')
    expect(refused).toHaveLength(1)
  })

  it('that are there are used, though making them is refused', async () => {
    await admin.createTopics({ topics: [{ topic: 'half.lifecycle' }] })
    const createTopics = { partitions: 1, replicationFactor: 3 }
    const { sink } = await sinks.make(server.plain, { createTopics, topicPrefix: 'half' })
    await sink.emit(step('a', 0))
    expect(await read('half.lifecycle')).toHaveLength(1)
  })
})

describe('progress', () => {
  it('is the newest of each rendition', async () => {
    const { sink, progress: topic } = await sinks.make(server.plain)
    const assets = Array.from({ length: 10 }, (_, index) => `asset-${index}`)
    for (let second = 0; second < 500; second += 1) {
      for (const id of assets) await sink.emit(progress(id, second))
    }
    await sink.close()
    expect(sink.droppedCount()).toBe(0)
    const events = progressIn(await read(topic))
    for (const id of assets) {
      const reached = events.filter(({ assetId }) => assetId === id).map(({ data }) => data.outSeconds)
      expect(reached.at(-1)).toBe(499)
      expect(reached).toEqual([...reached].sort((a, b) => a - b))
    }
    expect(events.length).toBeLessThan(100)
  })

  it('is bounded: the oldest go first, and are counted', async () => {
    const { sink, progress: topic } = await sinks.make(server.plain)
    for (let index = 0; index < 1_500; index += 1) await sink.emit(progress(`asset-${index}`, 1))
    expect(sink.droppedCount()).toBe(500)
    await sink.close()
    expect(sink.droppedCount()).toBe(500)
    const numbers = progressIn(await read(topic)).map(({ assetId }) => Number(assetId.split('-')[1]))
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, index) => 500 + index))
  })

  it('goes out by itself, without a close', async () => {
    const { sink, progress: topic } = await sinks.make(server.plain)
    await sink.emit(progress('a', 1))
    await eventually('it is there', 10_000, async () => (await read(topic)).length === 1)
  })
})

describe('life', () => {
  it('starts without Kafka, refuses fast, and closes at once', async () => {
    const [port] = await freePorts(1)
    const before = performance.now()
    const { sink, lines, warnings } = await sinks.make(`127.0.0.1:${String(port)}`)
    expect(performance.now() - before).toBeLessThan(200)
    expect(sink.isConnected()).toBe(false)
    const first = await refusal(sink.emit(step('a', 0)))
    expect(first).toMatchObject({ code: 'EVENTS_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') })
    expect(first.ms).toBeLessThan(5_100)
    const second = await refusal(sink.emit(step('a', 0)))
    expect(second.code).toBe('EVENTS_UNAVAILABLE')
    expect(second.ms).toBeLessThan(50)
    expect(warnings()).toEqual(['kafka cannot be used'])
    expect(lines.some(({ message }) => message.startsWith('kafkajs: '))).toBe(true)
    const closing = performance.now()
    await sink.close()
    expect(performance.now() - closing).toBeLessThan(2_000)
  })

  it('does not mind a host name that nobody knows', async () => {
    const { sink } = await sinks.make('no-such-host.invalid:9092')
    const { code, ms } = await refusal(sink.emit(step('a', 0)))
    expect(code).toBe('EVENTS_UNAVAILABLE')
    expect(ms).toBeLessThan(5_100)
  })

  it('gives a broker that accepts and never answers five seconds', async () => {
    const silent = createServer((socket) => void socket.resume().on('error', () => undefined)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { sink } = await sinks.make(`127.0.0.1:${(silent.address() as AddressInfo).port}`)
    const first = await refusal(sink.emit(step('a', 0)))
    expect(first.code).toBe('EVENTS_UNAVAILABLE')
    expect(first.ms).toBeGreaterThan(4_000)
    expect(first.ms).toBeLessThan(5_300)
    expect((await refusal(sink.emit(step('a', 0)))).ms).toBeLessThan(50)
    const closing = performance.now()
    await sink.close()
    expect(performance.now() - closing).toBeLessThan(5_500)
    await once(silent.close(), 'close')
  })

  const onLinux = process.platform === 'linux' ? it : it.skip
  onLinux('leaves no connection', async () => {
    // A listener that nobody else uses.
    const { sink } = await sinks.make(server.sasl, { sasl: { mechanism: 'plain', ...KAFKA_USER } })
    await sink.emit(step('a', 0))
    await sink.emit(progress('a', 0))
    await eventually('progress has a connection too', 5_000, () => connectionsTo(server.sasl) >= 2)
    await sink.close()
    expect(connectionsTo(server.sasl)).toBe(0)
    expect(await refusal(sink.emit(step('a', 1)))).toMatchObject({ code: 'EVENTS_UNAVAILABLE' })
    expect(sink.isConnected()).toBe(false)
  })

  it('does nothing while there is nothing to do', async () => {
    const { sink } = await sinks.make(server.plain)
    await sink.emit(step('a', 0))
    const timers = jest.spyOn(globalThis, 'setTimeout')
    const warned = jest.spyOn(process, 'emitWarning')
    await once(AbortSignal.timeout(500), 'abort')
    expect(timers.mock.calls.length).toBeLessThan(10)
    expect(warned).not.toHaveBeenCalled()
    timers.mockRestore()
    warned.mockRestore()
  })
})
