/**
 * What is kept of fragments beside the segments they are stored in: all their boxes, of the media only the header. So
 * whoever needs sizes and times of samples reads these, some 8 bytes a sample, in place of the segments.
 */
import { boxHeader, boxes, invalid, printable, viewOf, type Box, type BoxHeader } from './boxes'

/** @param fragment moof and mdat with what stands before them, as the splitter gives it; or several, one after the other. */
export function withoutMedia(fragment: Uint8Array): Uint8Array {
  const kept = boxes(fragment).map(({ type, start, payload, end }) =>
    fragment.subarray(start, type === 'mdat' ? payload : end),
  )
  return Buffer.concat(kept)
}

/** Where a fragment's media is, and the tables that describe it. */
export interface TabledFragment {
  /** In the tables that were walked. */
  moof: Box
  /** Of the whole fragment, media included. */
  bytes: number
  /** From the fragment's first byte to its media. */
  mediaStart: number
  mediaBytes: number
}

/**
 * The fragments of which `withoutMedia` was kept, one after the other.
 *
 * @throws FFMPEG_OUTPUT_INVALID when a box is cut, or a fragment is not one moof before one mdat.
 */
export function* fragmentsOf(tables: Uint8Array): Generator<TabledFragment> {
  let start = 0
  let moof: Box | null = null
  const view = viewOf(tables)
  for (let at = 0; at < tables.byteLength;) {
    const { type, size, headerBytes } = headerAt(view, at)
    if (type === 'mdat') {
      if (moof === null) throw invalid('a fragment has media before its tables')
      const mediaStart = at + headerBytes - start
      yield { moof, mediaStart, mediaBytes: size - headerBytes, bytes: at + size - start }
      at += headerBytes
      start = at
      moof = null
      continue
    }
    const end = at + size
    if (end > tables.byteLength) throw invalid(`the box '${printable(type)}' of the kept tables is cut`)
    if (type === 'moof') moof = { type, start: at, payload: at + headerBytes, end }
    at = end
  }
  if (start !== tables.byteLength) throw invalid('the kept tables end within a fragment')
}

function headerAt(tables: DataView, at: number): BoxHeader {
  const header = boxHeader(tables, at)
  if (header === null || header.size < header.headerBytes) throw invalid('a box of the kept tables is cut')
  return header
}
