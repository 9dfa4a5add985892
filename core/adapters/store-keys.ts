/** Which keys every store takes: what works in S3 and in a folder. */
import { GantryError } from '../contract/errors'

/** Limits of S3 (a key) and of common file systems (one part of it). */
const MAX_KEY_BYTES = 1_024
const MAX_PART_BYTES = 255

/** What is wrong with a key of ours, or null. */
export function keyFault(key: string): string | null {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it has more than ${MAX_KEY_BYTES} bytes`
  if (/\p{Cc}/u.test(key)) return 'it has control characters'
  if (/\p{Cs}/u.test(key)) return 'it is not valid Unicode: half a surrogate pair'
  for (const part of key.split('/')) {
    if (part === '') return 'it has an empty part, or a slash at its start or end'
    if (part === '.' || part === '..') return `it has the part '${part}'`
    if (Buffer.byteLength(part) > MAX_PART_BYTES) return `it has a part of more than ${MAX_PART_BYTES} bytes`
  }
  return null
}

export function keyInvalid(key: string, reason: string): GantryError {
  // Cut by code points: half a character would be no text any more.
  const shown = JSON.stringify(Array.from(key).slice(0, 200).join(''))
  return new GantryError('STORE_KEY_INVALID', `the key ${shown} cannot be used: ${reason}`)
}
