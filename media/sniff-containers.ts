/** What the first bytes of each container look like. Nothing here trusts a file's name. */
import type { Container } from '../core/contract/source'
import { ascii, byteAt, findBytes, hasAt, uint32, uint64 } from './read-bytes'

/** SMPTE 377-1, 7.1: the key of a header partition pack without its last two bytes (status, reserved). */
const MXF_KEY = [0x06, 0x0e, 0x2b, 0x34, 0x02, 0x05, 0x01, 0x01, 0x0d, 0x01, 0x02, 0x01, 0x01, 0x02]
const ASF_GUID = [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, 0xa6, 0xd9, 0x00, 0xaa, 0x00, 0x62, 0xce, 0x6c]
const EBML_MAGIC = [0x1a, 0x45, 0xdf, 0xa3]

/** Containers with a signature at the first byte. */
export function signedContainer(head: Uint8Array, bytes: number): Container | null {
  if (isMp4(head, bytes)) return 'mp4'
  if (hasAt(head, 0, EBML_MAGIC)) return isMatroska(head) ? 'matroska' : null
  if (isRiff(head)) return riffContainer(head)
  if (hasAt(head, 0, 'FLV') && byteAt(head, 3) <= 4 && uint32(head, 5) >= 9) return 'flv'
  if (hasAt(head, 0, ASF_GUID)) return 'asf'
  if (hasAt(head, 0, 'OggS') && byteAt(head, 4) === 0) return 'ogg'
  if (hasAt(head, 0, 'fLaC')) return 'flac'
  return null
}

/** Containers that are known by a pattern further in, or by repetition. */
export function patternedContainer(head: Uint8Array, bytes: number): Container | null {
  // A pack header, or a system header where the first pack was cut off (ISO/IEC 13818-1, 2.5.3).
  if (hasAt(head, 0, [0, 0, 1, 0xba]) || hasAt(head, 0, [0, 0, 1, 0xbb])) return 'mpegps'
  // SMPTE 377-1, 6.5: up to 64 KiB of anything may precede the first partition.
  if (findBytes(head, MXF_KEY) >= 0) return 'mxf'
  return isTransportStream(head, bytes) ? 'mpegts' : null
}

/** Brands of still pictures that use the same boxes as MP4 (HEIF, AVIF, JPEG 2000, Canon raw). */
const IMAGE_BRANDS = new Set(
  ['avif', 'avis', 'heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'mif2', 'msf1'].concat([
    'miaf',
    'jp2 ',
    'jpx ',
    'jpm ',
    'mjp2',
    'jxl ',
    'crx ',
  ]),
)

/** The major brand of a file of boxes that is a picture, or null. */
export function imageBrand(head: Uint8Array): string | null {
  if (!hasAt(head, 4, 'ftyp')) return null
  const brand = ascii(head, 8, 4)
  return IMAGE_BRANDS.has(brand) ? brand : null
}

/** Boxes that QuickTime and fragmented MP4 begin with where there is no `ftyp`. */
const FIRST_BOXES = ['moov', 'mdat', 'wide', 'free', 'skip', 'pnot', 'moof', 'sidx', 'uuid']
/** An `ftyp` lists brands of four bytes each; nobody needs a thousand. */
const FTYP_BYTES_MAX = 4_096

function isMp4(head: Uint8Array, bytes: number): boolean {
  const type = ascii(head, 4, 4)
  const size = uint32(head, 0)
  if (type === 'ftyp' || type === 'styp') return size >= 12 && size <= FTYP_BYTES_MAX && imageBrand(head) === null
  if (!FIRST_BOXES.includes(type)) return false
  if (type === 'mdat') return size !== 1 ? size === 0 || size >= 8 : uint64(head, 8) >= 16
  if (type === 'moov' || type === 'moof') return size >= 16
  if (size < 8 || size > bytes) return false
  // `free` and its like prove nothing alone: another box must follow.
  return size + 8 > head.length || /^[\x20-\x7e\xa9]{4}$/.test(ascii(head, size + 4, 4))
}

/** RFC 8794, 11.2.4: the document type stands in the EBML header, which is short. */
function isMatroska(head: Uint8Array): boolean {
  const start = ascii(head, 0, 256)
  return start.includes('matroska') || start.includes('webm')
}

function isRiff(head: Uint8Array): boolean {
  return ['RIFF', 'RIFX', 'RF64', 'BW64'].some((magic) => hasAt(head, 0, magic))
}

function riffContainer(head: Uint8Array): Container | null {
  const form = ascii(head, 8, 4)
  if (form === 'WAVE') return 'wav'
  return form.startsWith('AVI') && hasAt(head, 0, 'RIFF') ? 'avi' : null
}

/** Plain, with the 4-byte time of Blu-ray and AVCHD, with Reed-Solomon bytes. */
const TS_PACKET_BYTES = [188, 192, 204]
const TS_SYNCS = 5
/** A whole file may be shorter than five packets. */
const TS_SYNCS_OF_SHORT_FILE = 3
/** A recording may begin in the middle of anything. */
const TS_GARBAGE_BYTES = 8_192

function isTransportStream(head: Uint8Array, bytes: number): boolean {
  return TS_PACKET_BYTES.some((size) => {
    const wholeFileIsShort = bytes <= head.length && bytes < TS_SYNCS * size
    const wanted = wholeFileIsShort ? TS_SYNCS_OF_SHORT_FILE : TS_SYNCS
    const lastStart = wholeFileIsShort ? 4 : Math.min(TS_GARBAGE_BYTES, head.length - wanted * size + size - 4)
    for (let at = head.indexOf(0x47); at >= 0 && at <= lastStart; at = head.indexOf(0x47, at + 1)) {
      if (hasSyncs(head, at, size, wanted)) return true
    }
    return false
  })
}

/** ISO/IEC 13818-1, 2.4.3.2: sync byte 0x47, and adaptation_field_control 0 is reserved. */
function hasSyncs(head: Uint8Array, start: number, size: number, wanted: number): boolean {
  for (let packet = 0; packet < wanted; packet += 1) {
    const at = start + packet * size
    if (at + 4 > head.length || byteAt(head, at) !== 0x47 || (byteAt(head, at + 3) & 0x30) === 0) return false
  }
  return true
}
