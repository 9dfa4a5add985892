/** An event as a Kafka message in the binary mode of CloudEvents 1.0. Pure. */
import type { AnyEvent } from '../contract/event'

export interface EventMessage {
  /** Events of one asset share a partition, and so keep their order. */
  key: string
  value: string
  headers: Readonly<Record<string, string>>
}

/** Half of what a broker takes at least as one batch by default (message.max.bytes, 1 MiB). */
export const EVENT_BYTES = 512 * 1024

/** A string or list of an event over EVENT_BYTES is cut to this at first, then to the half of it, and so on. */
const CUT_LENGTH = 32_768

/**
 * @param source Says which Gantry it comes from: `/gantry/<instance>`.
 * Source: CloudEvents Kafka protocol binding 1.0.2, 3.1 (key) and 3.2 (binary mode).
 */
export function eventMessage(event: AnyEvent, source: string): EventMessage {
  return { key: event.assetId, value: eventJson(event), headers: cloudEventHeaders(event, source) }
}

/** The value is the whole event, so a reader that looks at no headers misses nothing. */
export function cloudEventHeaders(event: AnyEvent, source: string): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: source,
    ce_type: `gantry.${event.type}.v${event.v}`,
    ce_time: event.at,
    ce_subject: event.assetId,
    'content-type': 'application/json',
  }
}

/**
 * The event's JSON in at most EVENT_BYTES. A larger one would be refused by the broker each time it is sent, so the
 * longest strings and lists of its data are cut; all others stay as they are.
 */
export function eventJson(event: AnyEvent): string {
  let json = JSON.stringify(event)
  for (let length = CUT_LENGTH; Buffer.byteLength(json) > EVENT_BYTES && length >= 1; length /= 2) {
    json = JSON.stringify({ ...event, data: cut(event.data, length) })
  }
  return json
}

function cut(value: unknown, length: number): unknown {
  if (typeof value === 'string') return value.length > length ? `${whole(value.slice(0, length))}…` : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.slice(0, length).map((item) => cut(item, length))
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, cut(field, length)]))
}

/** Without the first half of a character that was cut in two. */
function whole(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '')
}
