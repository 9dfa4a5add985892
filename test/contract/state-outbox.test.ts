import type { EventData } from '../../core/contract/event'
import { GantryError } from '../../core/contract/errors'
import { at, runKeys } from '../../core/contract/keys'
import { claimEvent, relayEvents } from '../../core/state/outbox'
import { readRecord } from '../../core/state/records'
import { keptEvents, type KeptEvents } from '../support/kept-events'
import { tempStore, type TempStore } from '../support/temp-store'

const assetId = 'a'.repeat(20)
const run = { bucket: 'state', prefix: `assets/${assetId}/runs/1` }
const of = { assetId, run: 1, at: '2026-01-01T00:00:00.000Z' }
const accepted: EventData['asset.accepted'] = { source: { bucket: 'file', key: '/m.mp4', bytes: 8 }, name: 'm-a' }
const planned: EventData['asset.planned'] = { durationSeconds: 8, renditions: [], decisions: [], jobs: 5 }
const published: EventData['asset.published'] = { master: '/m', durationSeconds: 8, renditions: [], warnings: [] }

let temp: TempStore
let told: KeptEvents
beforeEach(async () => {
  temp = await tempStore()
  told = keptEvents()
})
afterEach(() => temp.remove())

const types = (): string[] => told.events.map(({ type }) => type)
const relay = (which?: 'unsent' | 'all'): Promise<void> => relayEvents(temp.store, run, told.sink, which)

describe('the outbox', () => {
  it('sends what was claimed, in the order of the story and not of the claims', async () => {
    await claimEvent(temp.store, run, 'asset.published', of, published)
    await claimEvent(temp.store, run, 'asset.accepted', of, accepted)
    await claimEvent(temp.store, run, 'asset.planned', of, planned)
    await relay()
    expect(types()).toEqual(['asset.accepted', 'asset.planned', 'asset.published'])
    expect(told.events[0]).toEqual({
      v: 1,
      id: `${assetId}:1:asset.accepted`,
      type: 'asset.accepted',
      ...of,
      data: accepted,
    })
  })

  it('sends nothing of an empty run', async () => {
    await relay()
    expect(told.events).toEqual([])
  })

  it('sends each event once, however often it is asked', async () => {
    await claimEvent(temp.store, run, 'asset.accepted', of, accepted)
    await relay()
    await relay()
    await claimEvent(temp.store, run, 'asset.planned', of, planned)
    await relay()
    expect(types()).toEqual(['asset.accepted', 'asset.planned'])
  })

  it('sends everything again for a consumer that starts now', async () => {
    await claimEvent(temp.store, run, 'asset.accepted', of, accepted)
    await relay()
    await relay('all')
    expect(types()).toEqual(['asset.accepted', 'asset.accepted'])
    expect(told.events[1]).toEqual(told.events[0])
  })

  it('keeps the first of two claims, so that an event has the same bytes each time', async () => {
    await claimEvent(temp.store, run, 'asset.accepted', of, accepted)
    await claimEvent(temp.store, run, 'asset.accepted', { ...of, at: 'later' }, { ...accepted, name: 'other' })
    await relay()
    expect(told.events).toMatchObject([{ at: of.at, data: { name: 'm-a' } }])
  })

  it('keeps one of many claims at a time', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `m-${index}`)
    await Promise.all(names.map((name) => claimEvent(temp.store, run, 'asset.accepted', of, { ...accepted, name })))
    await relay('all')
    await relay('all')
    expect(told.events).toHaveLength(2)
    expect(told.events[1]).toEqual(told.events[0])
  })

  it('stays in order and loses nothing when the sink refuses in the middle', async () => {
    await claimEvent(temp.store, run, 'asset.accepted', of, accepted)
    await claimEvent(temp.store, run, 'asset.planned', of, planned)
    await claimEvent(temp.store, run, 'asset.published', of, published)
    told.before = ({ type }) => {
      if (type === 'asset.planned') throw new GantryError('QUEUE_UNAVAILABLE', 'the broker is down')
    }
    await expect(relay()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    expect(types()).toEqual(['asset.accepted'])
    told.before = () => undefined
    await relay()
    expect(types()).toEqual(['asset.accepted', 'asset.planned', 'asset.published'])
  })

  it('sends an event again, the same, when the mark of its first sending was lost', async () => {
    await claimEvent(temp.store, run, 'asset.accepted', of, accepted)
    await relay()
    await temp.store.remove(at(run, runKeys.eventSent('asset.accepted')))
    await relay()
    expect(told.events[1]).toEqual(told.events[0])
  })

  it('marks an event with its id', async () => {
    await claimEvent(temp.store, run, 'asset.accepted', of, accepted)
    await relay()
    expect(await readRecord(temp.store, at(run, runKeys.eventSent('asset.accepted')))).toEqual({
      v: 1,
      id: `${assetId}:1:asset.accepted`,
    })
  })

  it('does not mix the runs of an asset', async () => {
    await claimEvent(temp.store, run, 'asset.accepted', of, accepted)
    await relayEvents(temp.store, { ...run, prefix: `assets/${assetId}/runs/11` }, told.sink)
    expect(told.events).toEqual([])
  })
})
