/** Descriptors of MPEG-4 systems in `esds` (ISO/IEC 14496-1, 7.2.6). */
import { invalid, type Box, type ByteSpan } from './boxes'
import { fieldsOf } from './fields'

export const DECODER_SPECIFIC = 0x05
const ES_DESCRIPTOR = 0x03
const DECODER_CONFIG = 0x04

export interface DecoderConfig {
  /** Which codec it is; 7.2.6.6.2. */
  objectType: number
  /** What stands behind the fixed fields: descriptors of the codec's own. */
  inner: ByteSpan
}

/** @throws FFMPEG_OUTPUT_INVALID when a descriptor is missing or cut. */
export function decoderConfig(bytes: Uint8Array, esds: Box): DecoderConfig {
  const es = descriptor(bytes, { payload: esds.payload + 4, end: esds.end }, ES_DESCRIPTOR)
  const fields = fieldsOf(bytes, es, 'esds')
  fields.skip(2)
  const flags = fields.uint(1)
  if ((flags & 0x80) !== 0) fields.skip(2)
  if ((flags & 0x40) !== 0) fields.skip(fields.uint(1))
  if ((flags & 0x20) !== 0) fields.skip(2)
  const config = descriptor(bytes, { payload: fields.position(), end: es.end }, DECODER_CONFIG)
  const configFields = fieldsOf(bytes, config, 'esds')
  const objectType = configFields.uint(1)
  // Stream type (1), buffer size (3), two bit rates (8).
  return { objectType, inner: { payload: configFields.position() + 12, end: config.end } }
}

/** The descriptor that begins at `payload`: its own contents. Its length is written in up to four times seven bits. */
export function descriptor(bytes: Uint8Array, within: ByteSpan, tag: number): ByteSpan {
  const fields = fieldsOf(bytes, within, 'esds')
  const found = fields.uint(1)
  if (found !== tag) throw invalid(`descriptor ${tag} is expected in 'esds', got ${found}`)
  let size = 0
  for (let count = 0; count < 4; count += 1) {
    const byte = fields.uint(1)
    size = size * 0x80 + (byte & 0x7f)
    if ((byte & 0x80) === 0) break
  }
  if (size > fields.left()) throw invalid(`descriptor ${tag} of 'esds' is longer than what holds it`)
  return { payload: fields.position(), end: fields.position() + size }
}
