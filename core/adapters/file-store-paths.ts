/** Keys to paths: a key never leaves its bucket's folder, by its text or by a link. */
import { realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { GantryError } from '../contract/errors'

/** Limits of S3 (a key) and of common file systems (one part of it). */
const MAX_KEY_BYTES = 1_024
const MAX_PART_BYTES = 255

/** @throws STORE_KEY_INVALID for a key that no bucket may have. */
export function checkKey(key: string): void {
  const reason = faultOf(key)
  if (reason === null) return
  throw new GantryError('STORE_KEY_INVALID', `the key ${JSON.stringify(key.slice(0, 200))} cannot be used: ${reason}`)
}

export function pathOf(folder: string, key: string): string {
  checkKey(key)
  return join(folder, ...key.split('/'))
}

/**
 * Refuses a path whose folder is, by a link somewhere on the way, outside of the bucket.
 *
 * @throws STORE_KEY_INVALID
 */
export async function checkInside(folder: string, path: string): Promise<void> {
  const [root, parent] = await Promise.all([realpath(folder), realpath(dirname(path)).catch(() => null)])
  if (parent === null || parent === root || parent.startsWith(root + sep)) return
  throw new GantryError('STORE_KEY_INVALID', `the path '${path}' leads out of '${folder}' by a link`)
}

function faultOf(key: string): string | null {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it has more than ${MAX_KEY_BYTES} bytes`
  if (/\p{Cc}/u.test(key)) return 'it has control characters'
  for (const part of key.split('/')) {
    if (part === '') return 'it has an empty part, or a slash at its start or end'
    if (part === '.' || part === '..') return `it has the part '${part}'`
    if (Buffer.byteLength(part) > MAX_PART_BYTES) return `it has a part of more than ${MAX_PART_BYTES} bytes`
  }
  return null
}
