/** Headers of bare audio streams: MP3 (with MP1 and MP2) and AAC in ADTS, and the ID3 tag before them. */
import { byteAt, hasAt } from './read-bytes'

/** How far into the stream a first frame is looked for: rips of radio streams begin in the middle of one. */
const GARBAGE_BYTES = 4_096
/** Frames in a row that prove a stream which begins elsewhere than at its first byte. */
const FRAMES_AFTER_GARBAGE = 4
const FRAMES_AT_START = 2

/**
 * Length of an ID3v2 tag at the first byte, header and footer included; 0 where there is none.
 * Source: ID3v2.4 structure, 3.1 (the size is syncsafe: four times seven bits).
 */
export function id3TagBytes(bytes: Uint8Array): number {
  if (bytes.length < 10 || !hasAt(bytes, 0, 'ID3') || byteAt(bytes, 3) === 0xff || byteAt(bytes, 4) === 0xff) return 0
  const size = [6, 7, 8, 9].map((at) => byteAt(bytes, at))
  if (size.some((part) => part >= 0x80)) return 0
  const footer = (byteAt(bytes, 5) & 0x10) === 0 ? 0 : 10
  return 10 + footer + size.reduce((sum, part) => sum * 128 + part, 0)
}

/**
 * Which audio frames begin here. MPEG audio and ADTS share the sync word; the layer bits tell them apart (ADTS has 0,
 * which MPEG audio reserves), and the next frame must stand where the first one says.
 *
 * @param bytes A window on the file.
 * @param remaining Bytes of the file from the window's start on; a file may end after one whole frame.
 */
export function audioFrames(bytes: Uint8Array, remaining: number): 'mp3' | 'adts' | null {
  for (const [kind, read] of [
    ['adts', adtsFrame],
    ['mp3', mpegFrame],
  ] as const) {
    if (hasRun(bytes, 0, remaining, read, FRAMES_AT_START)) return kind
  }
  const last = Math.min(GARBAGE_BYTES, bytes.length)
  for (let at = bytes.indexOf(0xff, 1); at >= 0 && at < last; at = bytes.indexOf(0xff, at + 1)) {
    if (hasRun(bytes, at, remaining, adtsFrame, FRAMES_AFTER_GARBAGE)) return 'adts'
    if (hasRun(bytes, at, remaining, mpegFrame, FRAMES_AFTER_GARBAGE)) return 'mp3'
  }
  return null
}

interface Frame {
  bytes: number
  /** What stays the same through a stream. */
  stream: number
}

type ReadFrame = (bytes: Uint8Array, at: number) => Frame | null

function hasRun(bytes: Uint8Array, start: number, remaining: number, read: ReadFrame, wanted: number): boolean {
  const first = read(bytes, start)
  if (first === null) return false
  let at = start + first.bytes
  for (let frames = 1; frames < wanted; frames += 1) {
    // The stream is over: at the end of the file, or at an ID3v1 tag, which closes one.
    if (start === 0 && (at === remaining || hasAt(bytes, at, 'TAG'))) return true
    const next = read(bytes, at)
    if (next?.stream !== first.stream) return false
    at += next.bytes
  }
  return true
}

/** Kilobits a second; row 0 is MPEG-1 layer I, 1 layer II, 2 layer III, 3 MPEG-2 layer I, 4 MPEG-2 layers II and III. */
const BITRATES_KBPS: readonly (readonly number[])[] = [
  [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
]
const MPEG1_RATES_HZ: readonly number[] = [44_100, 48_000, 32_000]

/** Source: ISO/IEC 11172-3, 2.4.1.3 and 2.4.2.3; ISO/IEC 13818-3, 2.4. Free format (no stated rate) is not taken. */
function mpegFrame(bytes: Uint8Array, at: number): Frame | null {
  if (at + 4 > bytes.length || byteAt(bytes, at) !== 0xff || (byteAt(bytes, at + 1) & 0xe0) !== 0xe0) return null
  const version = (byteAt(bytes, at + 1) >> 3) & 3
  const layer = 4 - ((byteAt(bytes, at + 1) >> 1) & 3)
  if (version === 1 || layer === 4) return null
  const isMpeg1 = version === 3
  const row = isMpeg1 ? layer - 1 : layer === 1 ? 3 : 4
  const kbps = BITRATES_KBPS[row]?.[(byteAt(bytes, at + 2) >> 4) - 1]
  const mpeg1Hz = MPEG1_RATES_HZ[(byteAt(bytes, at + 2) >> 2) & 3]
  if (kbps === undefined || mpeg1Hz === undefined) return null
  // MPEG-2 halves the sampling rates, MPEG-2.5 quarters them.
  const hz = isMpeg1 ? mpeg1Hz : version === 2 ? mpeg1Hz / 2 : mpeg1Hz / 4
  const padding = (byteAt(bytes, at + 2) >> 1) & 1
  const samples = layer === 1 ? 384 : layer === 2 || isMpeg1 ? 1152 : 576
  const slotBytes = layer === 1 ? 4 : 1
  const slots = Math.floor(((samples / 8) * kbps * 1_000) / hz / slotBytes) + padding
  return { bytes: slots * slotBytes, stream: version * 0x100 + layer * 0x10 + ((byteAt(bytes, at + 2) >> 2) & 3) }
}

/** Source: ISO/IEC 13818-7, 6.2 (adts_fixed_header and adts_variable_header). */
function adtsFrame(bytes: Uint8Array, at: number): Frame | null {
  if (at + 7 > bytes.length || byteAt(bytes, at) !== 0xff || (byteAt(bytes, at + 1) & 0xf6) !== 0xf0) return null
  const rateIndex = (byteAt(bytes, at + 2) >> 2) & 0xf
  const length = ((byteAt(bytes, at + 3) & 3) << 11) | (byteAt(bytes, at + 4) << 3) | (byteAt(bytes, at + 5) >> 5)
  if (rateIndex > 12 || length < 7) return null
  return { bytes: length, stream: (byteAt(bytes, at + 2) & 0xfc) + (byteAt(bytes, at + 1) & 8) * 0x100 }
}
