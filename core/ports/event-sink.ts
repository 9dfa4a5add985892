import type { AnyEvent } from '../contract/event'

/**
 * Where events go. `docs/events.md` lists them.
 *
 * Implementations: NDJSON (`core/adapters/ndjson-events.ts`), Kafka (`core/adapters/kafka-events.ts`).
 * `test/contract/event-sink.ts` states the behaviour both must have.
 */
export interface EventSink {
  /** Resolves when the sink has taken the event; a progress event may be dropped under pressure. */
  emit(event: AnyEvent): Promise<void>
  /** Delivers what was taken, then closes. */
  close(): Promise<void>
}
