/** Text that poses as media: playlists and edit lists, which point at other things, and documents. */
import { ascii, hasAt } from './read-bytes'

export interface TextVerdict {
  code: 'SOURCE_IS_PLAYLIST' | 'SOURCE_IS_IMAGE' | 'SOURCE_NOT_MEDIA'
  what: string
}

const HLS = 'an HLS or M3U playlist'
/** How much is read as text. */
const TEXT_BYTES = 8_192

/**
 * What kind of text the bytes are, or null where they are not text. Byte order marks and white space may come first.
 * What begins as a playlist is one, whatever binary follows: no other format begins so.
 */
export function sniffText(head: Uint8Array): TextVerdict | null {
  const { text, isWhole } = leadingText(head)
  const list = playlist(text)
  if (list !== null || text === '' || !isWhole) return list
  return text.startsWith('<') ? xml(text) : document(text)
}

/** A playlist's tag anywhere in bytes that are nothing else: a prefix of rubbish does not hide it. */
export function hidesPlaylist(head: Uint8Array): TextVerdict | null {
  return /#EXTM3U|#EXT-X-/i.test(latin1(head))
    ? { code: 'SOURCE_IS_PLAYLIST', what: `${HLS} behind other bytes` }
    : null
}

/** Everything up to the first control character that text does not have. C1 codes are bytes of UTF-8 here. */
function leadingText(head: Uint8Array): { text: string; isWhole: boolean } {
  let bytes = head.subarray(0, TEXT_BYTES)
  if (hasAt(bytes, 0, [0xef, 0xbb, 0xbf])) bytes = bytes.subarray(3)
  const isLittleEndian = hasAt(bytes, 0, [0xff, 0xfe])
  if (isLittleEndian || hasAt(bytes, 0, [0xfe, 0xff])) {
    bytes = bytes.subarray(2).filter((_, index) => index % 2 === (isLittleEndian ? 0 : 1))
  }
  const end = bytes.findIndex((byte) => (byte < 0x20 && (byte < 0x09 || byte > 0x0d)) || byte === 0x7f)
  return { text: latin1(end < 0 ? bytes : bytes.subarray(0, end)).trimStart(), isWhole: end < 0 }
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4_096) text += ascii(bytes, at, 4_096)
  return text
}

const PLAYLISTS: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /^[ \t]*#EXT(M3U|INF|-X-)/im, what: HLS },
  { pattern: /^ffconcat\s/i, what: 'an ffconcat edit list' },
  { pattern: /^file\s+\S/i, what: 'an edit list of files' },
  { pattern: /^v=0\s+[a-z]=/i, what: 'an SDP session description' },
  { pattern: /^\[playlist\]/i, what: 'a PLS playlist' },
  { pattern: /^\[reference\]/i, what: 'a Windows Media reference list' },
  { pattern: /^(ASF\s|rtsptext)/i, what: 'a reference to a stream' },
  // Each step of the repetition begins with `#` and has one way to match, or comments alone would take for ever.
  { pattern: /^(?:#[^\n]*\n\s*)*[a-z][a-z0-9+.-]{1,20}:\/\/\S+\s*(\n|$)/i, what: 'a list of addresses' },
]

function playlist(text: string): TextVerdict | null {
  const known = PLAYLISTS.find(({ pattern }) => pattern.test(text))
  return known === undefined ? null : { code: 'SOURCE_IS_PLAYLIST', what: known.what }
}

const XML_ROOTS: Readonly<Record<string, TextVerdict>> = {
  mpd: { code: 'SOURCE_IS_PLAYLIST', what: 'a DASH manifest' },
  smoothstreamingmedia: { code: 'SOURCE_IS_PLAYLIST', what: 'a Smooth Streaming manifest' },
  smil: { code: 'SOURCE_IS_PLAYLIST', what: 'a SMIL presentation' },
  asx: { code: 'SOURCE_IS_PLAYLIST', what: 'an ASX playlist' },
  playlist: { code: 'SOURCE_IS_PLAYLIST', what: 'an XSPF playlist' },
  compositionplaylist: { code: 'SOURCE_IS_PLAYLIST', what: 'an IMF or DCP composition playlist' },
  assetmap: { code: 'SOURCE_IS_PLAYLIST', what: 'an IMF or DCP asset map' },
  packinglist: { code: 'SOURCE_IS_PLAYLIST', what: 'an IMF or DCP packing list' },
  fcpxml: { code: 'SOURCE_IS_PLAYLIST', what: 'a Final Cut edit list' },
  xmeml: { code: 'SOURCE_IS_PLAYLIST', what: 'a Final Cut edit list' },
  manifest: { code: 'SOURCE_IS_PLAYLIST', what: 'an F4M manifest' },
  svg: { code: 'SOURCE_IS_IMAGE', what: 'an SVG picture' },
  html: { code: 'SOURCE_NOT_MEDIA', what: 'an HTML page' },
}

function xml(text: string): TextVerdict {
  const root = rootElement(text)
  return XML_ROOTS[root] ?? { code: 'SOURCE_NOT_MEDIA', what: 'an XML document' }
}

/** Local name of the first element in lower case; steps over the prolog without looking back, as the text is hostile. */
function rootElement(text: string): string {
  let at = 0
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1
    if (/^<!doctype\s+html/i.test(text.slice(at, at + 40))) return 'html'
    const end = text.startsWith('<!--', at) ? '-->' : text.startsWith('<?', at) ? '?>' : '>'
    if (!text.startsWith('<?', at) && !text.startsWith('<!', at)) break
    const close = text.indexOf(end, at)
    if (close < 0) return ''
    at = close + end.length
  }
  const name = /^<(?:[\w.-]{1,64}:)?([\w.-]{1,64})/.exec(text.slice(at, at + 200))
  return name?.[1]?.toLowerCase() ?? ''
}

const DOCUMENTS: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /^%PDF/, what: 'a PDF document' },
  { pattern: /^WEBVTT/, what: 'a WebVTT subtitle file' },
  { pattern: /^\d+\s+\d\d:\d\d:\d\d,\d{3} -->/, what: 'a SubRip subtitle file' },
  { pattern: /^[[{]/, what: 'a JSON or similar text file' },
]

function document(text: string): TextVerdict {
  const known = DOCUMENTS.find(({ pattern }) => pattern.test(text))
  return { code: 'SOURCE_NOT_MEDIA', what: known?.what ?? 'a text file' }
}
