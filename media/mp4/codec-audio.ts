/** Sample rate, channels and RFC 6381 codec string of an audio sample entry. */
import { boxes, invalid, printable, type Box } from './boxes'
import { DECODER_SPECIFIC, decoderConfig, descriptor } from './descriptors'
import { fieldsOf, type FieldReader } from './fields'

export interface AudioEntry {
  codec: string
  sampleRateHz: number
  channels: number
}

/** Bytes before the child boxes. Source: ISO/IEC 14496-12, 12.2.3. */
const ENTRY_FIELD_BYTES = 28

/**
 * Rate and channels come from the codec's own configuration: the fields of the entry cannot hold every rate.
 *
 * @param entry The sample entry inside `stsd`.
 * @throws FFMPEG_OUTPUT_INVALID for a codec other than AAC, MP3, Opus or FLAC, or without its configuration.
 */
export function readAudioEntry(bytes: Uint8Array, entry: Box): AudioEntry {
  const declared = readDeclared(fieldsOf(bytes, entry, printable(entry.type)))
  const child = (type: string): Box => {
    const found = boxes(bytes, entry.payload + ENTRY_FIELD_BYTES, entry.end).find((box) => box.type === type)
    if (found === undefined) throw invalid(`the box ${entry.type}/${type} is missing`)
    return found
  }
  const audio = configured(bytes, entry, child, declared)
  if (audio.sampleRateHz === 0 || audio.channels === 0) {
    throw invalid(`the sound has ${audio.channels} channels at ${audio.sampleRateHz} Hz`)
  }
  return audio
}

type Declared = Omit<AudioEntry, 'codec'>

/** The rate is a 16.16 fixed-point number. */
function readDeclared(fields: FieldReader): Declared {
  fields.skip(16)
  const channels = fields.uint(2)
  fields.skip(6)
  return { channels, sampleRateHz: fields.uint(4) >>> 16 }
}

function configured(bytes: Uint8Array, entry: Box, child: (type: string) => Box, declared: Declared): AudioEntry {
  switch (entry.type) {
    case 'mp4a':
      return mpeg(bytes, child('esds'), declared)
    case 'Opus':
      return opus(fieldsOf(bytes, child('dOps'), 'dOps'))
    case 'fLaC':
      return flac(fieldsOf(bytes, child('dfLa'), 'dfLa'))
    default:
      throw invalid(`sample entry '${printable(entry.type)}' is none of mp4a, Opus, fLaC`)
  }
}

/** Decoders always give 48 kHz. Source: Encapsulation of Opus in ISOBMFF, 4.3.2. */
function opus(dOps: FieldReader): AudioEntry {
  dOps.skip(1)
  return { codec: 'opus', sampleRateHz: 48_000, channels: dOps.uint(1) }
}

/** Behind the full box and block headers: STREAMINFO. Source: RFC 9639, 8.2; FLAC in ISOBMFF, 3.3.2. */
function flac(dfLa: FieldReader): AudioEntry {
  dfLa.skip(4)
  if ((dfLa.uint(1) & 0x7f) !== 0) throw invalid("the first block of 'dfLa' is not STREAMINFO")
  dfLa.skip(3 + 10)
  // 20 bits of rate, 3 of channels less one, then the high bit of the sample depth.
  const bits = dfLa.uint(3)
  return { codec: 'fLaC', sampleRateHz: bits >> 4, channels: ((bits >> 1) & 7) + 1 }
}

/** MPEG-4 audio among the object types. */
const MPEG4_AUDIO = 0x40

/** `mp4a.40.<audio object type>`. Source: RFC 6381, 3.3. */
function mpeg(bytes: Uint8Array, esds: Box, declared: Declared): AudioEntry {
  const { objectType, inner } = decoderConfig(bytes, esds)
  const codec = `mp4a.${objectType.toString(16).padStart(2, '0')}`
  if (objectType !== MPEG4_AUDIO) return { codec, ...declared }
  const specific = descriptor(bytes, inner, DECODER_SPECIFIC)
  const { objectType: audioObject, ...facts } = audioConfig(bitsOf(fieldsOf(bytes, specific, 'esds')), declared)
  return { codec: `${codec}.${audioObject}`, ...facts }
}

/** Source: ISO/IEC 14496-3, table 1.18. */
const RATES_HZ = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350]
/** By channel configuration; table 1.19. 0 and gaps: described elsewhere, so the entry's own count holds. */
const CHANNELS: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 11: 7, 12: 8, 14: 8 }
const SPECTRAL_BAND_REPLICATION = 5
const PARAMETRIC_STEREO = 29

/** The AudioSpecificConfig. Source: ISO/IEC 14496-3, 1.6.2.1. */
function audioConfig(bits: (count: number) => number, declared: Declared): Declared & { objectType: number } {
  const first = bits(5)
  // 31 is an escape: six more bits follow.
  const objectType = first === 31 ? 32 + bits(6) : first
  const baseRateHz = rateHz(bits)
  const channels = CHANNELS[bits(4)] ?? declared.channels
  const isExtended = objectType === SPECTRAL_BAND_REPLICATION || objectType === PARAMETRIC_STEREO
  const sampleRateHz = isExtended ? rateHz(bits) : baseRateHz
  return { objectType, sampleRateHz, channels: objectType === PARAMETRIC_STEREO ? 2 : channels }
}

function rateHz(bits: (count: number) => number): number {
  const index = bits(4)
  const rate = index === 15 ? bits(24) : RATES_HZ[index]
  if (rate === undefined) throw invalid(`the sound has the reserved rate index ${index}`)
  return rate
}

/** Reads bit fields, the high bits first. */
function bitsOf(fields: FieldReader): (count: number) => number {
  let pending = 0
  let pendingBits = 0
  return (count) => {
    let value = 0
    for (let left = count; left > 0; left -= 1) {
      if (pendingBits === 0) {
        pending = fields.uint(1)
        pendingBits = 8
      }
      pendingBits -= 1
      value = value * 2 + ((pending >> pendingBits) & 1)
    }
    return value
  }
}
