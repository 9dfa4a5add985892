import type { Writable } from 'node:stream'
import { EVENT_TYPES } from '../contract/event'
import type { EventSink } from '../ports/event-sink'

/**
 * Events as NDJSON on a stream. Lifecycle events wait for room; progress is dropped while the stream is full. A reader
 * that went away (EPIPE) ends the writing in silence: the work goes on without it.
 */
export function ndjsonEvents(stream: Writable): EventSink {
  let gone = false
  let room: Promise<void> = Promise.resolve()
  stream.on('error', () => {
    gone = true
  })
  stream.on('close', () => {
    gone = true
  })
  const write = (line: string): void => {
    if (gone || stream.write(line)) return
    room = new Promise((resolve) => {
      const done = (): void => {
        for (const event of ['drain', 'close', 'error']) stream.off(event, done)
        resolve()
      }
      for (const event of ['drain', 'close', 'error']) stream.once(event, done)
    })
  }
  return {
    emit: async (event) => {
      const isFull = stream.writableNeedDrain
      if (EVENT_TYPES[event.type].topic === 'progress' && isFull) return
      if (isFull) await room
      write(`${JSON.stringify(event)}\n`)
    },
    close: async () => {
      if (stream.writableNeedDrain && !gone) await room
    },
  }
}
