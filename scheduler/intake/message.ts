/** What a message of an intake is: a request, or events of objects. Pure. */
import type { RequestDocument } from '../../routes/request-schema'
import { parseRequest } from '../../routes/parse-request'
import { isRecord } from '../../language/draft'
import { MAX_BODY_BYTES, parseS3Events, type ParsedMessage } from './s3-events'

export type Message = { request: RequestDocument } | { events: ParsedMessage }

/** @throws API_REQUEST_INVALID for what is meant as a request, API_EVENT_INVALID for what is neither. */
export function parseMessage(body: string): Message {
  const text = requestText(body)
  return text === null ? { events: parseS3Events(body) } : { request: parseRequest(text, 'request') }
}

/** The text of a request, taken out of the envelope of SNS where it is in one; null for all else. */
function requestText(body: string): string | null {
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) return null
  const message = jsonOf(body)
  if (!isRecord(message)) return null
  if (isRequest(message)) return body
  const inner = message['Message']
  return typeof inner === 'string' && isRequest(jsonOf(inner)) ? inner : null
}

/** Events have neither: EventBridge names its source by a word, and its version by another. */
function isRequest(message: unknown): boolean {
  return isRecord(message) && !('Records' in message) && ('v' in message || isRecord(message['source']))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
