/** The order of the outermost boxes of a finished MP4, from its first bytes. */
import { boxHeader } from './boxes'

export interface TopBox {
  type: string
  start: number
  end: number
}

/** Enough for `moov` to turn up in any file that has it in front. */
const MAX_TOP_BOXES = 64

/**
 * The outermost boxes whose headers can be seen, in order. Stops without an error at the first that cannot be seen, has
 * an impossible size or runs past the end of the file: that one and all behind it are left out.
 *
 * @param head First bytes of the file.
 * @param fileBytes Length of the whole file.
 */
export function topBoxes(head: Uint8Array, fileBytes: number): TopBox[] {
  const seen: TopBox[] = []
  for (let start = 0; start < fileBytes && seen.length < MAX_TOP_BOXES;) {
    const header = headerIn(head, start)
    if (header === null) break
    const end = header.size === 0 ? fileBytes : start + header.size
    if (end < start + header.headerBytes || end > fileBytes) break
    seen.push({ type: header.type, start, end })
    start = end
  }
  return seen
}

/** Whether the index is before the media, so that a player can start with the first bytes ("fast start"). */
export function moovComesFirst(head: Uint8Array, fileBytes: number): boolean {
  return topBoxes(head, fileBytes).find(({ type }) => type === 'moov' || type === 'mdat')?.type === 'moov'
}

/** Null also for a 64-bit size that no file has. */
function headerIn(head: Uint8Array, start: number): ReturnType<typeof boxHeader> {
  try {
    return boxHeader(head, start)
  } catch {
    return null
  }
}
