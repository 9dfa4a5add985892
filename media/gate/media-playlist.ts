/** A media playlist as the rules see it. Sources: RFC 8216, 4.3.1 to 4.3.3. */
import { attributesOf } from './attributes'
import { shown } from '../hls/read-lines'
import type { Report } from './findings'
import { checkTags, type PlaylistLine, type Tag } from './lines'
import { resolveUri } from './uris'

export interface Range {
  offset: number
  bytes: number
}

/** A resource that a playlist names; `path` is null where it may not name it. */
export interface Named {
  line: number
  uri: string
  path: string | null
  range: Range | null
}

export interface GateSegment extends Named {
  /** Path of the playlist that it stands in. */
  playlist: string
  seconds: number
  init: Named | null
  isDiscontinuous: boolean
  /** By another method than NONE. */
  isEncrypted: boolean
}

export interface GateMediaPlaylist {
  path: string
  version: number
  targetSeconds: number | null
  mediaSequence: number
  type: string | null
  areIndependent: boolean
  /** Each segment is one picture. */
  isIFramesOnly: boolean
  hasEnd: boolean
  /** Line numbers of features that need a version, by the version. */
  needs: ReadonlyMap<number, number>
  segments: readonly GateSegment[]
}

interface State extends Omit<GateMediaPlaylist, 'segments' | 'needs'> {
  report: Report
  needs: Map<number, number>
  segments: GateSegment[]
  init: Named | null
  isEncrypted: boolean
  pending: { seconds: number; line: number } | null
  range: { bytes: number; offset: number | null; line: number } | null
  isDiscontinuous: boolean
}

export function readMediaPlaylist(path: string, lines: readonly PlaylistLine[], report: Report): GateMediaPlaylist {
  checkTags(path, lines, 'media', report)
  const state: State = {
    ...{ path, report, version: 1, targetSeconds: null, mediaSequence: 0, type: null, areIndependent: false },
    ...{
      isIFramesOnly: false,
      hasEnd: false,
      needs: new Map(),
      segments: [],
      init: null,
      isEncrypted: false,
      pending: null,
      range: null,
    },
    isDiscontinuous: false,
  }
  for (const line of lines) {
    if (line.kind === 'uri') closeSegment(state, line.uri, line.number)
    else if (Object.hasOwn(TAGS, line.name)) TAGS[line.name]?.(state, line)
  }
  if (state.pending !== null) report('tag-dangling', whereOf(state, state.pending.line), 'EXTINF has no URI behind it')
  return state
}

const whereOf = ({ path }: State, line: number): string => `${path}:${line}`

const TAGS: Readonly<Record<string, (state: State, tag: Tag) => void>> = {
  'EXT-X-VERSION': (state, tag) => (state.version = integer(state, tag) ?? 1),
  'EXT-X-TARGETDURATION': (state, tag) => (state.targetSeconds = integer(state, tag)),
  'EXT-X-MEDIA-SEQUENCE': (state, tag) => {
    state.mediaSequence = integer(state, tag) ?? 0
    if (state.segments.length > 0) syntax(state, tag, 'stands behind the first segment')
  },
  'EXT-X-PLAYLIST-TYPE': (state, tag) => {
    state.type = tag.value
    if (tag.value !== 'VOD' && tag.value !== 'EVENT') syntax(state, tag, `is ${shown(tag.value ?? '')}`)
  },
  'EXT-X-INDEPENDENT-SEGMENTS': (state, tag) => (state.areIndependent = alone(state, tag)),
  'EXT-X-ENDLIST': (state, tag) => (state.hasEnd = alone(state, tag)),
  'EXT-X-DISCONTINUITY': (state, tag) => (state.isDiscontinuous = alone(state, tag)),
  'EXT-X-I-FRAMES-ONLY': (state, tag) => {
    need(state, 4, tag.number)
    state.isIFramesOnly = alone(state, tag)
  },
  EXTINF: readDuration,
  'EXT-X-BYTERANGE': (state, tag) => {
    need(state, 4, tag.number)
    state.range = readRange(tag.value ?? '', tag.number)
    if (state.range === null) syntax(state, tag, `is ${shown(tag.value ?? '')}, it must be <bytes>[@<offset>]`)
  },
  'EXT-X-MAP': readMap,
  'EXT-X-KEY': (state, tag) => {
    const attributes = attributesOf(state.path, tag, state.report)
    attributes.require('METHOD')
    const method = attributes.word('METHOD', ['NONE', 'AES-128', 'SAMPLE-AES', 'SAMPLE-AES-CTR'])
    state.isEncrypted = method !== null && method !== 'NONE'
    if (state.isEncrypted) attributes.require('URI')
  },
}

function readDuration(state: State, tag: Tag): void {
  const [, seconds] = /^([0-9]{1,9}(?:\.[0-9]{1,20})?)(?:,.*)?$/s.exec(tag.value ?? '') ?? []
  if (state.pending !== null) state.report('tag-dangling', whereOf(state, tag.number), 'EXTINF follows EXTINF')
  if (seconds === undefined) syntax(state, tag, `is ${shown(tag.value ?? '')}, it must be <seconds>,[<title>]`)
  else if (!(tag.value ?? '').includes(',')) syntax(state, tag, 'has no comma behind the seconds')
  if (seconds?.includes('.')) need(state, 3, tag.number)
  state.pending = { seconds: Number(seconds ?? 0), line: tag.number }
}

function readMap(state: State, tag: Tag): void {
  const attributes = attributesOf(state.path, tag, state.report)
  attributes.require('URI')
  need(state, 6, tag.number)
  const uri = attributes.text('URI')
  const text = attributes.text('BYTERANGE')
  const range = text === null ? null : readRange(text, tag.number)
  if (text !== null && range === null) syntax(state, tag, `has BYTERANGE ${shown(text)}`)
  state.init =
    uri === null
      ? null
      : named(state, uri, tag.number, range === null ? null : { offset: range.offset ?? 0, bytes: range.bytes })
}

function closeSegment(state: State, uri: string, line: number): void {
  const { pending, report } = state
  if (pending === null) report('tag-dangling', whereOf(state, line), `${shown(uri)} has no EXTINF before it`)
  const segment = named(state, uri, line, null)
  const { init, isEncrypted, isDiscontinuous } = state
  state.segments.push({
    ...segment,
    ...{ playlist: state.path, seconds: pending?.seconds ?? 0, init, isEncrypted, isDiscontinuous },
    range: state.range === null ? null : placed(state, state.range, segment.path),
  })
  state.pending = null
  state.range = null
  state.isDiscontinuous = false
}

/** Without an offset a range goes on where the one before it ended. Source: RFC 8216, 4.3.2.2. */
function placed(state: State, range: NonNullable<State['range']>, path: string | null): Range {
  const { bytes, offset, line } = range
  if (offset !== null) return { bytes, offset }
  const before = state.segments.at(-1)
  if (before?.range !== null && before?.range !== undefined && before.path === path) {
    return { bytes, offset: before.range.offset + before.range.bytes }
  }
  state.report('range-outside', whereOf(state, line), 'a byte range without an offset follows no other of its resource')
  return { bytes, offset: 0 }
}

function readRange(text: string, line: number): State['range'] {
  const [, bytes, offset] = /^([0-9]{1,15})(?:@([0-9]{1,15}))?$/.exec(text) ?? []
  if (bytes === undefined) return null
  return { bytes: Number(bytes), offset: offset === undefined ? null : Number(offset), line }
}

function named({ path: from, report }: State, uri: string, line: number, range: Range | null): Named {
  return { line, uri, path: pathOf(from, uri, line, report), range }
}

/** Null with a finding where a playlist may not name it. */
export function pathOf(from: string, uri: string, line: number, report: Report): string | null {
  const resolved = resolveUri(from, uri)
  if ('path' in resolved) return resolved.path
  const rule = { outside: 'uri-outside', absolute: 'uri-absolute', malformed: 'tag-syntax' } as const
  const says = {
    outside: 'leads out of the asset',
    absolute: 'is an absolute URL',
    malformed: 'is no URI of an object',
  }
  report(rule[resolved.fault], `${from}:${line}`, `${shown(uri)} ${says[resolved.fault]}`)
  return null
}

function need({ needs }: State, version: number, line: number): void {
  if (!needs.has(version)) needs.set(version, line)
}

function syntax(state: State, tag: Tag, message: string): void {
  state.report('tag-syntax', whereOf(state, tag.number), `${tag.name} ${message}`)
}

function integer(state: State, tag: Tag): number | null {
  if (/^[0-9]{1,15}$/.test(tag.value ?? '')) return Number(tag.value)
  syntax(state, tag, `is ${shown(tag.value ?? '')}, it must be a decimal integer`)
  return null
}

function alone(state: State, tag: Tag): true {
  if (tag.value !== null) syntax(state, tag, 'takes no value')
  return true
}
