import { createHash } from 'node:crypto'
import { base32 } from '../core/contract/ids'
import type { Clip } from '../core/contract/request'
import type { ObjectRef, Place } from '../core/contract/source'

/** 20 base32 characters hold 100 bits of the digest. */
const ID_CHARS = 20

/**
 * The asset a master becomes at a destination: the same object gives the same id, whoever tells of it and how often.
 *
 * Fields are length-prefixed, so that no two lists of fields look alike.
 *
 * @param destinationId Names where outputs go; the same master sent to two destinations is two assets.
 */
export function assetIdOf(source: ObjectRef, destinationId: string, clip: Clip | null = null): string {
  const hash = createHash('sha256')
  const fields = [source.bucket, source.key, source.versionId ?? source.etag, destinationId, ...clipFields(clip)]
  for (const field of fields) {
    hash.update(`${Buffer.byteLength(field)}:${field}`)
  }
  return base32(hash.digest()).slice(0, ID_CHARS)
}

/** A part of a master is an asset of its own; other wishes change the one asset. */
function clipFields(clip: Clip | null): string[] {
  return clip === null ? [] : [`${clip.inSeconds}-${clip.outSeconds ?? ''}`]
}

/** Names where outputs go, in ids. */
export function destinationIdOf(output: Place): string {
  return `${output.bucket}/${output.prefix}`
}

/** Hex digest of a ladder's canonical text, for the intent. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
