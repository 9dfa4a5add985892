/**
 * Looks at the boxes of an MP4 or QuickTime file by their headers alone, without reading any media: is the index there,
 * does the media run past the end, is a track encrypted. Source: ISO/IEC 14496-12, 4.2 and 8.
 */
import { ascii, uint32, uint64 } from './read-bytes'

export interface Mp4Report {
  /** `unknown`: the walk met nonsense or its limit before it could tell. */
  moov: 'whole' | 'cut' | 'missing' | 'unknown'
  moovBytes: number
  /** Bytes by which the last `mdat` runs past the end of the file. */
  missingMediaBytes: number
  /** Sample entries of protected tracks, for example `encv`. */
  protectedEntries: readonly string[]
}

/** Bytes that the walk wants to see; the answer is shorter at the end of the file. */
export interface BytesWanted {
  at: number
  length: number
}

/** `yield` a want, get its bytes: the walk knows nothing of stores. */
export type Mp4Walk = Generator<BytesWanted, Mp4Report, Uint8Array>

/** A fragmented file has two boxes a fragment, each a read of its own; what matters comes before the fiftieth. */
const TOP_BOXES_MAX = 48
/** 64 tracks need about a thousand headers; nothing nests, so depth is no matter. */
const INNER_BOXES_MAX = 2_048
const HEADER_BYTES = 16
/** Common encryption, and what iTunes sold before it. */
const PROTECTED_ENTRIES = ['encv', 'enca', 'enct', 'encs', 'drmi', 'drms', 'drmt']

/** Walks the top of the file, then down to the sample entries of each track. @param bytes Length of the file. */
export function* inspectMp4(bytes: number): Mp4Walk {
  const report = { moov: 'unknown' as Mp4Report['moov'], moovBytes: 0, missingMediaBytes: 0 }
  let moov: Box | null = null
  let at = 0
  for (let count = 0; count < TOP_BOXES_MAX && at + 8 <= bytes; count += 1) {
    const box: Box | null = yield* readBox(at, bytes)
    if (box === null) break
    if (box.type === 'moov' && moov === null) {
      moov = box
      report.moov = box.end > bytes ? 'cut' : 'whole'
      report.moovBytes = box.end - box.start
    }
    if (box.type === 'mdat' && box.end > bytes) report.missingMediaBytes = box.end - bytes
    at = box.end
  }
  if (moov === null && at + 8 > bytes) report.moov = 'missing'
  const entries = moov === null || report.moov === 'cut' ? [] : yield* sampleEntries(moov)
  return { ...report, protectedEntries: entries.filter((type) => PROTECTED_ENTRIES.includes(type)) }
}

interface Box {
  type: string
  start: number
  /** Where its contents begin. */
  body: number
  end: number
}

/** Null for a header that no box has. @param limit Where a box of size 0 ends. */
function* readBox(at: number, limit: number): Generator<BytesWanted, Box | null, Uint8Array> {
  const header = yield { at, length: HEADER_BYTES }
  if (header.length < 8) return null
  const type = ascii(header, 4, 4)
  const size = uint32(header, 0)
  if (size === 0) return { type, start: at, body: at + 8, end: limit }
  if (size !== 1) return size < 8 ? null : { type, start: at, body: at + 8, end: at + size }
  const large = uint64(header, 8)
  if (header.length < HEADER_BYTES || large < HEADER_BYTES || !Number.isSafeInteger(at + large)) return null
  return { type, start: at, body: at + HEADER_BYTES, end: at + large }
}

/** The way from the index to the sample entries. */
const PATH = ['trak', 'mdia', 'minf', 'stbl', 'stsd']

function* sampleEntries(moov: Box): Generator<BytesWanted, string[], Uint8Array> {
  let level: Box[] = [moov]
  let budget = INNER_BOXES_MAX
  for (const type of [...PATH, '*']) {
    const next: Box[] = []
    for (const parent of level) {
      // A sample description counts its entries in 8 bytes before the first (8.5.2).
      let at = parent.type === 'stsd' ? parent.body + 8 : parent.body
      while (at + 8 <= parent.end && budget > 0) {
        budget -= 1
        const box: Box | null = yield* readBox(at, parent.end)
        if (box === null || box.end > parent.end) break
        if (type === '*' || box.type === type) next.push(box)
        at = box.end
      }
    }
    level = next
  }
  return level.map((box) => box.type)
}
