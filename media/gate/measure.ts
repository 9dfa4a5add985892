/**
 * What boxes tell the gate: init segments with any number of tracks, and segments with any number of fragments, as other
 * packagers write them. Our own are read more strictly where they are made (media/mp4/init.ts and fragment.ts).
 */
import { GantryError } from '../../core/contract/errors'
import { readAudioEntry } from '../mp4/codec-audio'
import { readVideoEntry, transferOf } from '../mp4/codec-video'
import { boxAtPath, boxes, boxesAt, invalid, type Box } from '../mp4/boxes'
import { fieldsOf, fullBoxHeader } from '../mp4/fields'
import { defaultsOf, sampleEntry, timescaleOf, trackIdOf, type SampleDefaults } from '../mp4/init'
import { eachSample } from '../mp4/sample-runs'
import type { InitLook, SegmentLook, TrackFacts, TrackMeasure } from './description'

/** What is needed to measure segments; null for an init segment that cannot be used. */
export interface InitTracks {
  facts: TrackFacts
  defaults: SampleDefaults
  /** Taken off sample times for presentation. */
  editTicks: number
}

export function lookAtInit(bytes: Uint8Array): { look: InitLook; tracks: readonly InitTracks[] } {
  try {
    const tracks = boxesAt(bytes, ['moov', 'trak']).flatMap((track) => readTrack(bytes, track) ?? [])
    if (tracks.length === 0) throw invalid('it has no track of picture or sound')
    return { look: { tracks: tracks.map(({ facts }) => facts) }, tracks }
  } catch (thrown) {
    return { look: { fault: faultOf(thrown) }, tracks: [] }
  }
}

function readTrack(bytes: Uint8Array, track: Box): InitTracks | null {
  const handler = fieldsOf(bytes, boxAtPath(bytes, ['mdia', 'hdlr'], track), 'hdlr')
  handler.skip(8)
  const kind = { vide: 'video' as const, soun: 'audio' as const }[handler.text(4)]
  if (kind === undefined) return null
  const timescaleHz = timescaleOf(bytes, track)
  const entry = sampleEntry(bytes, track)
  return {
    facts: { kind, timescaleHz, ...entryFacts(bytes, track, kind, entry) },
    defaults: defaultsOf(bytes, trackIdOf(bytes, track)),
    editTicks: editTicks(bytes, track, timescaleHz),
  }
}

const VIDEO_ENTRIES = new Set(['avc1', 'avc3', 'hvc1', 'hev1', 'av01', 'mp4v'])
const AUDIO_ENTRIES = new Set(['mp4a', 'Opus', 'fLaC'])
/** ITU-T H.273, table 3; 2 says that it is not known. */
const RANGES: Readonly<Record<number, 'SDR' | 'PQ' | 'HLG'>> = {
  1: 'SDR',
  6: 'SDR',
  14: 'SDR',
  15: 'SDR',
  16: 'PQ',
  18: 'HLG',
}

/** Of a codec that is not read here the entry's own name stands for it: players know `ac-3` by just that. */
function entryFacts(
  bytes: Uint8Array,
  track: Box,
  kind: TrackFacts['kind'],
  entry: Box,
): Omit<TrackFacts, 'kind' | 'timescaleHz'> {
  if (kind === 'audio') {
    if (!AUDIO_ENTRIES.has(entry.type)) return { codec: entry.type }
    const { codec, channels } = readAudioEntry(bytes, entry)
    return { codec, channels }
  }
  if (!VIDEO_ENTRIES.has(entry.type)) return { codec: entry.type }
  const transfer = transferOf(bytes, entry)
  return {
    ...readVideoEntry(bytes, entry),
    shownPx: shownSize(bytes, track),
    range: transfer === null ? null : (RANGES[transfer] ?? null),
  }
}

/** The last two fields of the track header, as 16.16 numbers. Source: ISO/IEC 14496-12, 8.3.2. */
function shownSize(bytes: Uint8Array, track: Box): { widthPx: number; heightPx: number } {
  const fields = fieldsOf(bytes, boxAtPath(bytes, ['tkhd'], track), 'tkhd')
  fields.skip(fields.left() - 8)
  return { widthPx: fields.uint(4) / 2 ** 16, heightPx: fields.uint(4) / 2 ** 16 }
}

/** Empty edits delay the track, the first other one says where in the media it begins. Source: ISO/IEC 14496-12, 8.6.6. */
function editTicks(bytes: Uint8Array, track: Box, timescaleHz: number): number {
  const [list] = boxesAt(bytes, ['edts', 'elst'], track)
  if (list === undefined) return 0
  const fields = fieldsOf(bytes, list, 'elst')
  const { version } = fullBoxHeader(fields)
  const movieHz = movieTimescale(bytes)
  let delay = 0
  for (let left = fields.uint(4); left > 0; left -= 1) {
    const duration = version === 1 ? fields.uint64() : fields.uint(4)
    const high = version === 1 ? fields.int32() : 0
    const low = version === 1 ? fields.uint(4) : fields.int32()
    const mediaTime = version === 1 ? high * 2 ** 32 + low : low
    fields.skip(4)
    if (mediaTime >= 0) return mediaTime - delay
    delay += Math.round((duration * timescaleHz) / movieHz)
  }
  return -delay
}

function movieTimescale(bytes: Uint8Array): number {
  const fields = fieldsOf(bytes, boxAtPath(bytes, ['moov', 'mvhd']), 'mvhd')
  fields.skip(fullBoxHeader(fields).version === 1 ? 16 : 8)
  return Math.max(1, fields.uint(4))
}

/** All boxes of a segment but its media, of which only the size is known. */
export interface SegmentTables {
  tables: Uint8Array
  mediaBytes: number
}

export function measureSegment({ tables, mediaBytes }: SegmentTables, tracks: readonly InitTracks[]): SegmentLook {
  try {
    const moofs = boxes(tables).filter(({ type }) => type === 'moof')
    if (moofs.length === 0) throw invalid('it has no moof')
    const measured = tracks.map((track) => ({ track, ...samplesOf(tables, moofs, track) }))
    const bytes = measured.reduce((sum, one) => sum + one.bytes, 0)
    if (bytes > mediaBytes) throw invalid(`its samples take ${bytes} bytes, its media has ${mediaBytes}`)
    const found = measured.flatMap((one) => (one.times.length === 0 ? [] : [measureOf(one)]))
    if (found.length === 0) throw invalid('it has no sample of a track of its init segment')
    return { tracks: found }
  } catch (thrown) {
    return { fault: faultOf(thrown) }
  }
}

interface Samples {
  bytes: number
  /** Of presentation, in ticks. */
  times: number[]
  endTicks: number
  decodeStartTicks: number
  decodeEndTicks: number
  startsWithKeyframe: boolean
}

function samplesOf(tables: Uint8Array, moofs: readonly Box[], { defaults, editTicks: edit }: InitTracks): Samples {
  const all: Samples = {
    ...{ bytes: 0, times: [], startsWithKeyframe: false },
    ...{ endTicks: -Infinity, decodeStartTicks: Infinity, decodeEndTicks: -Infinity },
  }
  for (const moof of moofs) {
    eachSample(
      tables,
      moof,
      defaults,
      ({ bytes, decodeTicks, presentationTicks, durationTicks, isSync }) => {
        if (all.times.length === 0) all.startsWithKeyframe = isSync
        all.times.push(presentationTicks - edit)
        all.bytes += bytes
        all.endTicks = Math.max(all.endTicks, presentationTicks - edit + durationTicks)
        all.decodeStartTicks = Math.min(all.decodeStartTicks, decodeTicks)
        all.decodeEndTicks = Math.max(all.decodeEndTicks, decodeTicks + durationTicks)
      },
      'skip',
    )
  }
  return all
}

function measureOf({ track, times, ...samples }: Samples & { track: InitTracks }): TrackMeasure {
  const { kind, timescaleHz } = track.facts
  const seconds = (ticks: number): number => ticks / timescaleHz
  const isReordered = times.some((time, index) => time < (times[index - 1] ?? time))
  const sorted = times.sort((a, b) => a - b)
  let shortest = Infinity
  for (let index = 1; index < sorted.length; index += 1) {
    shortest = Math.min(shortest, (sorted[index] ?? 0) - (sorted[index - 1] ?? 0))
  }
  // Durations are times between decodes: of reordered pictures they do not say how long the last one is shown, so it
  // counts as long as the shortest. Source: ISO/IEC 14496-12, 8.6.1.2.
  const isOwn = !isReordered || shortest === 0 || shortest === Infinity
  const endTicks = isOwn ? samples.endTicks : (sorted.at(-1) ?? 0) + shortest
  return {
    kind,
    startSeconds: seconds(shownFrom(sorted[0] ?? 0, endTicks, track.editTicks)),
    endSeconds: seconds(endTicks),
    decodeStartSeconds: seconds(samples.decodeStartTicks),
    decodeEndSeconds: seconds(samples.decodeEndTicks),
    samples: sorted.length,
    startsWithKeyframe: samples.startsWithKeyframe,
    ...(shortest > 0 && shortest < Infinity && { shortestSeconds: seconds(shortest) }),
  }
}

/** Encoders of sound prime their decoders: what lies before the edit is decoded and not shown. Source: ISO/IEC 14496-12, 8.6.6. */
function shownFrom(startTicks: number, endTicks: number, editTicks: number): number {
  return editTicks > 0 && endTicks > 0 ? Math.max(0, startTicks) : startTicks
}

function faultOf(thrown: unknown): string {
  if (thrown instanceof GantryError) return thrown.message
  throw thrown
}
