/**
 * Gives every piece of a rendition the same edit list. Encoders delay the first picture by what they reorder, and ffmpeg
 * writes that delay into the init segment; where pictures are irregular or few it differs from piece to piece, although
 * all of them are played behind one init segment.
 */
import { boxAtPath, boxesAt, viewOf, type Box } from './boxes'
import { fieldsOf, fullBoxHeader } from './fields'

/**
 * The same init segment with one edit: `mediaTicks` are taken off sample times for presentation; none for 0.
 * Sources: ISO/IEC 14496-12, 8.6.5 and 8.6.6.
 *
 * @throws FFMPEG_OUTPUT_INVALID when there is no track.
 */
export function withEdit(init: Uint8Array, mediaTicks: number): Uint8Array {
  const moov = boxAtPath(init, ['moov'])
  const track = boxAtPath(init, ['trak'], moov)
  const header = boxAtPath(init, ['tkhd'], track)
  const old = boxesAt(init, ['edts'], track)
  const edit = mediaTicks === 0 ? new Uint8Array() : editBox(mediaTicks)
  const grown = edit.byteLength - old.reduce((sum, box) => sum + lengthOf(box), 0)
  const made = Buffer.concat([
    init.subarray(0, header.end),
    edit,
    ...withoutBoxes(init.subarray(header.end), old, header.end),
  ])
  // Both begin before the edit, so they stand where they stood.
  for (const box of [moov, track]) made.writeUInt32BE(lengthOf(box) + grown, box.start)
  return made
}

function lengthOf({ start, end }: Box): number {
  return end - start
}

function withoutBoxes(bytes: Uint8Array, taken: readonly Box[], offset: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  let from = 0
  for (const { start, end } of taken) {
    if (start < offset) continue
    parts.push(bytes.subarray(from, start - offset))
    from = end - offset
  }
  return [...parts, bytes.subarray(from)]
}

const EDTS_BYTES = 8
const ELST_BYTES = 28

/** One entry of version 0; a duration of 0 in fragmented files means: to the end. */
function editBox(mediaTicks: number): Uint8Array {
  const box = Buffer.alloc(EDTS_BYTES + ELST_BYTES)
  box.writeUInt32BE(box.byteLength, 0)
  box.write('edts', 4, 'latin1')
  box.writeUInt32BE(ELST_BYTES, EDTS_BYTES)
  box.write('elst', EDTS_BYTES + 4, 'latin1')
  box.writeUInt32BE(1, EDTS_BYTES + 12)
  box.writeInt32BE(mediaTicks, EDTS_BYTES + 20)
  box.writeUInt16BE(1, EDTS_BYTES + 24)
  return box
}

/**
 * Moves all samples of a fragment by `ticks`, in place.
 *
 * @throws FFMPEG_OUTPUT_INVALID when the fragment has no decode time.
 */
export function shiftDecodeTimes(fragment: Uint8Array, ticks: number): void {
  if (ticks === 0) return
  const moof = boxAtPath(fragment, ['moof'])
  for (const track of boxesAt(fragment, ['traf'], moof)) {
    const box = boxAtPath(fragment, ['tfdt'], track)
    const fields = fieldsOf(fragment, box, 'tfdt')
    const { version } = fullBoxHeader(fields)
    const at = fields.position()
    const view = viewOf(fragment)
    if (version === 0) view.setUint32(at, fields.uint(4) + ticks)
    else view.setBigUint64(at, BigInt(fields.uint64() + ticks))
  }
}
