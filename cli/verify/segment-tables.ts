/** The boxes of a segment without its media, read by ranges: a few KiB of each segment tell all its times. */
import { GantryError } from '../../core/contract/errors'
import type { SegmentTables } from '../../media/gate/measure'
import { boxHeader, viewOf } from '../../media/mp4/boxes'

/** Bytes from an offset in the segment; fewer at its end. */
export type ReadPart = (offset: number, bytes: number) => Promise<Buffer>

const WINDOW_BYTES = 64 * 1024
/** Tables of a segment of hours. */
const MAX_TABLE_BYTES = 32 * 1024 * 1024
/** One fragment each frame, for an hour. */
const MAX_BOXES = 500_000

/**
 * @param bytes Of the whole segment.
 * @throws FFMPEG_OUTPUT_INVALID when a box is cut or its size is impossible.
 */
export async function readSegmentTables(read: ReadPart, bytes: number): Promise<SegmentTables> {
  const kept: Buffer[] = []
  let [mediaBytes, tableBytes, boxes] = [0, 0, 0]
  let window: { at: number; bytes: Buffer } = { at: 0, bytes: Buffer.alloc(0) }
  const part = async (at: number, length: number): Promise<Buffer> => {
    const end = window.at + window.bytes.byteLength
    if (at < window.at || at + length > end) {
      window = { at, bytes: await read(at, Math.min(Math.max(length, WINDOW_BYTES), bytes - at)) }
    }
    return window.bytes.subarray(at - window.at, at - window.at + length)
  }
  for (let at = 0; at < bytes;) {
    const head = await part(at, Math.min(16, bytes - at))
    const header = boxHeader(viewOf(head), 0)
    if (header === null) throw invalid(`it ends within the header of a box, at byte ${at}`)
    const size = header.size === 0 ? bytes - at : header.size
    if (size < header.headerBytes || at + size > bytes) {
      throw invalid(`a box at byte ${at} has ${size} bytes, ${bytes - at} are there`)
    }
    boxes += 1
    if (header.type === 'mdat') mediaBytes += size - header.headerBytes
    else {
      tableBytes += size
      if (tableBytes > MAX_TABLE_BYTES || boxes > MAX_BOXES) throw invalid('its tables are larger than any')
      kept.push(Buffer.from(await part(at, size)))
    }
    at += size
  }
  return { tables: Buffer.concat(kept), mediaBytes }
}

function invalid(message: string): GantryError {
  return new GantryError('FFMPEG_OUTPUT_INVALID', message)
}
