/**
 * The way to Kafka through outages of any length. A client that failed is thrown away: an idempotent producer of kafkajs
 * gives the number of the failed batch to the next one, which a broker that had written the first takes for its repeat,
 * says yes to, and drops. So each failure is followed by a new client with a new producer id.
 */
import type { GantryError } from '../contract/errors'
import type { EventMessage } from './cloud-event'
import type { KafkaClient, KafkaTarget } from './kafka-client'
import { settledWithin, within } from './kafka-deadline'
import { eventsUnavailable } from './kafka-errors'

export interface KafkaLinkOptions {
  target: KafkaTarget
  /** For the log. */
  name: string
  makeClient: (options: { onNone: () => void; first: number }) => KafkaClient
  /** What a new client does before it sends. */
  prepare: (client: KafkaClient) => Promise<void>
  topicProblem: () => string | null
}

/** From `send` to its end, the wait for a connection included. */
const SEND_MS = 5_000
const OPEN_MS = 10_000
/** After a failure nobody waits for Kafka this long; then one client tries, and only its success lets others try. */
const REST_MS = 2_000

/** kafkajs's last retries on connections that were cut: a second, as kafka-client.ts sets them. */
const GIVE_UP_MS = 1_200

export class KafkaLink {
  readonly #options: KafkaLinkOptions
  #client: KafkaClient | null = null
  #opening: Promise<void> = Promise.resolve()
  #readySince: number | null = null
  /** Why Kafka cannot be used now; null while it can, or while nothing has failed yet. */
  #failure: GantryError | null = null
  #rest: NodeJS.Timeout | undefined
  /** The last failure in the log, and whether it was met while connecting or while sending. */
  #reported: { kind: unknown; at: 'open' | 'send' } | null = null
  #attempts = 0
  #sends = 0
  #isClosed = false
  /** Of clients that were given up too: their timers end with these. */
  readonly #running = new Set<Promise<unknown>>()

  /** Connects in the background. */
  constructor(options: KafkaLinkOptions) {
    this.#options = options
    this.#open()
  }

  isReady(): boolean {
    return this.#readySince !== null
  }

  /**
   * One at a time, for their order.
   *
   * @throws EVENTS_UNAVAILABLE, at once while Kafka is known to be down, else after 5 s at most.
   */
  async send(topic: string, messages: readonly EventMessage[]): Promise<void> {
    const until = performance.now() + SEND_MS
    const client = await this.#ready(until)
    this.#sends += 1
    try {
      await within(this.#heard(client.send(topic, messages)), until - performance.now())
      this.#recovered()
    } catch (thrown) {
      const error = this.#unavailable(thrown, topic)
      this.#fail(client, error)
      throw error
    } finally {
      this.#sends -= 1
    }
  }

  /** Leaves no connection and, if the time suffices, no timer of kafkajs. What is being sent is rejected. */
  async close(limitMs: number): Promise<void> {
    const until = performance.now() + limitMs
    this.#isClosed = true
    clearTimeout(this.#rest)
    const client = this.#client
    if (client !== null && this.isReady()) await settledWithin(client.end(), limitMs - GIVE_UP_MS)
    this.#client = null
    this.#readySince = null
    client?.cut()
    await settledWithin(Promise.allSettled(this.#running), until - performance.now())
  }

  async #ready(until: number): Promise<KafkaClient> {
    if (!this.isReady() && this.#failure === null && !this.#isClosed) {
      await within(this.#opening, until - performance.now()).catch((thrown: unknown) => {
        // The attempt goes on, but nobody else waits for it.
        this.#failure ??= this.#unavailable(thrown, null)
      })
    }
    if (this.#client !== null && this.isReady()) return this.#client
    throw this.#failure ?? this.#unavailable(new Error('it is closed'), null)
  }

  #open(): void {
    const { makeClient, prepare } = this.#options
    const client = makeClient({ onNone: () => this.#lose(client), first: this.#attempts })
    this.#attempts += 1
    this.#client = client
    const opened = this.#heard(prepare(client).then(() => client.open()))
    this.#opening = within(opened, OPEN_MS).then(
      () => this.#succeed(client),
      (thrown: unknown) => this.#fail(client, this.#unavailable(thrown, null)),
    )
  }

  #succeed(client: KafkaClient): void {
    if (this.#client !== client) return
    this.#readySince = performance.now()
    this.#failure = null
    // Whether it takes what it refused before, only a send can tell.
    if (this.#reported?.at === 'open') this.#recovered()
  }

  #fail(client: KafkaClient, error: GantryError): void {
    if (this.#client !== client) return
    client.cut()
    this.#report(error, this.#readySince === null ? 'open' : 'send')
    this.#client = null
    this.#readySince = null
    this.#failure = error
    if (!this.#isClosed) this.#rest = setTimeout(() => this.#open(), REST_MS)
  }

  /** All connections closed: brokers do so to idle ones, and when they end. A send under way finds out by itself. */
  #lose(client: KafkaClient): void {
    if (this.#client !== client || this.#readySince === null || this.#sends > 0 || this.#isClosed) return
    const isQuick = performance.now() - this.#readySince < REST_MS
    if (isQuick) return this.#fail(client, this.#unavailable(new Error('it closes its connections'), null))
    client.cut()
    this.#readySince = null
    this.#open()
  }

  /** Once for each kind of failure, not every two seconds. */
  #report(error: GantryError, at: 'open' | 'send'): void {
    const { target, name } = this.#options
    const { kafka: kind } = error.details
    const level = this.#reported?.kind === kind ? 'debug' : 'warn'
    target.log[level]({ name, code: error.code, reason: error.message }, 'kafka cannot be used')
    this.#reported = { kind, at }
  }

  #recovered(): void {
    if (this.#reported === null) return
    const { target, name } = this.#options
    target.log.warn({ name, brokers: target.brokers }, 'kafka can be used again')
    this.#reported = null
  }

  #heard<T>(promise: Promise<T>): Promise<T> {
    const forget = (): void => void this.#running.delete(promise)
    this.#running.add(promise)
    promise.then(forget, forget)
    return promise
  }

  #unavailable(thrown: unknown, topic: string | null): GantryError {
    const { target, topicProblem } = this.#options
    return eventsUnavailable(thrown, { brokers: target.brokers, topic, topicProblem: topicProblem() })
  }
}
