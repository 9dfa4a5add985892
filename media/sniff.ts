/**
 * Decides what a master is from its first bytes, so that ffmpeg never guesses: its own probing takes a renamed playlist
 * for a playlist and opens what that names. The file's name plays no part.
 */
import type { Container } from '../core/contract/source'
import { hasAt } from './read-bytes'
import { audioFrames, id3TagBytes } from './sniff-audio'
import { patternedContainer, signedContainer } from './sniff-containers'
import { sniffImage } from './sniff-image'
import { hidesPlaylist, sniffText } from './sniff-text'

/** Bytes of the head that a caller should read: MXF may begin this far in. */
export const HEAD_BYTES = 65_536

export type SniffCode = 'SOURCE_EMPTY' | 'SOURCE_IS_PLAYLIST' | 'SOURCE_IS_IMAGE' | 'SOURCE_NOT_MEDIA'

/**
 * - `media`: the container whose demuxer is to be forced.
 * - `tagged`: an ID3 tag fills the head; read on at `atByte` and ask `sniffAfterTag`.
 * - `reject`: not media; `what` is a noun phrase for the message.
 */
export type Sniffed =
  | { kind: 'media'; container: Container }
  | { kind: 'tagged'; atByte: number }
  | { kind: 'reject'; code: SniffCode; what: string }

/**
 * What the file is.
 *
 * Signatures at the first byte win, so a valid MP4 with a playlist appended is an MP4. Formats known only by a pattern
 * (MPEG-TS after garbage, MP3 frames) come after text, so that no text passes as one of them.
 *
 * @param head The first bytes, 64 KiB where the file has them.
 * @param bytes Length of the whole file.
 */
export function sniff(head: Uint8Array, bytes: number): Sniffed {
  if (bytes <= 0 || head.length === 0) return { kind: 'reject', code: 'SOURCE_EMPTY', what: 'a file without any bytes' }
  const signed = signedContainer(head, bytes)
  if (signed !== null) return { kind: 'media', container: signed }
  const image = sniffImage(head)
  if (image !== null) return { kind: 'reject', code: 'SOURCE_IS_IMAGE', what: image }
  const tagBytes = id3TagBytes(head)
  if (tagBytes > 0) return afterTag(head.subarray(tagBytes), bytes, tagBytes)
  const text = sniffText(head)
  if (text !== null) return { kind: 'reject', ...text }
  const document = DOCUMENTS.find(({ magic }) => hasAt(head, 0, magic))
  if (document !== undefined) return { kind: 'reject', code: 'SOURCE_NOT_MEDIA', what: document.what }
  return unsigned(head, bytes)
}

/**
 * What follows an ID3 tag. Only bare audio streams carry one; a playlist behind a tag is refused as a playlist.
 *
 * @param window Bytes from `atByte` on.
 * @param bytes Length of the whole file.
 */
export function sniffAfterTag(window: Uint8Array, bytes: number, atByte: number): Sniffed {
  return afterTag(window, bytes, atByte)
}

/** A first frame of at most 4 KiB and its follower must fit into what is left of the head. */
const WINDOW_BYTES_MIN = 8_192

function afterTag(window: Uint8Array, bytes: number, atByte: number): Sniffed {
  const remaining = bytes - atByte
  if (remaining <= 0) return { kind: 'reject', code: 'SOURCE_NOT_MEDIA', what: 'an ID3 tag without sound' }
  if (window.length < Math.min(WINDOW_BYTES_MIN, remaining)) return { kind: 'tagged', atByte }
  const nextTag = id3TagBytes(window)
  if (nextTag > 0) return afterTag(window.subarray(nextTag), bytes, atByte + nextTag)
  const start = window.findIndex((byte) => byte !== 0)
  const stream = window.subarray(Math.max(0, start))
  const text = sniffText(stream)
  if (text !== null) return { kind: 'reject', ...text, what: `${text.what} behind an ID3 tag` }
  if (hasAt(stream, 0, 'fLaC')) return { kind: 'media', container: 'flac' }
  const audio = audioFrames(stream, remaining - Math.max(0, start))
  if (audio !== null) return { kind: 'media', container: audio }
  const hidden = hidesPlaylist(window)
  if (hidden !== null) return { kind: 'reject', ...hidden }
  return { kind: 'reject', code: 'SOURCE_NOT_MEDIA', what: 'an ID3 tag without MP3, AAC or FLAC sound behind it' }
}

function unsigned(head: Uint8Array, bytes: number): Sniffed {
  const container = patternedContainer(head, bytes) ?? audioFrames(head, bytes)
  if (container !== null) return { kind: 'media', container }
  const hidden = hidesPlaylist(head)
  if (hidden !== null) return { kind: 'reject', ...hidden }
  return { kind: 'reject', code: 'SOURCE_NOT_MEDIA', what: unknownBytes(head) }
}

/** What people send instead of media, for a message that helps. */
const DOCUMENTS: readonly { what: string; magic: string | readonly number[] }[] = [
  { what: 'a ZIP archive', magic: [0x50, 0x4b, 0x03, 0x04] },
  { what: 'an empty ZIP archive', magic: [0x50, 0x4b, 0x05, 0x06] },
  { what: 'a PDF document', magic: '%PDF' },
  { what: 'a gzip file', magic: [0x1f, 0x8b] },
  { what: 'a 7-Zip archive', magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
  { what: 'a RAR archive', magic: 'Rar!' },
  { what: 'a Zstandard file', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { what: 'an XZ file', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { what: 'a program', magic: [0x7f, 0x45, 0x4c, 0x46] },
  { what: 'a database file', magic: 'SQLite format 3' },
  { what: 'a RealMedia file, which is not read', magic: '.RMF' },
  { what: 'an AIFF file, which is not read', magic: 'FORM' },
  { what: 'a raw MPEG video stream without a container', magic: [0, 0, 1, 0xb3] },
  { what: 'a raw H.264 or H.265 stream without a container', magic: [0, 0, 0, 1] },
  { what: 'a MIDI file', magic: 'MThd' },
]

function unknownBytes(head: Uint8Array): string {
  if (head.every((byte) => byte === 0)) return 'a file that begins with zero bytes only: its upload did not finish'
  return 'data of no format that Gantry knows'
}
