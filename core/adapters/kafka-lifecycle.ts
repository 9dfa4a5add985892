/** Lifecycle events on their way: in order, each with its own answer. */
import type { EventMessage } from './cloud-event'
import { takeBatch } from './kafka-batch'

interface Waiting {
  message: EventMessage
  resolve: () => void
  reject: (reason: unknown) => void
}

export class LifecycleQueue {
  readonly #send: (messages: readonly EventMessage[]) => Promise<void>
  readonly #waiting: Waiting[] = []
  #pump: Promise<void> | null = null

  constructor(send: (messages: readonly EventMessage[]) => Promise<void>) {
    this.#send = send
  }

  /** Resolves when the broker has it. @throws what `send` throws. */
  add(message: EventMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject })
      this.#pump ??= this.#run()
    })
  }

  /** Resolves when each event has its answer. */
  async idle(): Promise<void> {
    await this.#pump
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = takeBatch(this.#waiting, ({ message }) => message)
      try {
        await this.#send(batch.map(({ message }) => message))
        for (const { resolve } of batch) resolve()
      } catch (error) {
        // Those that wait too: one of the same asset must not overtake the one that failed.
        for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(error)
      }
    }
    this.#pump = null
  }
}
