/** What may stand in a playlist: values of ours or of users that could end a line or a quoted string are refused. */
import { GantryError } from '../../core/contract/errors'

/** Unreserved characters of RFC 3986, 2.3: nothing that has to be escaped, in a URI, a quoted string or a cue. */
const RELATIVE_PATH = /^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/

/**
 * A relative URI as it stands on a line of its own or in quotes.
 *
 * @throws QUEUE_INTERNAL for a line break, a quote, a scheme, an absolute path or a step out of the folder.
 */
export function relativeUri(uri: string): string {
  if (!RELATIVE_PATH.test(uri) || uri.split('/').some((part) => /^\.+$/.test(part))) {
    throw refused('a URI', 'a relative path of [A-Za-z0-9._~-] parts', uri)
  }
  return uri
}

/**
 * A quoted string that says something. Any language may stand in it.
 *
 * @throws QUEUE_INTERNAL for a double quote (there is no escape for it), a control character, half a surrogate pair, no
 * character at all (source: RFC 8216, 4 and 4.2), or a line separator of Unicode, at which some players end a line.
 */
export function quoted(text: string): string {
  if (text === '' || /["\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) {
    throw refused('a quoted string', 'text without double quotes and control characters', text)
  }
  return `"${text}"`
}

/** A decimal integer of 0 to 2^53 - 1, within the 2^64 of RFC 8216, 4.2. @throws QUEUE_INTERNAL */
export function decimal(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw refused('a decimal integer', '0 to 2^53-1', String(value))
  return String(value)
}

/** A decimal integer that is not 0. @throws QUEUE_INTERNAL */
export function count(value: number): string {
  if (value === 0) throw refused('a count', '1 to 2^53-1', '0')
  return decimal(value)
}

/** @param what With its article, for example `a URI`. */
export function refused(what: string, allowed: string, got: string): GantryError {
  return new GantryError('QUEUE_INTERNAL', `${what} must be ${allowed}, got ${JSON.stringify(got.slice(0, 200))}`)
}
