/** What may be in a line of the log: no secret, no flood, nothing that a terminal obeys. Pure. */

/** A field is cut here: a hostile title or a long error must not flood a log. */
const FIELD_BYTES = 2_048
const LIST_ITEMS = 64
const DEPTH = 6

/** Names of fields that hold secrets, without case and separators: `X-Api-Key`, `secretAccessKey`, `redis_password`. */
const SECRET_NAME = /password|passwd|secret|token|authorization|cookie|apikey|accesskey|privatekey|credential|signature/

/** What stands before a secret in a URL's query or in free text; `%3D` where a URL is inside of another. */
const SECRET_PARAMETER =
  /\b((?:X-Amz-|X-Goog-)?(?:Signature|Security-Token|Credential|sig|(?:\w+_)?token|password|passwd|(?:client_)?secret|api_?key)(?:=|%3D))(?:(?!%26)[^&\s"'#,;])+/gi
/** `scheme://user:password@`. A user alone may be a token, so all of it goes. */
const USER_INFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"']*@/gi
const AUTHORIZATION = /\b(authorization["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',]+/gi
const BEARER = /\b(bearer\s+)[\w.~+/=-]+/gi

/** DEL, C1 controls, line separators and marks of direction: JSON leaves them, terminals and viewers obey them. */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** The line with secrets masked and long values cut; JSON as before, so a hostile name cannot begin a line of its own. */
export function printableLine(line: string): string {
  const text = JSON.stringify(printableValue(JSON.parse(line), DEPTH))
  return `${text.replace(UNSAFE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

function printableValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(scrubText(value))
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '...'
  if (Array.isArray(value)) {
    const kept = value.slice(0, LIST_ITEMS).map((item) => printableValue(item, depth - 1))
    return value.length > LIST_ITEMS ? [...kept, `... ${value.length - LIST_ITEMS} more`] : kept
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      cut(scrubText(name)),
      isSecretName(name) && field !== null ? '***' : printableValue(field, depth - 1),
    ]),
  )
}

/** Text with signatures, passwords and tokens masked. */
export function scrubText(text: string): string {
  return text
    .replace(USER_INFO, '$1***@')
    .replace(AUTHORIZATION, '$1***')
    .replace(BEARER, '$1***')
    .replace(SECRET_PARAMETER, '$1***')
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name.toLowerCase().replace(/[^a-z]/g, ''))
}

function cut(text: string): string {
  // Fewer characters than a third of the limit cannot have more bytes than it.
  if (text.length * 3 <= FIELD_BYTES) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= FIELD_BYTES) return text
  // A character that the cut goes through is left out.
  let end = FIELD_BYTES
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return `${bytes.subarray(0, end).toString()}... ${bytes.length - end} bytes more`
}
