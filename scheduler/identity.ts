import { createHash } from 'node:crypto'
import { base32 } from '../core/contract/ids'
import { destinationIdOf } from '../core/contract/destination'
import type { Clip, MasterRequest } from '../core/contract/request'
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

/**
 * Assets of one line take each other's place as objects follow each other under a key. A part of a master is in another
 * line than the whole, and so is a version that somebody asked for by its id: neither replaces what is there now.
 */
export function lineOf(output: Place, { clip, versionId }: Pick<MasterRequest, 'clip' | 'versionId'>): string {
  const version = versionId === null ? [] : [`version ${versionId}`]
  return [destinationIdOf(output), ...clipFields(clip), ...version].join('\n')
}

/** Hex digest of a ladder's canonical text, for the intent. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
