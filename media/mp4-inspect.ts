/**
 * Looks at the boxes of an MP4 or QuickTime file by their headers alone, without reading any media: is the index there,
 * does the media run past the end, is a track encrypted. Source: ISO/IEC 14496-12, 4.2 and 8.
 */
import { readBox, type ByteWalk, type WalkedBox } from './box-walk'

export interface Mp4Report {
  /** `unknown`: the walk met nonsense or its limit before it could tell. */
  moov: 'whole' | 'cut' | 'missing' | 'unknown'
  moovBytes: number
  /** Bytes by which the last `mdat` runs past the end of the file. */
  missingMediaBytes: number
  /** Sample entries of protected tracks, for example `encv`. */
  protectedEntries: readonly string[]
}

/** A fragmented file has two boxes a fragment, each a read of its own; what matters comes before the fiftieth. */
const TOP_BOXES_MAX = 48
/** 64 tracks need about a thousand headers; nothing nests, so depth is no matter. */
const INNER_BOXES_MAX = 2_048
/** Common encryption, and what iTunes sold before it. */
const PROTECTED_ENTRIES = ['encv', 'enca', 'enct', 'encs', 'drmi', 'drms', 'drmt']

/** Walks the top of the file, then down to the sample entries of each track. @param bytes Length of the file. */
export function* inspectMp4(bytes: number): ByteWalk<Mp4Report> {
  const report = { moov: 'unknown' as Mp4Report['moov'], moovBytes: 0, missingMediaBytes: 0 }
  let moov: WalkedBox | null = null
  let at = 0
  for (let count = 0; count < TOP_BOXES_MAX && at + 8 <= bytes; count += 1) {
    const box: WalkedBox | null = yield* readBox(at, bytes)
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

/** The way from the index to the sample entries. */
const PATH = ['trak', 'mdia', 'minf', 'stbl', 'stsd']

function* sampleEntries(moov: WalkedBox): ByteWalk<string[]> {
  let level: WalkedBox[] = [moov]
  let budget = INNER_BOXES_MAX
  for (const type of [...PATH, '*']) {
    const next: WalkedBox[] = []
    for (const parent of level) {
      // A sample description counts its entries in 8 bytes before the first (8.5.2).
      let at = parent.type === 'stsd' ? parent.body + 8 : parent.body
      while (at + 8 <= parent.end && budget > 0) {
        budget -= 1
        const box: WalkedBox | null = yield* readBox(at, parent.end)
        if (box === null || box.end > parent.end) break
        if (type === '*' || box.type === type) next.push(box)
        at = box.end
      }
    }
    level = next
  }
  return level.map((box) => box.type)
}
