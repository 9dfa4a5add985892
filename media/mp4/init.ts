/** What an init segment says of its one track. */
import { boxAtPath, boxesAt, boxes, invalid, viewOf, type Box } from './boxes'
import { codecString } from './codec'

export interface InitFacts {
  kind: 'video' | 'audio'
  timescaleHz: number
  /** RFC 6381. */
  codec: string
  defaults: SampleDefaults
}

/** Values of `trex` that hold where a fragment says nothing else. */
export interface SampleDefaults {
  durationTicks: number
  flags: number
}

/**
 * @param bytes ftyp and moov.
 * @throws FFMPEG_OUTPUT_INVALID unless there is exactly one track, of a codec that is written here.
 */
export function readInit(bytes: Uint8Array): InitFacts {
  const tracks = boxesAt(bytes, ['moov', 'trak'])
  const [track] = tracks
  if (track === undefined || tracks.length !== 1) throw invalid(`one track is expected, got ${tracks.length}`)
  return {
    kind: handlerOf(bytes, track),
    timescaleHz: timescaleOf(bytes, track),
    codec: codecString(bytes, sampleEntry(bytes, track)),
    defaults: defaultsOf(bytes),
  }
}

/** ISO/IEC 14496-12, 8.4.3: full box header, pre_defined, then the handler type. */
function handlerOf(bytes: Uint8Array, track: Box): 'video' | 'audio' {
  const hdlr = boxAtPath(bytes, ['mdia', 'hdlr'], track)
  const handler = String.fromCharCode(...bytes.subarray(hdlr.payload + 8, hdlr.payload + 12))
  if (handler === 'vide') return 'video'
  if (handler === 'soun') return 'audio'
  throw invalid(`a track of picture or sound is expected, got handler '${handler}'`)
}

/** ISO/IEC 14496-12, 8.4.2: behind two times of 4 or, in version 1, 8 bytes each. */
function timescaleOf(bytes: Uint8Array, track: Box): number {
  const mdhd = boxAtPath(bytes, ['mdia', 'mdhd'], track)
  const timescaleHz = viewOf(bytes).getUint32(mdhd.payload + (bytes[mdhd.payload] === 1 ? 20 : 12))
  if (timescaleHz === 0) throw invalid('the time scale is 0')
  return timescaleHz
}

/** The first entry of `stsd`, behind the full box header and the count. */
function sampleEntry(bytes: Uint8Array, track: Box): Box {
  const stsd = boxAtPath(bytes, ['mdia', 'minf', 'stbl', 'stsd'], track)
  const [entry] = boxes(bytes, stsd.payload + 8, stsd.end)
  if (entry === undefined) throw invalid('the track has no sample entry')
  return entry
}

/** ISO/IEC 14496-12, 8.8.3: track id, description index, duration, size, flags. */
function defaultsOf(bytes: Uint8Array): SampleDefaults {
  const trex = boxAtPath(bytes, ['moov', 'mvex', 'trex'])
  const view = viewOf(bytes)
  return { durationTicks: view.getUint32(trex.payload + 12), flags: view.getUint32(trex.payload + 20) }
}
