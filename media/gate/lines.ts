/**
 * A playlist as lines, whatever is wrong with it: what cannot be read is reported and left out, so that one fault does
 * not hide the next. The strict readers of media/hls stop at the first.
 */
import { lineOf, shown, type PlaylistLine, type TagLine } from '../hls/read-lines'
import type { Report } from './findings'

export type { PlaylistLine }

export type Tag = Omit<TagLine, 'kind'>

export const MAX_PLAYLIST_BYTES = 8 * 1024 * 1024
const MAX_LINES = 200_000

/** @returns Null for what is no playlist at all. */
export function readPlaylistLines(path: string, text: string, report: Report): PlaylistLine[] | null {
  if (text.length > MAX_PLAYLIST_BYTES) {
    report('playlist-limit', path, `it has more than ${MAX_PLAYLIST_BYTES} bytes`)
    return null
  }
  const lines = text.split(/\r?\n/, MAX_LINES + 1)
  if (lines.length > MAX_LINES) {
    report('playlist-limit', path, `it has more than ${MAX_LINES} lines`)
    return null
  }
  if (lines[0]?.startsWith('\ufeff')) {
    report('playlist-text', `${path}:1`, 'it begins with a byte order mark')
    lines[0] = lines[0].slice(1)
  }
  if (lines[0] !== '#EXTM3U') {
    report('playlist-header', `${path}:1`, `it begins with ${shown(lines[0] ?? '')}`)
    return null
  }
  return lines.slice(1).flatMap((line, index) => readLine(path, line, index + 2, report))
}

function readLine(path: string, line: string, number: number, report: Report): PlaylistLine[] {
  const where = `${path}:${number}`
  if (/[\p{Cc}\ufffd]/u.test(line)) {
    report('playlist-text', where, `${shown(line)} has a control character or is not UTF-8`)
    return []
  }
  const read = lineOf(line, number)
  if (read === 'no tag') {
    report('tag-syntax', where, `${shown(line)} is no tag`)
    return []
  }
  if (read?.kind === 'tag' && read.name === 'EXTM3U') {
    report('playlist-header', where, 'EXTM3U stands twice')
    return []
  }
  return read === null ? [] : [read]
}

/** Tags by where they may stand. Sources: RFC 8216, 4.3; rfc8216bis, 4.4. */
const MEDIA_TAGS = [
  ...['EXTINF', 'EXT-X-BYTERANGE', 'EXT-X-DISCONTINUITY', 'EXT-X-KEY', 'EXT-X-MAP', 'EXT-X-PROGRAM-DATE-TIME'],
  ...['EXT-X-DATERANGE', 'EXT-X-TARGETDURATION', 'EXT-X-MEDIA-SEQUENCE', 'EXT-X-DISCONTINUITY-SEQUENCE'],
  ...['EXT-X-ENDLIST', 'EXT-X-PLAYLIST-TYPE', 'EXT-X-I-FRAMES-ONLY', 'EXT-X-GAP', 'EXT-X-BITRATE', 'EXT-X-PART'],
  ...['EXT-X-PART-INF', 'EXT-X-SERVER-CONTROL', 'EXT-X-SKIP', 'EXT-X-PRELOAD-HINT', 'EXT-X-RENDITION-REPORT'],
]
const MULTIVARIANT_TAGS = [
  ...['EXT-X-MEDIA', 'EXT-X-STREAM-INF', 'EXT-X-I-FRAME-STREAM-INF', 'EXT-X-SESSION-DATA', 'EXT-X-SESSION-KEY'],
  ...['EXT-X-CONTENT-STEERING'],
]
const COMMON_TAGS = ['EXT-X-VERSION', 'EXT-X-INDEPENDENT-SEGMENTS', 'EXT-X-START', 'EXT-X-DEFINE']
/** EXT-X-ALLOW-CACHE is of older drafts and still written by ffmpeg. */
const OBSOLETE_TAGS = ['EXT-X-ALLOW-CACHE']

export const PLAYLIST_TAGS = { media: new Set(MEDIA_TAGS), multivariant: new Set(MULTIVARIANT_TAGS) } as const
export type PlaylistKind = keyof typeof PLAYLIST_TAGS
const KNOWN = new Set([...MEDIA_TAGS, ...MULTIVARIANT_TAGS, ...COMMON_TAGS, ...OBSOLETE_TAGS])
const ONCE = new Set([
  ...['EXT-X-VERSION', 'EXT-X-INDEPENDENT-SEGMENTS', 'EXT-X-START', 'EXT-X-TARGETDURATION', 'EXT-X-MEDIA-SEQUENCE'],
  ...['EXT-X-DISCONTINUITY-SEQUENCE', 'EXT-X-ENDLIST', 'EXT-X-PLAYLIST-TYPE', 'EXT-X-I-FRAMES-ONLY'],
])

/** The kind that most says so; a text without any tag of either is taken for a media playlist. */
export function kindOf(lines: readonly PlaylistLine[]): PlaylistKind {
  const first = lines.find(
    (line) => line.kind === 'tag' && (PLAYLIST_TAGS.media.has(line.name) || PLAYLIST_TAGS.multivariant.has(line.name)),
  )
  return first?.kind === 'tag' && PLAYLIST_TAGS.multivariant.has(first.name) ? 'multivariant' : 'media'
}

/** Tags that stand twice, that belong elsewhere, or that nobody knows. */
export function checkTags(path: string, lines: readonly PlaylistLine[], kind: PlaylistKind, report: Report): void {
  const seen = new Set<string>()
  const other = PLAYLIST_TAGS[kind === 'media' ? 'multivariant' : 'media']
  for (const line of lines) {
    if (line.kind === 'uri') continue
    const where = `${path}:${line.number}`
    if (other.has(line.name)) report('playlist-kind', where, `${line.name} stands in a ${kind} playlist`)
    if (!KNOWN.has(line.name)) report('tag-unknown', where, `${line.name} is of no specification`)
    if (ONCE.has(line.name) && seen.has(line.name)) report('tag-duplicate', where, `${line.name} stands twice`)
    seen.add(line.name)
  }
}
