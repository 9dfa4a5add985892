/** Pure: segments that are sound alone, without a container (RFC 8216, 3.4). */

export interface PackedAudio {
  /** Null for AC-3 and the like, which are not read. */
  container: 'adts' | 'mp3' | null
  /** What the time tag says of the first sample; null without one. */
  startSeconds: number | null
}

const OWNER = Buffer.from('com.apple.streaming.transportStreamTimestamp\0')
const ID3_HEADER_BYTES = 10
const CLOCK_HZ = 90_000

/** Null for what is none. */
export function packedAudioOf(bytes: Buffer): PackedAudio | null {
  const tag = tagBytes(bytes)
  const container = containerOf(bytes.subarray(tag))
  if (container === undefined) return null
  return { container, startSeconds: startOf(bytes.subarray(0, tag)) }
}

/** Length of the ID3 tag at the beginning; 0 without one. Source: ID3v2.4.0, 3.1 and 6.2. */
function tagBytes(bytes: Buffer): number {
  if (bytes.toString('latin1', 0, 3) !== 'ID3' || bytes.length < ID3_HEADER_BYTES) return 0
  const size = [6, 7, 8, 9].reduce((sum, index) => sum * 128 + ((bytes[index] ?? 0) & 0x7f), 0)
  return Math.min(bytes.length, ID3_HEADER_BYTES + size)
}

/** By the first sync word: of ADTS the layer is 0, of MPEG audio it is not. */
function containerOf(sound: Buffer): PackedAudio['container'] | undefined {
  const [first = 0, second = 0] = sound
  if (first === 0x0b && second === 0x77) return null
  if (first !== 0xff) return undefined
  if ((second & 0xf6) === 0xf0) return 'adts'
  return (second & 0xe0) === 0xe0 && (second & 0x06) !== 0 ? 'mp3' : undefined
}

/** 33 bits of the clock of MPEG-TS in an octet string of 8. */
function startOf(tag: Buffer): number | null {
  const at = tag.indexOf(OWNER)
  const from = at + OWNER.length
  if (at < 0 || from + 8 > tag.length) return null
  return Number(tag.readBigUInt64BE(from) & 0x1_ffff_ffffn) / CLOCK_HZ
}
