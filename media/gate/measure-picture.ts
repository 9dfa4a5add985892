/** What boxes tell the gate of the picture that a range of an I-frame playlist is for. */
import { GantryError } from '../../core/contract/errors'
import { boxHeader, viewOf, type Box } from '../mp4/boxes'
import { eachSample, type Sample } from '../mp4/sample-runs'
import type { FirstPicture, PictureFault, PictureLook } from './description'
import type { InitTracks } from './measure'

/** What may stand before the tables of a fragment (ISO/IEC 23000-19, 7.3.2.3). */
const BEFORE_TABLES = new Set(['styp', 'prft', 'emsg', 'sidx', 'free', 'skip'])
const HEADER_BYTES = 16

/**
 * @param head The range's first bytes.
 * @param rangeBytes All of it, as far as it is there.
 * @param tracks Of the init segment.
 * @returns How many bytes have to be seen, where `head` is too short.
 */
export function lookAtPicture(
  head: Uint8Array,
  rangeBytes: number,
  tracks: readonly InitTracks[],
): PictureLook | { wantedBytes: number } {
  try {
    const found = findTables(head, rangeBytes)
    return 'moof' in found ? firstPicture(head, found, tracks) : found
  } catch (thrown) {
    if (thrown instanceof GantryError) return { fault: 'start', message: thrown.message }
    throw thrown
  }
}

interface Tables {
  moof: Box
  /** Offset in the range. */
  mediaStart: number
}

function findTables(head: Uint8Array, rangeBytes: number): Tables | PictureFault | { wantedBytes: number } {
  const view = viewOf(head)
  let moof: Box | null = null
  for (let at = 0; ;) {
    const header = boxHeader(view, at)
    const whole = Math.min(at + HEADER_BYTES, rangeBytes)
    if (header === null) return head.byteLength < whole ? { wantedBytes: whole } : cut(rangeBytes)
    const { type, size, headerBytes } = header
    if (moof !== null && type === 'mdat') return { moof, mediaStart: at + headerBytes }
    const isExpected = type === 'moof' || BEFORE_TABLES.has(type)
    if (!isExpected || size < headerBytes) return { fault: 'start', message: 'no fragment begins at the range' }
    const end = at + size
    if (end > rangeBytes) return cut(rangeBytes)
    if (end > head.byteLength) return { wantedBytes: Math.min(end + HEADER_BYTES, rangeBytes) }
    if (type === 'moof') moof ??= { type, start: at, payload: at + headerBytes, end }
    at = end
  }
}

function cut(rangeBytes: number): PictureFault {
  return { fault: 'cut', message: `the tables of the fragment are longer than the ${rangeBytes} bytes of the range` }
}

/** In its media other tracks may stand before the picture, so that it ends later than what is said here. */
function firstPicture(head: Uint8Array, { moof, mediaStart }: Tables, tracks: readonly InitTracks[]): PictureLook {
  for (const { facts, defaults, editTicks } of tracks.filter((track) => track.facts.kind === 'video')) {
    const samples: Sample[] = []
    eachSample(head, moof, defaults, (sample) => void (samples.length === 0 && samples.push(sample)), 'skip')
    const [first] = samples
    if (first === undefined) continue
    const startSeconds = (first.presentationTicks - editTicks) / facts.timescaleHz
    return { startSeconds, isKeyframe: first.isSync, bytes: mediaStart + first.bytes } satisfies FirstPicture
  }
  return { fault: 'start', message: 'the fragment has no sample of a picture of its init segment' }
}
