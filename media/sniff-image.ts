/** Still pictures by their first bytes. */
import { ascii, byteAt, hasAt } from './read-bytes'
import { imageBrand } from './sniff-containers'

const SIGNATURES: readonly { what: string; magic: string | readonly number[] }[] = [
  { what: 'a PNG picture', magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { what: 'a JPEG picture', magic: [0xff, 0xd8, 0xff] },
  { what: 'a GIF picture', magic: 'GIF87a' },
  { what: 'a GIF picture', magic: 'GIF89a' },
  { what: 'a TIFF picture', magic: [0x49, 0x49, 0x2a, 0x00] },
  { what: 'a TIFF picture', magic: [0x4d, 0x4d, 0x00, 0x2a] },
  { what: 'a BigTIFF picture', magic: [0x49, 0x49, 0x2b, 0x00] },
  { what: 'a BigTIFF picture', magic: [0x4d, 0x4d, 0x00, 0x2b] },
  { what: 'a Photoshop document', magic: '8BPS' },
  { what: 'a JPEG XL picture', magic: [0xff, 0x0a] },
  { what: 'a JPEG XL picture', magic: [0, 0, 0, 0x0c, 0x4a, 0x58, 0x4c, 0x20, 0x0d, 0x0a, 0x87, 0x0a] },
  { what: 'a JPEG 2000 picture', magic: [0, 0, 0, 0x0c, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a] },
  { what: 'a JPEG 2000 picture', magic: [0xff, 0x4f, 0xff, 0x51] },
  { what: 'an OpenEXR picture', magic: [0x76, 0x2f, 0x31, 0x01] },
  { what: 'a DPX picture', magic: 'SDPX' },
  { what: 'a DPX picture', magic: 'XPDS' },
  { what: 'a QOI picture', magic: 'qoif' },
  { what: 'a DDS picture', magic: 'DDS ' },
]

/** What the picture is, or null where the bytes are no picture. */
export function sniffImage(head: Uint8Array): string | null {
  const known = SIGNATURES.find(({ magic }) => hasAt(head, 0, magic))
  if (known !== undefined) return known.what
  if (hasAt(head, 0, 'RIFF') && hasAt(head, 8, 'WEBP')) return 'a WebP picture'
  const brand = imageBrand(head)
  if (brand !== null) return `a picture in boxes (brand '${brand.trim()}': HEIF, AVIF or JPEG 2000)`
  if (isBmp(head)) return 'a BMP picture'
  if (isIcon(head)) return 'an icon'
  return /^P[1-7][\s#]/.test(ascii(head, 0, 3)) ? 'a picture of the PNM family' : null
}

/** `BM` alone is any text; the reserved bytes are zero and the second header's size is one of a few. */
function isBmp(head: Uint8Array): boolean {
  const headerBytes = byteAt(head, 14) + byteAt(head, 15) * 0x100
  const isKnown = [12, 16, 40, 52, 56, 64, 108, 124].includes(headerBytes)
  return hasAt(head, 0, 'BM') && hasAt(head, 6, [0, 0, 0, 0]) && isKnown
}

/** Types 1 (icon) and 2 (cursor); the first entry's reserved byte is zero and its picture has bytes. */
function isIcon(head: Uint8Array): boolean {
  const isType = hasAt(head, 0, [0, 0, 1, 0]) || hasAt(head, 0, [0, 0, 2, 0])
  const count = byteAt(head, 4) + byteAt(head, 5) * 0x100
  const size = byteAt(head, 14) + byteAt(head, 15) * 0x100 + byteAt(head, 16) * 0x10000
  return isType && count >= 1 && count <= 256 && byteAt(head, 9) === 0 && size > 0
}
