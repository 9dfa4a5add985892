/** What may stand in a playlist: values of ours or of users that could end a line or a quoted string are refused. */
import { GantryError } from '../../core/contract/errors'

/**
 * A relative URI as it stands on a line of its own or in quotes.
 *
 * @throws QUEUE_INTERNAL for a line break, a quote, a scheme, an absolute path or a step out of the folder.
 */
export function playlistUri(uri: string): string {
  if (!/^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/.test(uri) || uri.split('/').some((part) => /^\.+$/.test(part))) {
    throw refused('a URI', 'a relative path of [A-Za-z0-9._~-] parts', uri)
  }
  return uri
}

/** A quoted string. Source: RFC 8216, 4.2: no line feed, carriage return or double quote. */
export function quoted(text: string): string {
  if (/["\r\n]/.test(text)) throw refused('a quoted string', 'text without quotes and line breaks', text)
  return `"${text}"`
}

/** A decimal integer of 0 to 2^53 - 1, within the 2^64 of RFC 8216, 4.2. */
export function decimal(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw refused('a decimal integer', '0 to 2^53-1', String(value))
  return String(value)
}

function refused(what: string, allowed: string, got: string): GantryError {
  return new GantryError('QUEUE_INTERNAL', `${what} of a playlist must be ${allowed}, got ${JSON.stringify(got)}`)
}
