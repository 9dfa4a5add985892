/** A sink that keeps what it is given, and can be made to refuse. */
import type { AnyEvent } from '../../core/contract/event'
import type { EventSink } from '../../core/ports/event-sink'

export interface KeptEvents {
  sink: EventSink
  events: AnyEvent[]
  /** Called before an event is kept; what it throws is the sink's failure. */
  before: (event: AnyEvent) => void
}

export function keptEvents(): KeptEvents {
  const kept: KeptEvents = {
    events: [],
    before: () => undefined,
    sink: {
      emit: (event) =>
        Promise.resolve().then(() => {
          kept.before(event)
          kept.events.push(event)
        }),
      close: () => Promise.resolve(),
    },
  }
  return kept
}
