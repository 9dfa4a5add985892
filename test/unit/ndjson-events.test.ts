import { Writable } from 'node:stream'
import { ndjsonEvents } from '../../core/adapters/ndjson-events'
import type { AnyEvent } from '../../core/contract/event'
import { accepted, progress } from '../support/sample-events'

/** A reader that takes a line when it is told to. */
function slowReader(): { stream: Writable; lines: string[]; take: () => void } {
  const lines: string[] = []
  let next: (() => void) | null = null
  const stream = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write: (line: string, _, done) => {
      if (line !== '') lines.push(line)
      next = done
    },
  })
  return {
    stream,
    lines,
    take: () => {
      const done = next
      next = null
      done?.()
    },
  }
}

/** Lets everything that can go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const idsIn = (lines: readonly string[]): string[] => lines.map((line) => (JSON.parse(line) as AnyEvent).assetId)

describe('ndjsonEvents', () => {
  it('writes one line of JSON an event, whatever is in it', async () => {
    const reader = slowReader()
    const event = accepted('a')
    await ndjsonEvents(reader.stream).emit(event)
    expect(reader.lines.map((line) => line.split('\n'))).toEqual([[expect.any(String), '']])
    expect(JSON.parse(reader.lines[0] ?? '')).toEqual(event)
  })

  it('keeps lifecycle events waiting while the reader is slow, one at a time and in order', async () => {
    const reader = slowReader()
    const sink = ndjsonEvents(reader.stream)
    const done: string[] = []
    for (const id of ['a', 'b', 'c']) void sink.emit(accepted(id)).then(() => done.push(id))
    await settle()
    expect(done).toEqual(['a'])
    reader.take()
    await settle()
    expect(done).toEqual(['a', 'b'])
    expect(reader.stream.writableLength).toBe(reader.lines[1]?.length)
    reader.take()
    await settle()
    expect(done).toEqual(['a', 'b', 'c'])
    expect(idsIn(reader.lines)).toEqual(['a', 'b', 'c'])
  })

  it('drops and counts progress while the reader is slow, and no lifecycle event', async () => {
    const reader = slowReader()
    const sink = ndjsonEvents(reader.stream)
    await sink.emit(accepted('a'))
    for (let second = 0; second < 100; second += 1) await sink.emit(progress('p', second))
    const waiting = sink.emit(accepted('b'))
    expect(sink.droppedCount()).toBe(100)
    reader.take()
    // The stream has room again, but what waits comes first.
    await sink.emit(progress('p', 100))
    expect(sink.droppedCount()).toBe(101)
    await waiting
    reader.take()
    await settle()
    await sink.emit(progress('p', 101))
    expect(idsIn(reader.lines)).toEqual(['a', 'b', 'p'])
  })

  it('flushes on close what waits and what the stream still has', async () => {
    const reader = slowReader()
    const sink = ndjsonEvents(reader.stream)
    void sink.emit(accepted('a'))
    void sink.emit(accepted('b'))
    let isClosed = false
    const closing = sink.close().then(() => {
      isClosed = true
    })
    reader.take()
    await settle()
    expect(isClosed).toBe(false)
    reader.take()
    await settle()
    reader.take()
    await closing
    expect(idsIn(reader.lines)).toEqual(['a', 'b'])
    expect(reader.stream.writableEnded).toBe(false)
  })

  it('takes no event after close', async () => {
    const reader = slowReader()
    const sink = ndjsonEvents(reader.stream)
    await sink.close()
    await sink.emit(accepted('a'))
    expect(reader.lines).toEqual([])
    expect(sink.droppedCount()).toBe(1)
  })

  it('lets all that wait go on when the reader goes away, and drops what comes later', async () => {
    const reader = slowReader()
    const sink = ndjsonEvents(reader.stream)
    const emitted = ['a', 'b', 'c'].map((id) => sink.emit(accepted(id)))
    reader.stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    await Promise.all(emitted)
    await sink.emit(accepted('d'))
    await sink.close()
    expect(idsIn(reader.lines)).toEqual(['a'])
    expect(sink.droppedCount()).toBe(3)
  })

  it('does not mind a stream that was closed before, or is ended by others', async () => {
    const gone = slowReader()
    gone.stream.destroy()
    await ndjsonEvents(gone.stream).emit(accepted('a'))
    const ended = slowReader()
    const sink = ndjsonEvents(ended.stream)
    ended.stream.end()
    await sink.emit(accepted('a'))
    await sink.close()
    expect(sink.droppedCount()).toBe(1)
  })

  it('leaves no listeners behind', async () => {
    const reader = slowReader()
    const sink = ndjsonEvents(reader.stream)
    for (let i = 0; i < 20; i += 1) {
      const emitted = sink.emit(accepted('a'))
      await settle()
      reader.take()
      await emitted
    }
    expect(reader.stream.listenerCount('drain')).toBe(0)
    expect(reader.stream.listenerCount('error')).toBe(1)
  })
})
