/** A real broker that is killed, stopped and started again on the same port and disk. */
import type { GantryEvent } from '../../core/contract/event'
import { readTopics } from '../support/kafka-reader'
import { emitUntilTaken, eventually, refusal, sinkMaker } from '../support/kafka-sink'
import { progress } from '../support/sample-events'
import { startKafka, type KafkaServer } from '../support/servers/kafka'
import { step } from '../support/story-events'

const sinks = sinkMaker()
let server: KafkaServer
beforeAll(async () => {
  server = await startKafka()
})
afterEach(async () => {
  await sinks.closeAll()
})
afterAll(() => server.close())

const idsIn = async (topic: string): Promise<string[]> =>
  (await readTopics(server.plain, [topic])).map(({ headers }) => headers.ce_id ?? '')
const ids = (...indexes: number[]): string[] => indexes.map((index) => step('a', index).id)

/** An emit that Kafka does not answer takes this long at most; one that is known to fail takes nothing. */
const LIMIT_MS = 5_300
const AT_ONCE_MS = 50

async function kill(): Promise<void> {
  server.process().signal('SIGKILL')
  await server.process().stop()
}

it('goes on by itself after the broker was killed, with each event once and in order', async () => {
  const { sink, lifecycle, warnings } = await sinks.make(server.plain)
  await sink.emit(step('a', 0))
  expect(sink.isConnected()).toBe(true)
  await kill()
  await eventually('it is seen', 3_000, () => !sink.isConnected())
  const [first, ...behind] = await Promise.all([1, 2, 3].map((index) => refusal(sink.emit(step('a', index)))))
  expect([first, ...behind].map((one) => one?.code)).toEqual(Array(3).fill('EVENTS_UNAVAILABLE'))
  expect(first?.ms).toBeLessThan(LIMIT_MS)
  for (let second = 0; second < 20; second += 1) {
    const { code, ms } = await refusal(sink.emit(step('a', 1)))
    expect(code).toBe('EVENTS_UNAVAILABLE')
    expect(ms).toBeLessThan(AT_ONCE_MS)
  }
  // Made while nobody is there: it must find its broker later, and make its topics.
  const late = await sinks.make(server.plain)
  expect((await refusal(late.sink.emit(step('a', 0)))).code).toBe('EVENTS_UNAVAILABLE')
  await server.startAgain()
  for (const index of [1, 2, 3]) await emitUntilTaken(sink, step('a', index), 10_000)
  expect(await idsIn(lifecycle)).toEqual(ids(0, 1, 2, 3))
  await emitUntilTaken(late.sink, step('a', 0), 10_000)
  expect(await idsIn(late.lifecycle)).toEqual(ids(0))
  expect(warnings()).toEqual(['kafka cannot be used', 'kafka can be used again'])
})

it('loses nothing when the broker stood still with an event in its ears, and does not wait for it', async () => {
  const { sink, lifecycle } = await sinks.make(server.plain)
  await sink.emit(step('a', 0))
  server.process().signal('SIGSTOP')
  const hung = await refusal(sink.emit(step('a', 1)))
  expect(hung.code).toBe('EVENTS_UNAVAILABLE')
  expect(hung.ms).toBeLessThan(LIMIT_MS)
  expect((await refusal(sink.emit(step('a', 1)))).ms).toBeLessThan(AT_ONCE_MS)
  server.process().signal('SIGCONT')
  // The broker now writes event 1, whose answer nobody waits for. A client that went on with its numbers would have
  // event 2 taken for a repeat of it: acknowledged and thrown away.
  await emitUntilTaken(sink, step('a', 2), 15_000)
  await emitUntilTaken(sink, step('a', 3), 15_000)
  const received = await idsIn(lifecycle)
  expect(received.filter((id) => id !== step('a', 1).id)).toEqual(ids(0, 2, 3))
})

it('drops progress while the broker is away, at once and counted, and sends it again later', async () => {
  const { sink, progress: topic } = await sinks.make(server.plain)
  await sink.emit(progress('a', 1))
  await eventually('the first is there', 10_000, async () => (await readTopics(server.plain, [topic])).length === 1)
  await kill()
  for (let second = 2; second < 40; second += 1) {
    const before = performance.now()
    await sink.emit(progress('a', second))
    expect(performance.now() - before).toBeLessThan(AT_ONCE_MS)
  }
  await eventually('it is dropped', 6_000, () => sink.droppedCount() > 0)
  await server.startAgain()
  let second = 100
  await eventually('progress is there again', 15_000, async () => {
    await sink.emit(progress('a', (second += 1)))
    return (await readTopics(server.plain, [topic])).length > 1
  })
  const messages = await readTopics(server.plain, [topic])
  const events = messages.map(({ value }) => JSON.parse(value) as GantryEvent<'rendition.progress'>)
  const reached = events.map(({ data }) => data.outSeconds)
  expect(reached).toEqual([...reached].sort((a, b) => a - b))
  expect(reached.filter((at) => at > 1 && at < 100)).toEqual([])
})

it('closes within five seconds when the broker stands still, and rejects what it could not deliver', async () => {
  const { sink } = await sinks.make(server.plain)
  await sink.emit(step('a', 0))
  await sink.emit(progress('a', 0))
  server.process().signal('SIGSTOP')
  const emitted = refusal(sink.emit(step('a', 1)))
  await sink.emit(progress('a', 1))
  const before = performance.now()
  await sink.close()
  expect(performance.now() - before).toBeLessThan(LIMIT_MS)
  expect((await emitted).code).toBe('EVENTS_UNAVAILABLE')
  server.process().signal('SIGCONT')
})
