import { boxHeader } from './boxes'

/** Small boxes that may stand before the index. */
const PASSED_OVER = new Set(['ftyp', 'free', 'skip', 'uuid', 'wide'])

/**
 * Whether a progressive MP4 has its index before its media, so that a player can start with the first bytes.
 *
 * @param head First bytes of the file, at least up to the header of `moov` or `mdat`.
 * @param fileBytes Length of the whole file.
 */
export function moovComesFirst(head: Uint8Array, fileBytes: number): boolean {
  for (let at = 0; at < fileBytes;) {
    const header = boxHeader(head, at)
    if (header === null) return false
    if (header.type === 'moov') return header.size >= header.headerBytes && at + header.size <= fileBytes
    if (!PASSED_OVER.has(header.type) || header.size < header.headerBytes) return false
    at += header.size
  }
  return false
}
