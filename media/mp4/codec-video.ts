/** Picture size and RFC 6381 codec string of a visual sample entry. */
import { boxes, invalid, printable, type Box } from './boxes'
import { decoderConfig } from './descriptors'
import { fieldsOf, type FieldReader } from './fields'

export interface VideoEntry {
  codec: string
  widthPx: number
  heightPx: number
}

/** Bytes before the child boxes. Source: ISO/IEC 14496-12, 12.1.3. */
const ENTRY_FIELD_BYTES = 78

/**
 * @param entry The sample entry inside `stsd`.
 * @throws FFMPEG_OUTPUT_INVALID for a codec other than H.264, HEVC, AV1 or MPEG video, or without its configuration.
 */
export function readVideoEntry(bytes: Uint8Array, entry: Box): VideoEntry {
  const fields = fieldsOf(bytes, entry, printable(entry.type))
  fields.skip(24)
  const size = { widthPx: fields.uint(2), heightPx: fields.uint(2) }
  if (size.widthPx === 0 || size.heightPx === 0) throw invalid(`the picture is ${size.widthPx}x${size.heightPx} pixels`)
  return { codec: codecOf(bytes, entry), ...size }
}

/** Transfer characteristics of `colr` (ITU-T H.273, 8.2); null where the entry does not tell. */
export function transferOf(bytes: Uint8Array, entry: Box): number | null {
  const colr = childFields(bytes, entry, 'colr')
  if (colr?.text(4) !== 'nclx') return null
  colr.skip(2)
  return colr.uint(2)
}

function codecOf(bytes: Uint8Array, entry: Box): string {
  const childBox = (type: string): Box => {
    const box = childOf(bytes, entry, type)
    if (box === undefined) throw invalid(`the box ${entry.type}/${type} is missing`)
    return box
  }
  const child = (type: string): FieldReader => fieldsOf(bytes, childBox(type), type)
  switch (entry.type) {
    case 'avc1':
    case 'avc3':
      return avc(entry.type, child('avcC'))
    case 'hvc1':
    case 'hev1':
      return hevc(entry.type, child('hvcC'))
    case 'av01':
      return av1(child('av1C'), childFields(bytes, entry, 'colr'))
    case 'mp4v':
      return `mp4v.${hex(decoderConfig(bytes, childBox('esds')).objectType)}`
    default:
      throw invalid(`sample entry '${printable(entry.type)}' is none of avc1, avc3, hvc1, hev1, av01, mp4v`)
  }
}

function childOf(bytes: Uint8Array, entry: Box, type: string): Box | undefined {
  return boxes(bytes, entry.payload + ENTRY_FIELD_BYTES, entry.end).find((box) => box.type === type)
}

function childFields(bytes: Uint8Array, entry: Box, type: string): FieldReader | null {
  const found = childOf(bytes, entry, type)
  return found === undefined ? null : fieldsOf(bytes, found, type)
}

/** `avc1.PPCCLL`: profile, constraint flags, level. Source: RFC 6381, 3.3; ISO/IEC 14496-15, 5.3.3.1. */
function avc(type: string, avcC: FieldReader): string {
  avcC.skip(1)
  return `${type}.${hex(avcC.uint(1))}${hex(avcC.uint(1))}${hex(avcC.uint(1))}`
}

/** For example `hvc1.2.4.L120.90`. Source: ISO/IEC 14496-15, annex E.3; hvcC in 8.3.3.1. */
function hevc(type: string, hvcC: FieldReader): string {
  hvcC.skip(1)
  const profile = hvcC.uint(1)
  const space = ['', 'A', 'B', 'C'][profile >> 6] ?? ''
  const tier = (profile & 0x20) === 0 ? 'L' : 'H'
  const compatibility = reversedBits(hvcC.uint(4)).toString(16).toUpperCase()
  const constraints = Array.from({ length: 6 }, () => hvcC.uint(1))
  const used = constraints.slice(0, constraints.findLastIndex((byte) => byte !== 0) + 1)
  const level = `${tier}${hvcC.uint(1)}`
  const tail = used.map((byte) => byte.toString(16).toUpperCase())
  return [type, `${space}${profile & 0x1f}`, compatibility, level, ...tail].join('.')
}

/** What an AV1 string means where it stops behind the bit depth: 4:2:0 in BT.709, limited range. */
const AV1_DEFAULT_COLOUR = '0.110.01.01.01.0'

/**
 * `av01.P.LLT.DD`, with the colour behind it where it is not the default.
 *
 * Source: AV1 Codec ISO Media File Format Binding, 2.3 (av1C) and 5 (codecs parameter).
 */
function av1(av1C: FieldReader, colr: FieldReader | null): string {
  av1C.skip(1)
  const profileAndLevel = av1C.uint(1)
  const bits = av1C.uint(1)
  const level = `${two(profileAndLevel & 0x1f)}${(bits & 0x80) === 0 ? 'M' : 'H'}`
  const depth = (bits & 0x40) === 0 ? 8 : (bits & 0x20) === 0 ? 10 : 12
  const short = `av01.${profileAndLevel >> 5}.${level}.${two(depth)}`
  const subsampling = `${(bits >> 3) & 1}${(bits >> 2) & 1}`
  const position = subsampling === '11' ? bits & 3 : 0
  const colour = [(bits >> 4) & 1, `${subsampling}${position}`, ...av1Colour(colr)].join('.')
  return colour === AV1_DEFAULT_COLOUR ? short : `${short}.${colour}`
}

/** Primaries, transfer, matrix and range of `colr`; "unspecified" (2) says no more than leaving them out. */
function av1Colour(colr: FieldReader | null): string[] {
  if (colr === null || colr.text(4) !== 'nclx') return ['01', '01', '01', '0']
  const codes = [colr.uint(2), colr.uint(2), colr.uint(2)].map((code) => two(code === 2 ? 1 : code))
  return [...codes, String(colr.uint(1) >> 7)]
}

function reversedBits(value: number): number {
  let reversed = 0
  for (let bit = 0; bit < 32; bit += 1) reversed = reversed * 2 + ((value >>> bit) & 1)
  return reversed
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
