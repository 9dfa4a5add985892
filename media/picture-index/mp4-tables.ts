/** Finds the tables of one track by the headers of the boxes around them, and reads no others. */
import { readBox, type ByteWalk, type WalkedBox } from '../box-walk'
import { ascii, byteAt, uint32, uint64 } from '../read-bytes'
import { refused } from './refused'

/** Rows of `elst` (ISO/IEC 14496-12, 8.6.6). */
export interface Edit {
  /** In ticks of the movie. */
  durationTicks: number
  /** In ticks of the track; -1 for a pause. */
  mediaTicks: number
  /** 16.16; 0x10000 is the usual speed. */
  rate: number
}

/** The tables without their counts. */
export interface TrackTables {
  timescaleHz: number
  movieTimescaleHz: number
  samples: number
  /** `stts` */
  durations: Uint8Array
  /** `ctts`; null: shown in the order of decoding. */
  compositions: Uint8Array | null
  /** `stss`; null: each sample is a keyframe. */
  keyframes: Uint8Array | null
  /** `stps`, QuickTime: keyframes whose next pictures need those before. */
  partialKeyframes: Uint8Array
  /** `sbgp` of the grouping `rap ` (8.9): random access points that `stss` may not name. */
  accessGroups: Uint8Array
  edits: readonly Edit[]
}

/** A fragmented file has two a fragment; what matters comes before the fiftieth. */
const TOP_BOXES_MAX = 48
/** 64 tracks need about a thousand headers. */
const BOXES_MAX = 2_048
/** `ctts` without runs at 60 pictures a second for 12 hours has 21 MB. */
const TABLE_BYTES_MAX = 24 * 1024 * 1024

/** @param bytes Length of the file. @param trackIndex Which `trak`, from 0. */
export function* readTables(bytes: number, trackIndex: number): ByteWalk<TrackTables> {
  const budget = { boxes: BOXES_MAX }
  const moov = yield* findMoov(bytes)
  const inMoov = yield* childrenOf(moov, budget)
  if (inMoov.some(({ type }) => type === 'cmov')) throw refused('its index is compressed')
  if (inMoov.some(({ type }) => type === 'mvex'))
    throw refused('it is fragmented, so no table lists its pictures', { isFragmented: true })
  const track = inMoov.filter(({ type }) => type === 'trak')[trackIndex]
  if (track === undefined) throw refused('its index has no such track')
  const mvhd = yield* timescale(inMoov, 'mvhd')
  return { movieTimescaleHz: mvhd, ...(yield* readTrack(track, budget)) }
}

interface Budget {
  boxes: number
}

function* findMoov(bytes: number): ByteWalk<WalkedBox> {
  let at = 0
  for (let count = 0; count < TOP_BOXES_MAX && at + 8 <= bytes; count += 1) {
    const box: WalkedBox | null = yield* readBox(at, bytes)
    if (box === null) break
    if (box.type === 'moov' && box.end <= bytes) return box
    at = box.end
  }
  throw refused('it has no whole index (moov)')
}

function* childrenOf(parent: WalkedBox, budget: Budget): ByteWalk<WalkedBox[]> {
  const found: WalkedBox[] = []
  let at = parent.body
  while (at + 8 <= parent.end) {
    if (budget.boxes === 0) throw refused(`its index has more than ${BOXES_MAX} boxes`)
    budget.boxes -= 1
    const box: WalkedBox | null = yield* readBox(at, parent.end)
    // QuickTime ends some lists of boxes with four zero bytes, which are less than a header.
    if (box === null || box.end > parent.end) throw refused(`a box in its '${parent.type}' has an impossible size`)
    found.push(box)
    at = box.end
  }
  return found
}

function required(level: readonly WalkedBox[], type: string): WalkedBox {
  const box = level.find((each) => each.type === type)
  if (box === undefined) throw refused(`its index has no '${type}'`)
  return box
}

type TrackPart = Omit<TrackTables, 'movieTimescaleHz'>

function* readTrack(track: WalkedBox, budget: Budget): ByteWalk<TrackPart> {
  const inTrack = yield* childrenOf(track, budget)
  const inMedia = yield* childrenOf(required(inTrack, 'mdia'), budget)
  // 8.4.3: version, flags, pre_defined, then the handler.
  const handler = yield { at: required(inMedia, 'hdlr').body + 8, length: 4 }
  if (ascii(handler, 0, 4) !== 'vide') throw refused('its track holds no pictures')
  const timescaleHz = yield* timescale(inMedia, 'mdhd')
  const inInformation = yield* childrenOf(required(inMedia, 'minf'), budget)
  const tables = yield* childrenOf(required(inInformation, 'stbl'), budget)
  const entries = yield* descriptions(required(tables, 'stsd'))
  if (entries !== 1) throw refused(`its pictures change their format: ${entries} sample descriptions`)
  return {
    timescaleHz,
    samples: yield* sampleCount(tables),
    durations: yield* rowsOf(required(tables, 'stts'), 8),
    compositions: yield* optionalRows(tables, 'ctts', 8),
    keyframes: yield* optionalRows(tables, 'stss', 4),
    partialKeyframes: (yield* optionalRows(tables, 'stps', 4)) ?? NO_ROWS,
    accessGroups: yield* accessGroups(tables),
    edits: yield* readEdits(inTrack, budget),
  }
}

const NO_ROWS = new Uint8Array(0)

function* descriptions(stsd: WalkedBox): ByteWalk<number> {
  return uint32(yield { at: stsd.body + 4, length: 4 }, 0)
}

/** 8.7.3: `stsz` and `stz2` both have their count in the third word. */
function* sampleCount(tables: readonly WalkedBox[]): ByteWalk<number> {
  const box = tables.find(({ type }) => type === 'stsz') ?? required(tables, 'stz2')
  return uint32(yield { at: box.body + 8, length: 4 }, 0)
}

function* optionalRows(tables: readonly WalkedBox[], type: string, rowBytes: number): ByteWalk<Uint8Array | null> {
  const box = tables.find((each) => each.type === type)
  return box === undefined ? null : yield* rowsOf(box, rowBytes)
}

/** Rows of a full box that counts them in its second word, or `skip` bytes later. */
function* rowsOf(box: WalkedBox, rowBytes: number, skip = 0): ByteWalk<Uint8Array> {
  const head = box.body + 8 + skip
  const count = uint32(yield { at: head - 4, length: 4 }, 0)
  const length = count * rowBytes
  if (head + length > box.end) throw refused(`its '${box.type}' claims ${count} rows, more than fit`)
  if (length > TABLE_BYTES_MAX) {
    throw refused(`its '${box.type}' has ${length} bytes, at most ${TABLE_BYTES_MAX} are read`)
  }
  if (length === 0) return NO_ROWS
  const rows = yield { at: head, length }
  if (rows.byteLength < length) throw refused(`its '${box.type}' is cut off`)
  // Copied: what is given may be a view of a larger window.
  return rows.slice()
}

/** Runs of a count and a group, 0 for none. */
function* accessGroups(tables: readonly WalkedBox[]): ByteWalk<Uint8Array> {
  let accessPoints: Uint8Array = NO_ROWS
  for (const box of tables.filter(({ type }) => type === 'sbgp')) {
    const head = yield { at: box.body, length: 8 }
    const grouping = ascii(head, 4, 4)
    if (grouping !== 'rap ' && grouping !== 'roll') continue
    // Version 1 has a parameter between the type and the count.
    const runs = yield* rowsOf(box, 8, byteAt(head, 0) === 1 ? 8 : 4)
    if (grouping === 'rap ') accessPoints = runs
    // A decoder that begins at such a keyframe shows whole pictures only later (H.264 with intra refresh).
    else if (hasGroup(runs)) throw refused('its pictures become whole only some time after a keyframe')
  }
  return accessPoints
}

function hasGroup(runs: Uint8Array): boolean {
  for (let at = 4; at < runs.byteLength; at += 8) if (uint32(runs, at) !== 0) return true
  return false
}

function* readEdits(inTrack: readonly WalkedBox[], budget: Budget): ByteWalk<Edit[]> {
  const edts = inTrack.find(({ type }) => type === 'edts')
  if (edts === undefined) return []
  const elst = (yield* childrenOf(edts, budget)).find(({ type }) => type === 'elst')
  if (elst === undefined) return []
  const isLong = byteAt(yield { at: elst.body, length: 1 }, 0) === 1
  const rowBytes = isLong ? 20 : 12
  const rows = yield* rowsOf(elst, rowBytes)
  const edits: Edit[] = []
  for (let at = 0; at < rows.byteLength; at += rowBytes) {
    const durationTicks = isLong ? uint64(rows, at) : uint32(rows, at)
    const mediaTicks = isLong ? signed(uint64(rows, at + 8), 2 ** 64) : signed(uint32(rows, at + 4), 2 ** 32)
    edits.push({ durationTicks, mediaTicks, rate: uint32(rows, at + rowBytes - 4) })
    if (edits.length > EDITS_MAX) throw refused(`it has more than ${EDITS_MAX} edits`)
  }
  return edits
}

/** More than two are refused later in any case. */
const EDITS_MAX = 16

function signed(value: number, range: number): number {
  return value >= range / 2 ? value - range : value
}

function* timescale(level: readonly WalkedBox[], type: 'mvhd' | 'mdhd'): ByteWalk<number> {
  const header = yield { at: required(level, type).body, length: 24 }
  const hz = uint32(header, byteAt(header, 0) === 1 ? 20 : 12)
  if (hz === 0) throw refused(`its '${type}' counts 0 ticks a second`)
  return hz
}
