import type { AnyEvent, GantryEvent } from '../../core/contract/event'
import type { EventSink } from '../../core/ports/event-sink'
import { accepted, progress } from '../support/sample-events'
import { step } from '../support/story-events'

export interface SinkUnderTest {
  sink: EventSink
  /** What a reader has of it after `close`, in the order of each asset. */
  received: () => Promise<AnyEvent[]>
}

const ASSETS = ['a', 'b', 'c', 'd', 'e']

/** What every EventSink must do. Call it once per implementation. */
export function describeEventSink(name: string, make: () => Promise<SinkUnderTest>): void {
  describe(`EventSink: ${name}`, () => {
    let under: SinkUnderTest
    beforeEach(async () => {
      under = await make()
    })
    afterEach(() => under.sink.close())

    const closeAndRead = async (): Promise<AnyEvent[]> => {
      await under.sink.close()
      return under.received()
    }
    const ofAsset = (events: readonly AnyEvent[], id: string): AnyEvent[] =>
      events.filter(({ assetId }) => assetId === id)

    it('delivers a lifecycle event with the same bytes, whatever is in it', async () => {
      const event = accepted('a')
      await under.sink.emit(event)
      const received = await closeAndRead()
      expect(received.map((one) => JSON.stringify(one))).toEqual([JSON.stringify(event)])
    })

    it('delivers an event again when it is emitted again', async () => {
      await under.sink.emit(step('a', 0))
      await under.sink.emit(step('a', 1))
      await under.sink.emit(step('a', 0))
      const ids = (await closeAndRead()).map(({ id }) => id)
      expect(ids).toEqual([step('a', 0).id, step('a', 1).id, step('a', 0).id])
    })

    it('keeps the order of each asset, though nobody waits for one before the next', async () => {
      const events = Array.from({ length: 20 }, (_, index) => ASSETS.map((id) => step(id, index))).flat()
      await Promise.all(events.map((event) => under.sink.emit(event)))
      const received = await closeAndRead()
      expect(received).toHaveLength(events.length)
      for (const id of ASSETS) expect(ofAsset(received, id)).toEqual(ofAsset(events, id))
    })

    it('takes progress at once, however much of it', async () => {
      const emitted = Array.from({ length: 5_000 }, (_, second) => under.sink.emit(progress('a', second)))
      const turn = new Promise((resolve) => setImmediate(resolve, 'a turn of the loop'))
      expect(await Promise.race([Promise.all(emitted).then(() => 'taken'), turn])).toBe('taken')
    })

    it('delivers progress that never goes backwards, and the newest where there is no haste', async () => {
      const seconds = [1, 2, 3]
      for (const second of seconds) await under.sink.emit(progress('a', second))
      const received = (await closeAndRead()) as GantryEvent<'rendition.progress'>[]
      const reached = received.map(({ data }) => data.outSeconds)
      expect(reached).toEqual([...reached].sort((a, b) => a - b))
      expect(reached.at(-1)).toBe(3)
    })

    it('delivers on close what it has taken, though nobody waited for it', async () => {
      const events = Array.from({ length: 50 }, (_, index) => step('a', index))
      const emitted = Promise.all(events.map((event) => under.sink.emit(event)))
      void under.sink.emit(progress('b', 1))
      const received = await closeAndRead()
      await emitted
      expect(ofAsset(received, 'a')).toEqual(events)
      expect(ofAsset(received, 'b')).toEqual([progress('b', 1)])
    })

    it('closes twice as once', async () => {
      await under.sink.emit(step('a', 0))
      await Promise.all([under.sink.close(), under.sink.close()])
      await under.sink.close()
      expect(await under.received()).toEqual([step('a', 0)])
    })

    it('takes nothing after close: it rejects or drops, and does not throw', async () => {
      await under.sink.close()
      const emitted = [under.sink.emit(step('a', 0)), under.sink.emit(progress('a', 1))]
      await Promise.allSettled(emitted)
      expect(await under.received()).toEqual([])
    })
  })
}
