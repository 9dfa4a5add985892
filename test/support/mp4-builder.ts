/** Builds MP4 boxes by hand, right ones and wrong ones. Numbers are big-endian. */

export const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

export const u8 = (...values: number[]): Uint8Array => Uint8Array.from(values)

export const u16 = (...values: number[]): Uint8Array => u8(...values.flatMap((value) => [value >> 8, value & 255]))

export function u32(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, 4 * index))
  return new Uint8Array(bytes)
}

export function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return new Uint8Array(bytes)
}

export const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'latin1'))

export const zeros = (count: number): Uint8Array => new Uint8Array(count)

/** A header that claims any size, then the payload. */
export const claimedBox = (size: number, type: string, ...payload: Uint8Array[]): Uint8Array =>
  joined(u32(size), text(type), ...payload)

export function box(type: string, ...payload: Uint8Array[]): Uint8Array {
  const body = joined(...payload)
  return claimedBox(body.byteLength + 8, type, body)
}

/** The same with a 64-bit size. */
export function longBox(type: string, ...payload: Uint8Array[]): Uint8Array {
  const body = joined(...payload)
  return claimedBox(1, type, u64(BigInt(body.byteLength + 16)), body)
}

export const fullBox = (type: string, version: number, flags: number, ...payload: Uint8Array[]): Uint8Array =>
  box(type, u32(version * 2 ** 24 + flags), ...payload)

export interface InitShape {
  handler: string
  entries: Uint8Array[]
  timescaleHz: number
  /** Version of `mdhd` and `tkhd`. */
  version: 0 | 1
  trackId: number
  trexTrackId: number
  tracks: number
  /** The whole `edts` box, or no bytes. */
  edits: Uint8Array
}

export const ftyp = box('ftyp', text('iso5'), u32(512), text('iso5'))

/** An init segment of one H.264 track unless told otherwise. */
export function initSegment(shape: Partial<InitShape> = {}): Uint8Array {
  const { handler = 'vide', entries = [avcEntry()], timescaleHz = 90_000, version = 0 } = shape
  const { trackId = 1, trexTrackId = trackId, tracks = 1, edits = zeros(0) } = shape
  const times = zeros(version === 1 ? 16 : 8)
  const track = box(
    'trak',
    fullBox('tkhd', version, 3, times, u32(trackId), zeros(72)),
    edits,
    box(
      'mdia',
      fullBox('mdhd', version, 0, times, u32(timescaleHz), zeros(8)),
      fullBox('hdlr', 0, 0, u32(0), text(handler), zeros(13)),
      box('minf', box('stbl', fullBox('stsd', 0, 0, u32(entries.length), ...entries))),
    ),
  )
  const mvex = box('mvex', fullBox('trex', 0, 0, u32(trexTrackId, 1, 3_000, 100, 0x1010000)))
  return joined(ftyp, box('moov', fullBox('mvhd', 0, 0, zeros(96)), ...Array<Uint8Array>(tracks).fill(track), mvex))
}

/** `edts` with rows of duration and media time. */
export function editList(version: 0 | 1, ...rows: [duration: number, mediaTime: number][]): Uint8Array {
  const number = (value: number): Uint8Array => (version === 1 ? u64(BigInt.asUintN(64, BigInt(value))) : u32(value))
  const table = rows.flatMap(([duration, mediaTime]) => [number(duration), number(mediaTime), u32(0x10000)])
  return box('edts', fullBox('elst', version, 0, u32(rows.length), ...table))
}

export const visualEntry = (type: string, ...children: Uint8Array[]): Uint8Array =>
  box(type, zeros(24), u16(320, 180), zeros(50), ...children)

export const avcEntry = (): Uint8Array => visualEntry('avc1', box('avcC', u8(1, 0x64, 0x00, 0x1f, 0xff, 0xe0, 0)))

export const audioEntry = (type: string, channels: number, rateHz: number, ...children: Uint8Array[]): Uint8Array =>
  box(type, zeros(16), u16(channels), zeros(6), u16(rateHz & 0xffff, 0), ...children)

/** `esds` around an AudioSpecificConfig. */
export function esds(objectType: number, config: Uint8Array, esFlags = zeros(1)): Uint8Array {
  const descriptor = (tag: number, ...payload: Uint8Array[]): Uint8Array => {
    const body = joined(...payload)
    return joined(u8(tag, body.byteLength), body)
  }
  const decoder = descriptor(4, u8(objectType, 0x15), zeros(11), descriptor(5, config))
  return fullBox('esds', 0, 0, descriptor(3, u16(1), esFlags, decoder))
}

/** A sample's row in `trun`; a field is written when the first row has it. */
export interface SampleRow {
  duration?: number
  size?: number
  flags?: number
  composition?: number
}

export interface RunShape {
  version?: number
  firstFlags?: number
  /** Rows claimed by the count; the rows given unless told otherwise. */
  count?: number
}

export const SYNC = 0x2000000
export const NON_SYNC = 0x1010000

export function trun(rows: readonly SampleRow[], { version = 0, firstFlags, count = rows.length }: RunShape = {}) {
  const first = rows[0] ?? {}
  const fields = [first.duration, first.size, first.flags, first.composition]
  const bits = fields.reduce<number>((sum, field, index) => sum + (field === undefined ? 0 : 0x100 << index), 0)
  const flags = 0x1 + bits + (firstFlags === undefined ? 0 : 0x4)
  const head = u32(count, 0, ...(firstFlags === undefined ? [] : [firstFlags]))
  const table = rows.flatMap(({ duration, size, flags: own, composition }) =>
    [duration, size, own, composition].filter((field) => field !== undefined),
  )
  return fullBox('trun', version, flags, head, u32(...table))
}

export const tfhd = (trackId = 1, flags = 0x20000, ...fields: Uint8Array[]): Uint8Array =>
  fullBox('tfhd', 0, flags, u32(trackId), ...fields)

export const tfdt = (ticks: bigint | number, version = 1): Uint8Array =>
  fullBox('tfdt', version, 0, version === 1 ? u64(BigInt(ticks)) : u32(Number(ticks)))

export const traf = (...children: Uint8Array[]): Uint8Array => box('traf', ...children)

/** `moof` of the given track fragments and an `mdat`. */
export const fragment = (trafs: readonly Uint8Array[], mediaBytes = 1_000): Uint8Array =>
  joined(box('moof', fullBox('mfhd', 0, 0, u32(1)), ...trafs), box('mdat', zeros(mediaBytes)))
