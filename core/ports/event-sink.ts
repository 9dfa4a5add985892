import type { AnyEvent } from '../contract/event'

/**
 * Where events go. `docs/events.md` lists them.
 *
 * Implementation: NDJSON (`core/adapters/ndjson-events.ts`).
 */
export interface EventSink {
  /** Resolves when the sink has taken the event; a progress event may be dropped under pressure. */
  emit(event: AnyEvent): Promise<void>
  /** Delivers what was taken, then closes. */
  close(): Promise<void>
}
