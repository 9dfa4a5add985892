/** Builds the indexes of MP4 and Matroska files by hand, right ones and wrong ones. */
import { box, fullBox, ftyp, joined, text, u32, u8, zeros } from './mp4-builder'

export interface TrackShape {
  handler: string
  timescaleHz: number
  movieTimescaleHz: number
  samples: number
  /** Rows of count and value. */
  durations: [number, number][]
  compositions: [number, number][] | null
  keyframes: number[] | null
  /** The whole `edts`, or no bytes. */
  edits: Uint8Array
  descriptions: number
  /** More boxes beside the tables, and beside the tracks. */
  moreTables: Uint8Array[]
  moreMoov: Uint8Array[]
}

const rows = (pairs: [number, number][]): Uint8Array => u32(pairs.length, ...pairs.flat())

/** 30 pictures at 25 a second in a scale of 100, keyframes at 1, 11 and 21, unless told otherwise. */
export function mp4File(shape: Partial<TrackShape> = {}): Uint8Array {
  const { handler = 'vide', timescaleHz = 100, movieTimescaleHz = 1_000, samples = 30 } = shape
  const { durations = [[samples, 4]], compositions = null, keyframes = [1, 11, 21], edits = zeros(0) } = shape
  const { descriptions = 1, moreTables = [], moreMoov = [] } = shape
  const tables = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(descriptions)),
    fullBox('stts', 0, 0, rows(durations)),
    ...(compositions === null ? [] : [fullBox('ctts', 1, 0, rows(compositions))]),
    ...(keyframes === null ? [] : [fullBox('stss', 0, 0, u32(keyframes.length, ...keyframes))]),
    ...moreTables,
    fullBox('stsz', 0, 0, u32(1, samples)),
  )
  const media = box(
    'mdia',
    fullBox('mdhd', 0, 0, zeros(8), u32(timescaleHz), zeros(8)),
    fullBox('hdlr', 0, 0, u32(0), text(handler), zeros(13)),
    box('minf', tables),
  )
  const movie = fullBox('mvhd', 0, 0, zeros(8), u32(movieTimescaleHz), zeros(84))
  return joined(ftyp, box('mdat', zeros(100)), box('moov', movie, box('trak', edits, media), ...moreMoov))
}

/** An element whose size takes 8 bytes. */
export function element(id: number, ...payload: Uint8Array[]): Uint8Array {
  const body = joined(...payload)
  return joined(elementId(id), u8(1, 0, 0, 0), u32(body.byteLength), body)
}

export function elementId(id: number): Uint8Array {
  const bytes = u32(id)
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0))
}

export interface MatroskaShape {
  scaleNs: number
  cueTimes: number[]
  /** Relative times of the first pictures. */
  blocks: number[]
  trackType: number
  moreInTrack: Uint8Array[]
  clusterTime: number
}

const number = (id: number, value: number): Uint8Array => element(id, u32(value))

/** Cues before the first cluster; keyframes at 0, 1000 and 2000 ms unless told otherwise. */
export function matroskaFile(shape: Partial<MatroskaShape> = {}): Uint8Array {
  const { scaleNs = 1_000_000, cueTimes = [0, 1_000, 2_000], blocks = [0, 40], trackType = 1 } = shape
  const { moreInTrack = [], clusterTime = 0 } = shape
  const track = element(0xae, number(0xd7, 1), number(0x83, trackType), element(0x86, text('V_VP9')), ...moreInTrack)
  const points = cueTimes.map((time) => element(0xbb, number(0xb3, time), element(0xb7, number(0xf7, 1))))
  const simple = blocks.map((time) => element(0xa3, u8(0x81, (time >> 8) & 255, time & 255, 0x80), zeros(20)))
  const segment = element(
    0x18538067,
    element(0x1549a966, number(0x2ad7b1, scaleNs)),
    element(0x1654ae6b, track),
    element(0x1c53bb6b, ...points),
    element(0x1f43b675, number(0xe7, clusterTime), ...simple),
  )
  return joined(element(0x1a45dfa3, zeros(4)), segment)
}
