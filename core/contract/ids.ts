/**
 * Ids that mean something. `assetId` is 20 base32 characters made from content (scheduler/identity.ts);
 * a job's id follows from its asset, run and part, so doing a thing twice is the same as once.
 */

export type JobKind = 'remux' | 'video-piece' | 'audio' | 'captions' | 'join' | 'mp4' | 'thumbnails' | 'publish'

/** A part names one piece of work inside a run: `remux`, `video-0000`, `audio`, `captions`, `join`, `mp4-720p`, `thumbnails`, `publish`. */
export interface JobName {
  assetId: string
  /** 1, 2, ...; a retry or a redo opens the next. */
  run: number
  kind: JobKind
  part: string
}

const ASSET_ID = /^[a-z2-7]{20}$/

/** `<assetId>.<run>.<kind>.<part>`: no `:` (BullMQ forbids it in custom ids). */
export function jobId(name: JobName): string {
  return `${name.assetId}.${name.run}.${name.kind}.${name.part}`
}

export function isAssetId(text: string): boolean {
  return ASSET_ID.test(text)
}

/** Ids shown to people and used in folder names: the first 10 characters. */
export function shortId(assetId: string): string {
  return assetId.slice(0, 10)
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** RFC 4648 base32 in lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let pending = 0
  for (const byte of bytes) {
    pending = (pending << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += BASE32.charAt((pending >> bits) & 31)
      pending &= (1 << bits) - 1
    }
  }
  return bits > 0 ? text + BASE32.charAt((pending << (5 - bits)) & 31) : text
}
