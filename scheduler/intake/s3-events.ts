/** What S3, what speaks its protocol, and the services in between say of objects. Pure. */
import { z } from 'zod'
import { GantryError } from '../../core/contract/errors'

/** One object that somebody put somewhere, as its event has it. */
export interface ArrivedObject {
  bucket: string
  /** What the key may be, most likely first: some senders encode it, some do not, and none says. */
  keys: readonly string[]
  /** Without quotes; null where the event has none. */
  etag: string | null
  versionId?: string
  sequencer?: string
}

export interface ParsedMessage {
  arrived: readonly ArrivedObject[]
  /** Records of no interest: tests, removals, folder markers. */
  ignored: readonly string[]
  /** Records that cannot be understood; the others count all the same. */
  rejected: readonly GantryError[]
}

export const MAX_BODY_BYTES = 256 * 1_024
const MAX_RECORDS = 1_000
/** An SNS envelope holds a message that is no envelope again. */
const MAX_ENVELOPES = 2
/** Source: Amazon S3 user guide, "Naming Amazon S3 objects". */
const MAX_KEY_BYTES = 1_024
/** Of what is shown of a message that is not understood. */
const MAX_SHOWN = 200

const UNDERSTOOD =
  'understood are S3 notifications, EventBridge "Object Created" events, requests, and all of them in an SNS envelope'

/** Encoded, each byte of a key may be three characters. */
const text = z
  .string()
  .min(1)
  .max(3 * MAX_KEY_BYTES)
const record = z.object({
  eventName: z.string(),
  s3: z.object({
    bucket: z.object({ name: text }),
    object: z.object({
      key: text,
      eTag: z.string().nullish(),
      versionId: z.string().nullish(),
      sequencer: z.string().nullish(),
    }),
  }),
})
const eventBridge = z.object({
  detail: z.object({
    bucket: z.object({ name: text }),
    object: z.object({
      key: text,
      etag: z.string().nullish(),
      'version-id': z.string().nullish(),
      sequencer: z.string().nullish(),
    }),
  }),
})

/**
 * Reads one message of an intake.
 *
 * @throws API_EVENT_INVALID for what is no event of objects at all.
 * Sources: Amazon S3 user guide, "Event message structure" and "EventBridge event message structure"; Amazon SNS
 * developer guide, "Parsing message formats".
 */
export function parseS3Events(body: string): ParsedMessage {
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
    throw invalid(body, `it has more than ${MAX_BODY_BYTES} bytes`)
  }
  return parseText(body, MAX_ENVELOPES)
}

function parseText(body: string, envelopes: number): ParsedMessage {
  const message = parseJson(body)
  if (typeof message !== 'object' || message === null || Array.isArray(message)) throw invalid(body, 'it is no object')
  const fields = message as Record<string, unknown>
  if (Array.isArray(fields.Records)) return parseRecords(fields.Records, body)
  if (fields.Event === 's3:TestEvent') return { arrived: [], ignored: ['s3:TestEvent'], rejected: [] }
  if (typeof fields['detail-type'] === 'string') return parseEventBridge(fields['detail-type'], message, body)
  if (typeof fields.Message === 'string' && envelopes > 1) return parseText(fields.Message, envelopes - 1)
  throw invalid(body, 'it has none of Records, detail-type, Message, v')
}

function parseRecords(records: readonly unknown[], body: string): ParsedMessage {
  if (records.length > MAX_RECORDS) throw invalid(body, `it has ${records.length} records, at most ${MAX_RECORDS}`)
  const arrived: ArrivedObject[] = []
  const ignored: string[] = []
  const rejected: GantryError[] = []
  for (const one of records) {
    const checked = record.safeParse(one)
    if (!checked.success) {
      rejected.push(invalid(textOf(one), 'a record has no eventName, bucket or key'))
      continue
    }
    const { eventName, s3 } = checked.data
    const keys = candidates(s3.object.key, s3.object.eTag ?? '')
    const isArrival = /^(s3:)?(ObjectCreated:|ObjectRestore:Completed)/.test(eventName)
    if (!isArrival || keys[0]?.endsWith('/') === true) ignored.push(isArrival ? 'folder marker' : cut(eventName))
    else arrived.push(arrival(s3.bucket.name, keys, s3.object.eTag, s3.object.versionId, s3.object.sequencer))
  }
  return { arrived, ignored, rejected }
}

/** Its keys are plain. */
function parseEventBridge(type: string, message: unknown, body: string): ParsedMessage {
  const isArrival = type === 'Object Created' || type === 'Object Restore Completed'
  if (!isArrival) return { arrived: [], ignored: [cut(type)], rejected: [] }
  const checked = eventBridge.safeParse(message)
  if (!checked.success) throw invalid(body, 'its detail has no bucket or key')
  const { bucket, object } = checked.data.detail
  if (object.key.endsWith('/')) return { arrived: [], ignored: ['folder marker'], rejected: [] }
  const found = arrival(bucket.name, [object.key], object.etag, object['version-id'], object.sequencer)
  return { arrived: [found], ignored: [], rejected: [] }
}

function arrival(
  bucket: string,
  keys: readonly string[],
  etag: string | null | undefined,
  versionId: string | null | undefined,
  sequencer: string | null | undefined,
): ArrivedObject {
  const bare = etag?.replaceAll('"', '') ?? ''
  return {
    bucket,
    keys,
    etag: bare === '' ? null : bare,
    // A bucket that kept versions once and does no more says "null".
    ...(versionId !== null && versionId !== undefined && !['', 'null'].includes(versionId) && { versionId }),
    ...(isSequencer(sequencer) && { sequencer }),
  }
}

/**
 * Those of AWS, MinIO and Ceph are times of 16 digits and more. versitygw counts from 1 at each of its starts: taken for
 * an order, what is put after a restart would be older than all before.
 */
function isSequencer(sequencer: string | null | undefined): sequencer is string {
  return /^[0-9a-f]{16,}$/i.test(sequencer ?? '')
}

/**
 * AWS encodes keys like a form (a space is `+`), and its etags have no quotes. versitygw encodes nothing and leaves the
 * quotes on. Others do one of the two.
 */
function candidates(key: string, etag: string): string[] {
  const decoded = formDecoded(key)
  if (decoded === null || decoded === key) return [key]
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return [decoded]
  return etag.includes('"') ? [key, decoded] : [decoded, key]
}

function formDecoded(key: string): string | null {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return null
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // What the parser says has the body's text in it, as it is.
    throw invalid(body, 'it is no JSON')
  }
}

/** What is nested deeper than the stack can be read as JSON, but not written. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return 'a value of too many levels'
  }
}

function invalid(received: string, why: string): GantryError {
  return new GantryError('API_EVENT_INVALID', `not an object event: ${why}; ${UNDERSTOOD}; got ${cut(received)}`)
}

/** Controls, separators of lines and marks of direction: JSON leaves some of them, terminals and viewers obey them. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** One line, not too long, without what a terminal obeys. */
function cut(received: string): string {
  const start = Array.from(received.slice(0, 2 * MAX_SHOWN)).slice(0, MAX_SHOWN)
  const escaped = JSON.stringify(start.join('')).slice(1, -1)
  const safe = escaped.replace(UNSAFE, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`)
  return `"${Array.from(safe).slice(0, MAX_SHOWN).join('')}"`
}
