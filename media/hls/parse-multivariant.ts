/**
 * A strict reader of multivariant playlists: our own, and those of others that keep to RFC 8216. Tags and attributes
 * that are not known here are passed over, as clients must (6.3.1).
 */
import { reduced, type Rational } from '../../core/contract/rational'
import { attributesOf, required, type Attributes } from './attributes'
import type { IFrameStream, Variant } from './multivariant'
import { integer, integerValue, noValue, readLines, shown, unreadable, type TagLine } from './read-lines'

/** As the writer's variant; playlists of others may leave out more. */
export interface ReadVariant extends Omit<Variant, 'averageBandwidthBps'> {
  averageBandwidthBps?: number
}

export type ReadIFrameStream = Omit<IFrameStream, 'averageBandwidthBps'> & { averageBandwidthBps?: number }

export interface ReadRendition {
  type: 'AUDIO' | 'VIDEO' | 'SUBTITLES' | 'CLOSED-CAPTIONS'
  groupId: string
  name: string
  language?: string
  isDefault: boolean
  /** A player may choose it by itself. */
  isAutoselect: boolean
  /** Of subtitles: shown also to viewers who did not ask. */
  isForced?: boolean
  /** Audio channels, without what a codec adds to them (`16/JOC`). */
  channels?: number
  /** Absent where the rendition is in the variants themselves. */
  uri?: string
}

export interface ReadMultivariantPlaylist {
  /** 1 where the playlist does not say. */
  version: number
  areSegmentsIndependent: boolean
  renditions: readonly ReadRendition[]
  variants: readonly ReadVariant[]
  iFrames: readonly ReadIFrameStream[]
}

interface State {
  seen: Set<string>
  version: number
  renditions: ReadRendition[]
  /** Without the URI, which is the next line. */
  open: { line: TagLine; variant: Omit<ReadVariant, 'uri'> } | null
  variants: { line: TagLine; variant: ReadVariant }[]
  iFrames: ReadIFrameStream[]
}

/** @throws SOURCE_UNREADABLE with the number of the line that is wrong. */
export function parseMultivariantPlaylist(text: string): ReadMultivariantPlaylist {
  const state: State = { seen: new Set(), version: 1, renditions: [], open: null, variants: [], iFrames: [] }
  for (const line of readLines(text)) {
    if (line.kind === 'tag') {
      if (state.open !== null) throw unreadable(line.number, `the URI of a variant is expected, got ${line.name}`)
      readTag(state, line)
      continue
    }
    if (state.open === null) throw unreadable(line.number, `URI ${shown(line.uri)} has no EXT-X-STREAM-INF`)
    state.variants.push({ line: state.open.line, variant: { uri: line.uri, ...state.open.variant } })
    state.open = null
  }
  return finished(state)
}

const OTHER_KIND = new Set(
  ['EXTINF', 'EXT-X-TARGETDURATION', 'EXT-X-MEDIA-SEQUENCE', 'EXT-X-PLAYLIST-TYPE', 'EXT-X-ENDLIST'].concat([
    'EXT-X-MAP',
    'EXT-X-KEY',
    'EXT-X-BYTERANGE',
    'EXT-X-DISCONTINUITY',
  ]),
)
const ONCE = new Set(['EXT-X-VERSION', 'EXT-X-INDEPENDENT-SEGMENTS'])

function readTag(state: State, line: TagLine): void {
  const { name, number } = line
  if (OTHER_KIND.has(name)) throw unreadable(number, `${name} is of a media playlist`)
  // Variables in URIs: not understanding them is misreading.
  if (name === 'EXT-X-DEFINE') throw unreadable(number, `${name} is not supported`)
  if (name === 'EXTM3U' || (ONCE.has(name) && state.seen.has(name))) throw unreadable(number, `${name} stands twice`)
  state.seen.add(name)
  if (name === 'EXT-X-VERSION') state.version = integerValue(line)
  if (name === 'EXT-X-INDEPENDENT-SEGMENTS') noValue(line)
  if (name === 'EXT-X-MEDIA') state.renditions.push(readRendition(line))
  if (name === 'EXT-X-I-FRAME-STREAM-INF') state.iFrames.push(readIFrameStream(line))
  if (name === 'EXT-X-STREAM-INF') state.open = { line, variant: readVariant(line, attributesOf(line)) }
}

/** Source: RFC 8216, 4.3.4.1. */
function readRendition(line: TagLine): ReadRendition {
  const attributes = attributesOf(line)
  const isYes = (name: string): boolean => attributes.word(name, ['YES', 'NO']) === 'YES'
  const types = ['AUDIO', 'VIDEO', 'SUBTITLES', 'CLOSED-CAPTIONS'] as const
  const channels = attributes.text('CHANNELS')?.split('/')[0]
  const type = required(attributes.word('TYPE', types), line, 'TYPE')
  return {
    type,
    groupId: required(attributes.text('GROUP-ID'), line, 'GROUP-ID'),
    name: required(attributes.text('NAME'), line, 'NAME'),
    ...optional('language', attributes.text('LANGUAGE')),
    isDefault: isYes('DEFAULT'),
    isAutoselect: isYes('AUTOSELECT'),
    ...(type === 'SUBTITLES' && { isForced: isYes('FORCED') }),
    ...(channels !== undefined && { channels: integer(line.number, `CHANNELS of ${line.name}`, channels) }),
    ...optional('uri', attributes.text('URI')),
  }
}

/** Source: RFC 8216, 4.3.4.2. */
function readVariant(line: TagLine, attributes: Attributes): Omit<ReadVariant, 'uri'> {
  const frameRate = attributes.decimal('FRAME-RATE')
  return {
    ...readStream(line, attributes),
    ...optional('frameRate', frameRate === null ? null : thousandths(frameRate)),
    ...optional('audioGroup', attributes.text('AUDIO')),
    ...optional('captionsGroup', attributes.text('SUBTITLES')),
  }
}

/** What variants and I-frame streams have. */
function readStream(line: TagLine, attributes: Attributes): Omit<ReadIFrameStream, 'uri'> {
  const codecs = attributes.text('CODECS')
  return {
    bandwidthBps: required(attributes.integer('BANDWIDTH'), line, 'BANDWIDTH'),
    ...optional('averageBandwidthBps', attributes.integer('AVERAGE-BANDWIDTH')),
    codecs: codecs === null ? [] : codecs.split(',').map((codec) => codec.trim()),
    ...optional('resolution', attributes.resolution('RESOLUTION')),
    ...optional('videoRange', attributes.word('VIDEO-RANGE', ['SDR', 'PQ', 'HLG'])),
  }
}

/** What is not defined for it is passed over. Source: RFC 8216, 4.3.4.3. */
function readIFrameStream(line: TagLine): ReadIFrameStream {
  const attributes = attributesOf(line)
  return { uri: required(attributes.text('URI'), line, 'URI'), ...readStream(line, attributes) }
}

/** As written, to three decimals: 29.970 is not taken for 30000/1001. */
function thousandths(picturesPerSecond: number): Rational {
  return reduced({ num: Math.round(picturesPerSecond * 1_000), den: 1_000 })
}

function optional<Key extends string, T>(key: Key, value: T | null): { [name in Key]?: T } {
  return value === null ? {} : ({ [key]: value } as { [name in Key]: T })
}

/** Groups may stand below the variants that name them, so they are looked up at the end. */
function finished({ seen, version, renditions, open, variants, iFrames }: State): ReadMultivariantPlaylist {
  if (open !== null) throw unreadable(open.line.number, 'EXT-X-STREAM-INF is not followed by a URI')
  if (variants.length === 0) throw unreadable(1, 'the playlist must have a variant (EXT-X-STREAM-INF)')
  const groups = (wanted: ReadRendition['type']): Set<string> =>
    new Set(renditions.filter(({ type }) => type === wanted).map(({ groupId }) => groupId))
  const [audio, captions] = [groups('AUDIO'), groups('SUBTITLES')]
  for (const { line, variant } of variants) {
    const { audioGroup, captionsGroup } = variant
    if (audioGroup !== undefined && !audio.has(audioGroup)) {
      throw unreadable(line.number, `no EXT-X-MEDIA is of audio group ${shown(audioGroup)}`)
    }
    if (captionsGroup !== undefined && !captions.has(captionsGroup)) {
      throw unreadable(line.number, `no EXT-X-MEDIA is of subtitles group ${shown(captionsGroup)}`)
    }
  }
  const areSegmentsIndependent = seen.has('EXT-X-INDEPENDENT-SEGMENTS')
  return { version, areSegmentsIndependent, renditions, variants: variants.map(({ variant }) => variant), iFrames }
}
