/** What an init segment says of its one track. */
import { boxAtPath, boxes, boxesAt, invalid, printable, type Box } from './boxes'
import { readAudioEntry } from './codec-audio'
import { readVideoEntry } from './codec-video'
import { fieldsOf, fullBoxHeader } from './fields'

export type InitFacts = VideoInit | AudioInit

interface TrackInit {
  timescaleHz: number
  /** RFC 6381, from the bitstream's own configuration. */
  codec: string
  /** The edit list's media time: sample times less this are presentation times. 0 without an edit list. */
  editTicks: number
  defaults: SampleDefaults
}

export interface VideoInit extends TrackInit {
  kind: 'video'
  /** As coded, before any pixel aspect ratio. */
  widthPx: number
  heightPx: number
}

export interface AudioInit extends TrackInit {
  kind: 'audio'
  sampleRateHz: number
  channels: number
}

/** Values of `trex` that hold where a fragment says nothing else (ISO/IEC 14496-12, 8.8.3). */
export interface SampleDefaults {
  trackId: number
  durationTicks: number
  bytes: number
  flags: number
}

/**
 * @param bytes ftyp and moov.
 * @throws FFMPEG_OUTPUT_INVALID unless there is exactly one track, of picture or sound, in a codec that is known here.
 */
export function readInit(bytes: Uint8Array): InitFacts {
  const tracks = boxesAt(bytes, ['moov', 'trak'])
  const [track] = tracks
  if (track === undefined || tracks.length !== 1) throw invalid(`one track is expected, got ${tracks.length}`)
  const kind = handlerOf(bytes, track)
  const common = {
    timescaleHz: timescaleOf(bytes, track),
    editTicks: editOf(bytes, track),
    defaults: defaultsOf(bytes, trackIdOf(bytes, track)),
  }
  const entry = sampleEntry(bytes, track)
  return kind === 'video'
    ? { kind, ...common, ...readVideoEntry(bytes, entry) }
    : { kind, ...common, ...readAudioEntry(bytes, entry) }
}

/** 8.4.3: full box header, pre_defined, then the handler type. */
export function handlerOf(bytes: Uint8Array, track: Box): 'video' | 'audio' {
  const fields = fieldsOf(bytes, boxAtPath(bytes, ['mdia', 'hdlr'], track), 'hdlr')
  fields.skip(8)
  const handler = fields.text(4)
  if (handler === 'vide') return 'video'
  if (handler === 'soun') return 'audio'
  throw invalid(`a track of picture or sound is expected, got handler '${printable(handler)}'`)
}

/** 8.4.2: behind two times of 4 or, in version 1, 8 bytes each. */
export function timescaleOf(bytes: Uint8Array, track: Box): number {
  const fields = fieldsOf(bytes, boxAtPath(bytes, ['mdia', 'mdhd'], track), 'mdhd')
  fields.skip(fullBoxHeader(fields).version === 1 ? 16 : 8)
  const timescaleHz = fields.uint(4)
  if (timescaleHz === 0) throw invalid('the time scale of the track is 0')
  return timescaleHz
}

/** 8.6.6: one entry that only takes the delay of reordered or priming samples off; other edits change what is shown. */
function editOf(bytes: Uint8Array, track: Box): number {
  const [list] = boxesAt(bytes, ['edts', 'elst'], track)
  if (list === undefined) return 0
  const fields = fieldsOf(bytes, list, 'elst')
  const { version } = fullBoxHeader(fields)
  const entries = fields.uint(4)
  if (entries !== 1) throw invalid(`an edit list of one entry is expected, got ${entries}`)
  fields.skip(version === 1 ? 8 : 4)
  const mediaTime = version === 1 ? fields.uint64() : fields.int32()
  if (mediaTime < 0) throw invalid('the edit list begins with an empty edit')
  return mediaTime
}

/** 8.3.2: behind the same two times. */
export function trackIdOf(bytes: Uint8Array, track: Box): number {
  const fields = fieldsOf(bytes, boxAtPath(bytes, ['tkhd'], track), 'tkhd')
  fields.skip(fullBoxHeader(fields).version === 1 ? 16 : 8)
  return fields.uint(4)
}

/** 8.5.2: full box header and count, then the entries. Two would mean two codecs under one name. */
export function sampleEntry(bytes: Uint8Array, track: Box): Box {
  const stsd = boxAtPath(bytes, ['mdia', 'minf', 'stbl', 'stsd'], track)
  const fields = fieldsOf(bytes, stsd, 'stsd')
  fields.skip(8)
  const entries = boxes(bytes, fields.position(), stsd.end)
  const [entry] = entries
  if (entry === undefined || entries.length > 1) throw invalid(`one sample entry is expected, got ${entries.length}`)
  return entry
}

export function defaultsOf(bytes: Uint8Array, trackId: number): SampleDefaults {
  for (const trex of boxesAt(bytes, ['moov', 'mvex', 'trex'])) {
    const fields = fieldsOf(bytes, trex, 'trex')
    fields.skip(4)
    if (fields.uint(4) !== trackId) continue
    fields.skip(4)
    return { trackId, durationTicks: fields.uint(4), bytes: fields.uint(4), flags: fields.uint(4) }
  }
  throw invalid(`the box moov/mvex/trex of track ${trackId} is missing`)
}
