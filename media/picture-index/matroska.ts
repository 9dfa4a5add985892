/** Keyframe times of a Matroska or WebM master from its Cues (RFC 9559, 5.1.5). */
import type { IndexedPictures } from '../../core/contract/picture-index'
import type { ByteWalk } from '../box-walk'
import { elementsOf, numberOf, readElement, type Element } from './ebml'
import { firstPictureTicks } from './matroska-cluster'
import { refused } from './refused'

const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seek: 0x4dbb,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  trackTimestampScale: 0x23314f,
  codecId: 0x86,
  cluster: 0x1f43b675,
  cues: 0x1c53bb6b,
  cuePoint: 0xbb,
  cueTime: 0xb3,
  cueTrackPositions: 0xb7,
  cueTrack: 0xf7,
} as const

const HEADS_MAX = 64
/** 43,200 keyframes of 12 hours, for each of a dozen tracks. */
const CUES_BYTES_MAX = 16 * 1024 * 1024
/** Tracks hold codec set-up only. */
const PART_BYTES_MAX = 2 * 1024 * 1024
const NANOSECONDS = 1_000_000_000
const DEFAULT_SCALE_NS = 1_000_000

/** @param bytes Length of the file. @param streamIndex As ffmpeg counts the tracks. */
export function* matroskaPictures(bytes: number, streamIndex: number): ByteWalk<IndexedPictures> {
  const layout = yield* findParts(bytes)
  const scaleNs = yield* timestampScale(layout.info, bytes)
  const track = yield* trackNumber(layout.tracks, bytes, streamIndex)
  const keyframePts = yield* cueTimes(layout.cues, bytes, track)
  if (layout.cluster === null) throw refused('it has no cluster')
  const firstPts = yield* firstPictureTicks(layout.cluster, bytes, track)
  if (firstPts !== keyframePts[0]) throw refused('its first picture is not the first keyframe of its Cues')
  return {
    kind: 'indexed',
    timescaleHz: NANOSECONDS / scaleNs,
    keyframePts,
    // A muxer may leave keyframes out, and nothing tells.
    complete: false,
    firstPts,
    frames: null,
    constantFrameTicks: null,
    // Cues have presentation times, and ffmpeg looks for the last one before.
    blindTicks: 0,
    // How many pictures follow the last one is not known.
    lastCutPts: keyframePts.at(-2) ?? firstPts,
  }
}

interface Layout {
  info: Element | null
  tracks: Element | null
  cues: Element | null
  /** The first one. */
  cluster: Element | null
}

/** Down to the first cluster; what stands behind it is found by SeekHead. */
function* findParts(bytes: number): ByteWalk<Layout> {
  const layout: Layout = { info: null, tracks: null, cues: null, cluster: null }
  const segment = yield* findSegment(bytes)
  let seekHead: Element | null = null
  let at = segment.body
  for (let count = 0; count < HEADS_MAX && at < bytes && layout.cluster === null; count += 1) {
    const element: Element | null = yield* readElement(at)
    if (element === null) break
    if (element.id === ID.seekHead) seekHead ??= element
    if (element.id === ID.info) layout.info ??= element
    if (element.id === ID.tracks) layout.tracks ??= element
    if (element.id === ID.cues) layout.cues ??= element
    if (element.id === ID.cluster) layout.cluster = element
    if (element.end === null) break
    at = element.end
  }
  if (layout.cues === null && seekHead !== null) layout.cues = yield* soughtCues(seekHead, segment, bytes)
  return layout
}

function* findSegment(bytes: number): ByteWalk<Element> {
  const header = yield* readElement(0)
  if (header?.id !== ID.ebml || header.end === null || header.end >= bytes) throw refused('it has no EBML header')
  const segment = yield* readElement(header.end)
  if (segment?.id !== ID.segment) throw refused('it has no segment')
  return segment
}

function* soughtCues(seekHead: Element, segment: Element, bytes: number): ByteWalk<Element | null> {
  const body = yield* bodyOf(seekHead, bytes, 'SeekHead', PART_BYTES_MAX)
  for (const seek of elementsOf(ID.seek, body)) {
    const position = numberOf(ID.seekPosition, body, seek)
    if (position === null || numberOf(ID.seekId, body, seek) !== ID.cues) continue
    const found = yield* readElement(segment.body + position)
    return found?.id === ID.cues ? found : null
  }
  return null
}

function* bodyOf(element: Element | null, bytes: number, name: string, maxBytes: number): ByteWalk<Uint8Array> {
  if (element === null) throw refused(`it has no ${name}`)
  const { body, end } = element
  if (end === null || end > bytes) throw refused(`its ${name} has no size, or is cut off`)
  if (end - body > maxBytes) throw refused(`its ${name} has ${end - body} bytes, at most ${maxBytes} are read`)
  if (end === body) return new Uint8Array(0)
  const read = yield { at: body, length: end - body }
  if (read.byteLength < end - body) throw refused(`its ${name} is cut off`)
  return read.slice()
}

function* timestampScale(info: Element | null, bytes: number): ByteWalk<number> {
  const body = yield* bodyOf(info, bytes, 'Info', PART_BYTES_MAX)
  const scaleNs = numberOf(ID.timestampScale, body) ?? DEFAULT_SCALE_NS
  if (scaleNs === 0 || NANOSECONDS % scaleNs !== 0) throw refused(`it counts time in units of ${scaleNs} ns`)
  return scaleNs
}

const TRACK_TYPE_VIDEO = 1
/** Video, sound, subtitles, metadata: for the others ffmpeg makes no stream. */
const STREAM_TYPES = [TRACK_TYPE_VIDEO, 2, 0x11, 0x21]

function* trackNumber(tracks: Element | null, bytes: number, streamIndex: number): ByteWalk<number> {
  const body = yield* bodyOf(tracks, bytes, 'Tracks', PART_BYTES_MAX)
  const streams = elementsOf(ID.trackEntry, body).filter((entry) => {
    const type = numberOf(ID.trackType, body, entry)
    return type !== null && STREAM_TYPES.includes(type) && elementsOf(ID.codecId, body, entry).length > 0
  })
  const stream = streams[streamIndex]
  if (stream === undefined || numberOf(ID.trackType, body, stream) !== TRACK_TYPE_VIDEO) {
    throw refused('its Tracks do not list the pictures where they are expected')
  }
  if (elementsOf(ID.trackTimestampScale, body, stream).length > 0)
    throw refused('its track has a time scale of its own')
  return numberOf(ID.trackNumber, body, stream) ?? 0
}

function* cueTimes(cues: Element | null, bytes: number, track: number): ByteWalk<number[]> {
  if (cues === null) throw refused('it has no index (Cues)')
  const body = yield* bodyOf(cues, bytes, 'Cues', CUES_BYTES_MAX)
  const times: number[] = []
  for (const point of elementsOf(ID.cuePoint, body)) {
    const positions = elementsOf(ID.cueTrackPositions, body, point)
    if (!positions.some((position) => numberOf(ID.cueTrack, body, position) === track)) continue
    const ticks = numberOf(ID.cueTime, body, point) ?? 0
    const before = times.at(-1)
    if (before !== undefined && ticks < before) throw refused('the times of its Cues run backwards')
    if (ticks !== before) times.push(ticks)
  }
  if (times.length === 0) throw refused('its Cues name no keyframe')
  return times
}
