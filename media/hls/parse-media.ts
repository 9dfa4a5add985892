/**
 * A strict reader of media playlists: our own, and those of others that keep to RFC 8216. Tags that are not known here
 * are passed over, as clients must (6.3.1); those that would change what is played are refused.
 */
import { attributesOf, required } from './attributes'
import type { ByteRange, PlaylistEntry } from './media-playlist'
import {
  decimalNumber,
  integer,
  integerValue,
  noValue,
  oneOf,
  readLines,
  shown,
  unreadable,
  type TagLine,
  type UriLine,
} from './read-lines'

/** As the writer's entry, with what only playlists of others have. */
export interface ReadSegment extends PlaylistEntry {
  title?: string
  /** Part of `init` that is the init segment. */
  initRange?: ByteRange
}

export interface ReadMediaPlaylist {
  /** 1 where the playlist does not say. */
  version: number
  targetDurationSeconds: number
  mediaSequence: number
  /** Null where the playlist may change in any way. */
  type: 'VOD' | 'EVENT' | null
  areSegmentsIndependent: boolean
  /** Each segment is one picture. */
  isIFramesOnly: boolean
  hasEnd: boolean
  /** Of the first segment; null for formats that need none. A later change is at its segment. */
  init: string | null
  initRange: ByteRange | null
  segments: readonly ReadSegment[]
}

/** @throws SOURCE_UNREADABLE with the number of the line that is wrong. */
export function parseMediaPlaylist(text: string): ReadMediaPlaylist {
  const state = emptyState()
  for (const line of readLines(text)) {
    if (line.kind === 'uri') closeSegment(state, line)
    else readTag(state, line)
  }
  return finished(state)
}

/** What stands before a URI and belongs to it. */
type Pending = Partial<Omit<ReadSegment, 'uri' | 'range'>> & { range?: UnplacedRange; line?: number }
type UnplacedRange = Omit<ByteRange, 'offset'> & { offset?: number }
type Init = Pick<ReadMediaPlaylist, 'init' | 'initRange'>

interface State {
  seen: Set<string>
  version: number
  targetDurationSeconds: number | null
  mediaSequence: number
  type: 'VOD' | 'EVENT' | null
  /** Of the first segment, and of the next one. */
  first: Init
  current: Init
  pending: Pending
  segments: ReadSegment[]
  longest: { seconds: number; line: number }
}

function emptyState(): State {
  const none: Init = { init: null, initRange: null }
  return {
    seen: new Set(),
    version: 1,
    targetDurationSeconds: null,
    mediaSequence: 0,
    type: null,
    first: none,
    current: none,
    pending: {},
    segments: [],
    longest: { seconds: 0, line: 1 },
  }
}

/** These stand once, whether they are for the playlist or for its end. */
const ONCE = new Set(
  [
    'VERSION',
    'TARGETDURATION',
    'MEDIA-SEQUENCE',
    'PLAYLIST-TYPE',
    'INDEPENDENT-SEGMENTS',
    'I-FRAMES-ONLY',
    'ENDLIST',
  ].map((name) => `EXT-X-${name}`),
)
const OTHER_KIND = new Set(['EXT-X-STREAM-INF', 'EXT-X-MEDIA', 'EXT-X-I-FRAME-STREAM-INF', 'EXT-X-SESSION-KEY'])
/** Variables in URIs, segments left out, segments that are not there: not understanding them is misreading. */
const REFUSED = new Set(['EXT-X-DEFINE', 'EXT-X-SKIP', 'EXT-X-GAP'])

function readTag(state: State, line: TagLine): void {
  if (OTHER_KIND.has(line.name)) throw unreadable(line.number, `${line.name} is of a multivariant playlist`)
  if (REFUSED.has(line.name)) throw unreadable(line.number, `${line.name} is not supported`)
  if (ONCE.has(line.name) && state.seen.has(line.name)) throw unreadable(line.number, `${line.name} stands twice`)
  state.seen.add(line.name)
  if (Object.hasOwn(TAGS, line.name)) TAGS[line.name]?.(state, line)
}

/** Source: RFC 8216, 4.3.1 to 4.3.3. */
const TAGS: Readonly<Record<string, (state: State, line: TagLine) => void>> = {
  EXTM3U: (_, line) => {
    throw unreadable(line.number, 'EXTM3U stands twice')
  },
  'EXT-X-VERSION': (state, line) => void (state.version = integerValue(line)),
  'EXT-X-TARGETDURATION': (state, line) => void (state.targetDurationSeconds = integerValue(line)),
  'EXT-X-MEDIA-SEQUENCE': (state, line) => {
    if (state.segments.length > 0) throw unreadable(line.number, `${line.name} must stand before the first segment`)
    state.mediaSequence = integerValue(line)
  },
  'EXT-X-PLAYLIST-TYPE': (state, line) => {
    state.type = oneOf(line.number, line.name, line.value, ['VOD', 'EVENT'])
  },
  'EXT-X-INDEPENDENT-SEGMENTS': (_, line) => noValue(line),
  'EXT-X-I-FRAMES-ONLY': (_, line) => noValue(line),
  'EXT-X-ENDLIST': (_, line) => noValue(line),
  'EXT-X-DISCONTINUITY': ({ pending }, line) => {
    noValue(line)
    pending.discontinuity = true
  },
  EXTINF: readDuration,
  'EXT-X-BYTERANGE': ({ pending }, line) => void (pending.range = readRange(line, line.value ?? '')),
  'EXT-X-MAP': readMap,
  'EXT-X-KEY': (_, line) => {
    const method = required(attributesOf(line).word('METHOD', ['NONE', 'AES-128', 'SAMPLE-AES']), line, 'METHOD')
    if (method !== 'NONE') throw unreadable(line.number, `encrypted segments (${method}) are not supported`)
  },
}

function readDuration({ pending }: State, line: TagLine): void {
  if (pending.line !== undefined) throw unreadable(line.number, 'EXTINF follows an EXTINF without a URI between')
  const value = line.value ?? ''
  const comma = value.indexOf(',')
  if (comma < 0) throw unreadable(line.number, `EXTINF must be '<seconds>,<title>', got ${shown(value)}`)
  pending.durationSeconds = decimalNumber(line.number, 'EXTINF', value.slice(0, comma))
  if (comma + 1 < value.length) pending.title = value.slice(comma + 1)
  pending.line = line.number
}

/** `<bytes>[@<offset>]`. */
function readRange(line: TagLine, text: string): UnplacedRange {
  const [bytes = '', offset, ...more] = text.split('@')
  if (more.length > 0) throw unreadable(line.number, `a byte range must be '<bytes>@<offset>', got ${shown(text)}`)
  const range = { bytes: integer(line.number, 'the length of a byte range', bytes) }
  if (offset === undefined) return range
  return { ...range, offset: integer(line.number, 'the offset of a byte range', offset) }
}

function readMap(state: State, line: TagLine): void {
  const attributes = attributesOf(line)
  const init = required(attributes.text('URI'), line, 'URI')
  const text = attributes.text('BYTERANGE')
  // Without an offset the range begins at 0. Source: RFC 8216, 4.3.2.5.
  const initRange = text === null ? null : { offset: 0, ...readRange(line, text) }
  const { current } = state
  const isSameRange = initRange?.bytes === current.initRange?.bytes && initRange?.offset === current.initRange?.offset
  if (init === current.init && isSameRange) return
  state.current = { init, initRange }
  if (state.segments.length === 0) {
    state.first = state.current
    return
  }
  state.pending.init = init
  if (initRange !== null) state.pending.initRange = initRange
}

function closeSegment(state: State, { uri, number }: UriLine): void {
  const { range, line = number, durationSeconds, ...rest } = state.pending
  if (durationSeconds === undefined) throw unreadable(number, `segment ${shown(uri)} has no EXTINF`)
  state.segments.push({ uri, durationSeconds, ...rest, ...(range && { range: placed(state, range, uri, number) }) })
  if (durationSeconds > state.longest.seconds) state.longest = { seconds: durationSeconds, line }
  state.pending = {}
}

/** Without an offset a range goes on where the one before it ended, in the same resource. Source: RFC 8216, 4.3.2.2. */
function placed(state: State, { bytes, offset }: UnplacedRange, uri: string, number: number): ByteRange {
  if (offset !== undefined) return { bytes, offset }
  const before = state.segments.at(-1)
  if (before?.range === undefined || before.uri !== uri) {
    throw unreadable(number, 'a byte range without an offset must follow a range of the same resource')
  }
  return { bytes, offset: before.range.offset + before.range.bytes }
}

/** The target may stand anywhere, so durations are held against it at the end. Source: RFC 8216, 4.3.3.1. */
function finished(state: State): ReadMediaPlaylist {
  const { version, targetDurationSeconds, mediaSequence, type, first, pending, segments, longest, seen } = state
  if (pending.line !== undefined) throw unreadable(pending.line, 'EXTINF is not followed by a URI')
  if (targetDurationSeconds === null) throw unreadable(1, 'the playlist must have EXT-X-TARGETDURATION')
  if (Math.round(longest.seconds) > targetDurationSeconds) {
    const limit = `EXT-X-TARGETDURATION is ${targetDurationSeconds}`
    throw unreadable(longest.line, `the segment lasts ${longest.seconds} s, ${limit}`)
  }
  const flags = {
    areSegmentsIndependent: seen.has('EXT-X-INDEPENDENT-SEGMENTS'),
    isIFramesOnly: seen.has('EXT-X-I-FRAMES-ONLY'),
    hasEnd: seen.has('EXT-X-ENDLIST'),
  }
  return { version, targetDurationSeconds, mediaSequence, type, ...flags, ...first, segments }
}
