/** Progress events on their way: bounded, the newest of each rendition, in batches, dropped rather than waited for. */
import type { AnyEvent } from '../contract/event'
import type { EventMessage } from './cloud-event'
import { takeBatch } from './kafka-batch'

const LIMIT = 1_000
const LINGER_MS = 250

export class ProgressBuffer {
  readonly #send: (messages: readonly EventMessage[]) => Promise<void>
  readonly #messageOf: (event: AnyEvent) => EventMessage
  /** Oldest first. */
  readonly #kept = new Map<string, AnyEvent>()
  #dropped = 0
  #linger: NodeJS.Timeout | undefined
  #flushing: Promise<void> | null = null

  constructor(
    messageOf: (event: AnyEvent) => EventMessage,
    send: (messages: readonly EventMessage[]) => Promise<void>,
  ) {
    this.#messageOf = messageOf
    this.#send = send
  }

  /** Those that nobody will see: pushed out by newer ones, or not taken by Kafka. Not those that a newer one replaced. */
  get droppedCount(): number {
    return this.#dropped
  }

  add(event: AnyEvent): void {
    const key = replacedKey(event)
    // Deleted first, so that it moves to the end: it is the newest.
    this.#kept.delete(key)
    this.#kept.set(key, event)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > LIMIT && oldest !== undefined) {
      this.#kept.delete(oldest)
      this.drop()
    }
    this.#schedule()
  }

  drop(count = 1): void {
    this.#dropped += count
  }

  /** Sends all there is, without the wait for more. */
  async flush(): Promise<void> {
    while (this.#flushing !== null || this.#kept.size > 0) await (this.#flushing ?? this.#flush())
  }

  #schedule(): void {
    if (this.#linger !== undefined || this.#flushing !== null) return
    this.#linger = setTimeout(() => void this.#flush(), LINGER_MS)
  }

  #flush(): Promise<void> {
    clearTimeout(this.#linger)
    this.#linger = undefined
    this.#flushing = this.#sendBatch().finally(() => {
      this.#flushing = null
      if (this.#kept.size > 0) this.#schedule()
    })
    return this.#flushing
  }

  async #sendBatch(): Promise<void> {
    const entries = [...this.#kept].map(([key, event]) => ({ key, message: this.#messageOf(event) }))
    const batch = takeBatch(entries, ({ message }) => message)
    for (const { key } of batch) this.#kept.delete(key)
    try {
      await this.#send(batch.map(({ message }) => message))
    } catch {
      this.drop(batch.length)
    }
  }
}

/** How far a rendition is replaces how far it was; everything else stands for itself. */
function replacedKey(event: AnyEvent): string {
  if (event.type !== 'rendition.progress') return event.id
  return JSON.stringify([event.assetId, event.run, event.jobId, event.data.rendition])
}
