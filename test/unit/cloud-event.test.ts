import { Kafka as CloudEventsKafka, type CloudEvent } from 'cloudevents'
import { cloudEventHeaders, eventJson, eventMessage, EVENT_BYTES } from '../../core/adapters/cloud-event'
import type { AnyEvent, GantryEvent } from '../../core/contract/event'
import { accepted, progress } from '../support/sample-events'
import { step } from '../support/story-events'

const SOURCE = '/gantry/main'
const failed = (message: string): AnyEvent => step('a', 3, message)
const read = (json: string): GantryEvent<'asset.failed'> => JSON.parse(json) as GantryEvent<'asset.failed'>

describe('cloudEventHeaders', () => {
  it('has what CloudEvents 1.0 wants of a Kafka message in binary mode', () => {
    expect(cloudEventHeaders(accepted('7xzo'), SOURCE)).toEqual({
      ce_specversion: '1.0',
      ce_id: '7xzo:1:asset.accepted',
      ce_source: '/gantry/main',
      ce_type: 'gantry.asset.accepted.v1',
      ce_time: '2026-01-01T00:00:00.000Z',
      ce_subject: '7xzo',
      'content-type': 'application/json',
    })
  })
})

describe('eventMessage', () => {
  it.each([accepted('a'), progress('a', 1), failed('it broke')])('is a CloudEvent for the SDK: $type', (event) => {
    const message = eventMessage(event, SOURCE)
    expect(message.key).toBe('a')
    const cloudEvent = CloudEventsKafka.toEvent({ ...message, body: message.value }) as CloudEvent<AnyEvent>
    expect(cloudEvent.validate()).toBe(true)
    expect(cloudEvent.toJSON()).toMatchObject({
      ...{ specversion: '1.0', id: event.id, source: SOURCE, type: `gantry.${event.type}.v1`, time: event.at },
      ...{ subject: 'a', datacontenttype: 'application/json', data: event },
    })
  })
})

describe('eventJson', () => {
  it.each([accepted('a'), progress('a', 1), failed('x'.repeat(EVENT_BYTES - 2_000))])(
    'is the event as it is, up to 512 KiB: $type',
    (event) => expect(eventJson(event)).toBe(JSON.stringify(event)),
  )

  it.each([
    ['one long string', 'x'.repeat(5_000_000)],
    ['characters of several bytes', '🎬'.repeat(1_000_000)],
    ['characters that JSON escapes to six', '\u0001'.repeat(1_000_000)],
  ])('cuts %s and leaves the rest', (_, message) => {
    const json = eventJson(failed(message))
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(EVENT_BYTES)
    const { data, ...envelope } = read(json)
    expect(envelope).toMatchObject({ v: 1, id: 'a:1:asset.failed', assetId: 'a', run: 1 })
    expect(data).toMatchObject({
      code: 'SOURCE_TRUNCATED',
      remedy: 'upload it again',
      source: { bucket: 'b', key: 'k' },
    })
    expect(data.message.length).toBeGreaterThan(10_000)
    expect(data.message.endsWith('…')).toBe(true)
    expect(message.startsWith(data.message.slice(0, -1))).toBe(true)
  })

  it('cuts no character in two', () => {
    const { data } = read(eventJson(failed(`x${'🎬'.repeat(1_000_000)}`)))
    expect(Buffer.from(data.message, 'utf8').toString('utf8')).toBe(data.message)
  })

  it('cuts a list that is too long, and long strings inside of one', () => {
    const event = accepted('a')
    const warnings = Array.from({ length: 100_000 }, (_, index) => `warning ${index} ${'x'.repeat(100)}`)
    const json = eventJson({
      ...event,
      type: 'asset.published',
      data: { master: 'm', warnings },
    } as unknown as AnyEvent)
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(EVENT_BYTES)
    const { data } = JSON.parse(json) as GantryEvent<'asset.published'>
    expect(data.master).toBe('m')
    expect(data.warnings[0]?.startsWith('warning 0 ')).toBe(true)
    expect(data.warnings.length).toBeGreaterThan(1_000)
  })
})
