/** Reads the index of a progressive MP4, by no code of the product. */

export interface ReadSample {
  /** In the file. */
  offset: number
  bytes: number
  decodeTicks: number
  /** Of the media, before any edit. */
  shownTicks: number
  isSync: boolean
}

export interface ReadTrack {
  handler: string
  timescaleHz: number
  /** `mdhd`, as three letters. */
  language: string
  /** `elng`, where there is one. */
  languageTag: string | null
  flags: number
  edits: { movieTicks: number; mediaTicks: number }[]
  durations: { movieTicks: number; mediaTicks: number }
  /** Of the sample description, after the header of its box. */
  description: Buffer
  rollDistance: number | null
  offsetBytes: 4 | 8
  samples: ReadSample[]
}

export interface ReadFile {
  order: string[]
  brands: string
  movieHz: number
  movieTicks: number
  /** Where the media begins, and how long it says it is. */
  media: { start: number; bytes: number }
  tracks: ReadTrack[]
}

interface Atom {
  type: string
  body: Buffer
  start: number
  bytes: number
}

/** @param head The file, or as much of it as stands before the media. */
export function readProgressive(head: Buffer): ReadFile {
  const top = atoms(head)
  const moov = one(top, 'moov').body
  const movie = one(atoms(moov), 'mvhd').body
  const [mdat] = top.filter(({ type }) => type === 'mdat')
  return {
    order: top.map(({ type }) => type),
    brands: one(top, 'ftyp').body.toString('latin1', 8),
    ...{ movieHz: timescale(movie), movieTicks: duration(movie) },
    media: { start: mdat?.start ?? NaN, bytes: mdat?.bytes ?? NaN },
    tracks: atoms(moov)
      .filter(({ type }) => type === 'trak')
      .map(({ body }) => readTrack(body)),
  }
}

function atoms(bytes: Buffer): Atom[] {
  const found: Atom[] = []
  for (let at = 0; at + 8 <= bytes.length;) {
    const small = bytes.readUInt32BE(at)
    const header = small === 1 ? 16 : 8
    const size = small === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : small
    if (size < header) throw new Error(`a box of ${size} bytes at ${at}`)
    const body = bytes.subarray(at + header, at + size)
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), body, start: at + header, bytes: size - header })
    at += size
  }
  return found
}

function one(all: readonly Atom[], type: string): Atom {
  const [found, second] = all.filter((atom) => atom.type === type)
  if (found === undefined || second !== undefined) throw new Error(`one '${type}' expected`)
  return found
}

/** `mvhd`, `mdhd` and, where what stands for a time scale is the track's number, `tkhd`. */
const timescale = (body: Buffer): number => body.readUInt32BE(body[0] === 1 ? 20 : 12)
const duration = (body: Buffer, gap = 0): number =>
  body[0] === 1 ? Number(body.readBigUInt64BE(24 + gap)) : body.readUInt32BE(16 + gap)

function readTrack(trak: Buffer): ReadTrack {
  const parts = atoms(trak)
  const media = atoms(one(parts, 'mdia').body)
  const [mdhd, tkhd] = [one(media, 'mdhd').body, one(parts, 'tkhd').body]
  const tables = atoms(one(atoms(one(media, 'minf').body), 'stbl').body)
  const packed = mdhd.readUInt16BE(mdhd[0] === 1 ? 32 : 20)
  const rolls = tables.find(({ type }) => type === 'sgpd')?.body
  return {
    handler: one(media, 'hdlr').body.toString('latin1', 8, 12),
    timescaleHz: timescale(mdhd),
    language: String.fromCharCode(...[10, 5, 0].map((shift) => ((packed >> shift) & 31) + 0x60)),
    languageTag:
      media
        .find(({ type }) => type === 'elng')
        ?.body.toString('latin1', 4)
        .replace(/\0$/, '') ?? null,
    flags: tkhd.readUInt32BE(0) & 0xffffff,
    edits: readEdits(one(atoms(one(parts, 'edts').body), 'elst').body),
    durations: { movieTicks: duration(tkhd, 4), mediaTicks: duration(mdhd) },
    description: one(tables, 'stsd').body,
    rollDistance: rolls === undefined ? null : rolls.readInt16BE(16),
    offsetBytes: tables.some(({ type }) => type === 'co64') ? 8 : 4,
    samples: readSamples(tables),
  }
}

function readEdits(elst: Buffer): ReadTrack['edits'] {
  const isLong = elst[0] === 1
  return Array.from({ length: elst.readUInt32BE(4) }, (_, index) => {
    const at = 8 + index * (isLong ? 20 : 12)
    return isLong
      ? { movieTicks: Number(elst.readBigUInt64BE(at)), mediaTicks: Number(elst.readBigInt64BE(at + 8)) }
      : { movieTicks: elst.readUInt32BE(at), mediaTicks: elst.readInt32BE(at + 4) }
  })
}

/** One value a sample from runs of equal ones. */
function unrolled(body: Buffer | undefined, read: (at: number) => number): number[] {
  if (body === undefined) return []
  return Array.from({ length: body.readUInt32BE(4) }, (_, row) =>
    Array.from({ length: body.readUInt32BE(8 + 8 * row) }, () => read(12 + 8 * row)),
  ).flat()
}

function readSamples(tables: readonly Atom[]): ReadSample[] {
  const body = (type: string): Buffer | undefined => tables.find((atom) => atom.type === type)?.body
  const [stts, ctts, stss, stsz] = [body('stts'), body('ctts'), body('stss'), one(tables, 'stsz').body]
  const durations = unrolled(stts, (at) => stts?.readUInt32BE(at) ?? NaN)
  const late = unrolled(ctts, (at) => (ctts?.[0] === 1 ? ctts.readInt32BE(at) : ctts?.readUInt32BE(at)) ?? NaN)
  const column = (table: Buffer): number[] =>
    Array.from({ length: table.readUInt32BE(4) }, (_, index) => table.readUInt32BE(8 + 4 * index))
  const sync = stss === undefined ? null : new Set(column(stss))
  const offsets = sampleOffsets(tables)
  let decodeTicks = 0
  return Array.from({ length: stsz.readUInt32BE(8) }, (_, index) => {
    const sample = {
      ...{ offset: offsets.next(), bytes: stsz.readUInt32BE(12 + 4 * index), decodeTicks },
      ...{ shownTicks: decodeTicks + (late[index] ?? 0), isSync: sync?.has(index + 1) ?? true },
    }
    offsets.passed(sample.bytes)
    decodeTicks += durations[index] ?? NaN
    return sample
  })
}

/** Goes from sample to sample of a chunk, then to the next chunk. */
function sampleOffsets(tables: readonly Atom[]): { next: () => number; passed: (bytes: number) => void } {
  const [stsc, stco, co64] = ['stsc', 'stco', 'co64'].map((type) => tables.find((atom) => atom.type === type)?.body)
  const count = (stco ?? co64)?.readUInt32BE(4) ?? 0
  const places = Array.from(
    { length: count },
    (_, index) => stco?.readUInt32BE(8 + 4 * index) ?? Number(co64?.readBigUInt64BE(8 + 8 * index)),
  )
  const perChunk: number[] = []
  for (let row = (stsc?.readUInt32BE(4) ?? 0) - 1; row >= 0; row -= 1) {
    const first = (stsc?.readUInt32BE(8 + 12 * row) ?? 0) - 1
    perChunk.unshift(...Array<number>(count - perChunk.length - first).fill(stsc?.readUInt32BE(12 + 12 * row) ?? 0))
  }
  let chunk = -1
  let left = 0
  let at = NaN
  return {
    next: () => {
      if (left === 0) {
        chunk += 1
        left = perChunk[chunk] ?? 0
        at = places[chunk] ?? NaN
      }
      left -= 1
      return at
    },
    passed: (bytes) => (at += bytes),
  }
}
