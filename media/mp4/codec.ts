/** RFC 6381 codec strings from a sample entry's own configuration. */
import { boxes, invalid, type Box } from './boxes'

/**
 * The string for CODECS, for example `avc1.64001f` or `mp4a.40.2`.
 *
 * @param entry The sample entry box inside `stsd`.
 * @throws FFMPEG_OUTPUT_INVALID for an entry that Gantry does not write.
 */
export function codecString(bytes: Uint8Array, entry: Box): string {
  switch (entry.type) {
    case 'avc1':
    case 'avc3':
      return avc(bytes, entry)
    case 'mp4a':
      return mp4a(bytes, entry)
    default:
      throw invalid(`sample entry '${entry.type}' is none that is written here`)
  }
}

/** Fields before the child boxes: ISO/IEC 14496-12, 12.1.3 (visual) and 12.2.3 (audio). */
const VISUAL_ENTRY_BYTES = 78
const AUDIO_ENTRY_BYTES = 28

/** `avc1.PPCCLL`: profile, constraint flags and level of avcC in hex. Source: RFC 6381, 3.3; ISO/IEC 14496-15, 5.3.3.1. */
function avc(bytes: Uint8Array, entry: Box): string {
  const avcC = childOf(bytes, entry, VISUAL_ENTRY_BYTES, 'avcC')
  const [profile = 0, constraints = 0, level = 0] = bytes.subarray(avcC.payload + 1, avcC.payload + 4)
  return `${entry.type}.${hex(profile)}${hex(constraints)}${hex(level)}`
}

const ES_DESCRIPTOR = 0x03
const DECODER_CONFIG = 0x04
const DECODER_SPECIFIC = 0x05

/** `mp4a.40.<audio object type>`. Source: RFC 6381, 3.3; descriptors of ISO/IEC 14496-1, 7.2.6. */
function mp4a(bytes: Uint8Array, entry: Box): string {
  const esds = childOf(bytes, entry, AUDIO_ENTRY_BYTES, 'esds')
  // Full box header (4), then the ES descriptor: ES_ID (2) and flags (1).
  const es = descriptor(bytes, esds.payload + 4, esds.end, ES_DESCRIPTOR)
  const config = descriptor(bytes, es.payload + 3, es.end, DECODER_CONFIG)
  const objectType = bytes[config.payload] ?? 0
  // Object type (1), stream type (1), buffer size (3), two bit rates (8), then the AudioSpecificConfig.
  const specific = descriptor(bytes, config.payload + 13, config.end, DECODER_SPECIFIC)
  const [first = 0, second = 0] = bytes.subarray(specific.payload, specific.payload + 2)
  // 31 is an escape: six more bits follow (ISO/IEC 14496-3, 1.6.2.1).
  const audioObject = first >> 3 === 31 ? 32 + (((first & 7) << 3) | (second >> 5)) : first >> 3
  return `mp4a.${hex(objectType)}.${audioObject}`
}

function descriptor(bytes: Uint8Array, at: number, end: number, tag: number): { payload: number; end: number } {
  if (bytes[at] !== tag) throw invalid(`descriptor ${tag} of the sound is missing`)
  let size = 0
  let next = at + 1
  for (let count = 0; count < 4; count += 1) {
    const byte = bytes[next] ?? 0
    next += 1
    size = (size << 7) | (byte & 0x7f)
    if ((byte & 0x80) === 0) break
  }
  if (next + size > end) throw invalid(`descriptor ${tag} of the sound is longer than its box`)
  return { payload: next, end: next + size }
}

function childOf(bytes: Uint8Array, entry: Box, fieldBytes: number, type: string): Box {
  const child = boxes(bytes, entry.payload + fieldBytes, entry.end).find((box) => box.type === type)
  if (child === undefined) throw invalid(`the box ${entry.type}/${type} is missing`)
  return child
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
