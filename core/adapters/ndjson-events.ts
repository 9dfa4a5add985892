import type { Writable } from 'node:stream'
import { isLifecycle, type AnyEvent } from '../contract/event'
import type { EventSink } from '../ports/event-sink'

export interface NdjsonSink extends EventSink {
  /** Progress events that found the stream full, and events after the reader went away. */
  droppedCount(): number
}

/**
 * Events as NDJSON on a stream, in the order of `emit`. Lifecycle events wait for room; progress is dropped while the
 * stream is full. A reader that went away (EPIPE) ends the writing in silence: the work goes on without it.
 * `close` flushes and leaves the stream open, which may be the process's stdout.
 */
export function ndjsonEvents(stream: Writable): NdjsonSink {
  let isOpen = true
  let dropped = 0
  // Lifecycle events that wait, one behind the other: those woken at once would fill the stream beyond its mark.
  let waiting = 0
  let last: Promise<void> = Promise.resolve()
  const end = (): void => {
    isOpen = false
  }
  // Stays when the sink is closed: an error without a listener would end the process.
  stream.on('error', end)
  stream.on('close', end)

  const write = (event: AnyEvent): void => {
    // False as soon as it is destroyed or ended, before any event of it.
    if (isOpen && stream.writable) stream.write(`${JSON.stringify(event)}\n`)
    else dropped += 1
  }
  const writeInTurn = async (event: AnyEvent, turn: Promise<void>): Promise<void> => {
    waiting += 1
    try {
      await turn
      // After EPIPE Node makes stdout writable again but never drains it, so the error has to be remembered.
      while (isOpen && stream.writable && stream.writableNeedDrain) await roomIn(stream)
      write(event)
    } finally {
      waiting -= 1
    }
  }
  return {
    droppedCount: () => dropped,
    emit: (event) => {
      if (waiting > 0 || stream.writableNeedDrain) {
        if (isLifecycle(event.type)) return (last = writeInTurn(event, last))
        dropped += 1
      } else write(event)
      return Promise.resolve()
    },
    close: async () => {
      await last
      if (isOpen && stream.writable) await flushed(stream)
      end()
    },
  }
}

/** Resolves when the stream can take more, or never will. */
function roomIn(stream: Writable): Promise<void> {
  const events = ['drain', 'close', 'error']
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) stream.off(event, done)
      resolve()
    }
    for (const event of events) stream.on(event, done)
  })
}

/** Resolves when all that was written has left the process, or cannot any more. */
function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0) resolve()
    else stream.write('', () => resolve())
  })
}
