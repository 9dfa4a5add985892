/** A multivariant playlist as the rules see it. Sources: RFC 8216, 4.3.4; rfc8216bis, 4.4.6. */
import { attributesOf, type AttributeList } from './attributes'
import { shown } from '../hls/read-lines'
import type { Report } from './findings'
import { checkTags, type PlaylistLine, type Tag } from './lines'
import { pathOf } from './media-playlist'

export const RENDITION_TYPES = ['AUDIO', 'VIDEO', 'SUBTITLES', 'CLOSED-CAPTIONS'] as const
export type RenditionType = (typeof RENDITION_TYPES)[number]

export interface GateRendition {
  line: number
  type: RenditionType
  groupId: string
  name: string
  isDefault: boolean
  channels: number | null
  /** Null where it is in the variants, or where it may not be named. */
  path: string | null
}

export interface GateVariant {
  line: number
  path: string | null
  bandwidthBps: number | null
  averageBps: number | null
  codecs: readonly string[] | null
  resolution: { widthPx: number; heightPx: number } | null
  frameRate: number | null
  range: 'SDR' | 'PQ' | 'HLG' | null
  groups: Readonly<Partial<Record<RenditionType, string>>>
}

export interface GateMultivariant {
  path: string
  version: number
  areIndependent: boolean
  renditions: readonly GateRendition[]
  variants: readonly GateVariant[]
  /** I-frame playlists; of groups and picture rates they have none. */
  iFrames: readonly GateVariant[]
}

type OpenVariant = Omit<GateVariant, 'path'>

export function readMultivariant(path: string, lines: readonly PlaylistLine[], report: Report): GateMultivariant {
  checkTags(path, lines, 'multivariant', report)
  const read = {
    ...{ path, version: 1, areIndependent: false },
    renditions: [] as GateRendition[],
    variants: [] as GateVariant[],
    iFrames: [] as GateVariant[],
  }
  let open: OpenVariant | null = null
  for (const line of lines) {
    const where = `${path}:${line.number}`
    if (line.kind === 'uri') {
      if (open === null) report('tag-dangling', where, `${shown(line.uri)} has no EXT-X-STREAM-INF before it`)
      else read.variants.push({ ...open, path: pathOf(path, line.uri, line.number, report) })
      open = null
      continue
    }
    if (open !== null) {
      report('tag-dangling', where, `EXT-X-STREAM-INF is followed by ${line.name}, not by its URI`)
      open = null
    }
    if (line.name === 'EXT-X-STREAM-INF') open = readVariant(path, line, report)
    else readTag(read, line, report)
  }
  if (open !== null) report('tag-dangling', `${path}:${open.line}`, 'EXT-X-STREAM-INF has no URI behind it')
  return read
}

type Reading = { -readonly [Key in keyof GateMultivariant]: GateMultivariant[Key] } & {
  renditions: GateRendition[]
  iFrames: GateVariant[]
}

function readTag(read: Reading, tag: Tag, report: Report): void {
  const where = `${read.path}:${tag.number}`
  switch (tag.name) {
    case 'EXT-X-VERSION':
      if (/^[0-9]{1,3}$/.test(tag.value ?? '')) read.version = Number(tag.value)
      else report('tag-syntax', where, `EXT-X-VERSION is ${shown(tag.value ?? '')}, it must be a decimal integer`)
      return
    case 'EXT-X-INDEPENDENT-SEGMENTS':
      if (tag.value !== null) report('tag-syntax', where, `${tag.name} takes no value`)
      read.areIndependent = true
      return
    case 'EXT-X-MEDIA': {
      const rendition = readRendition(read.path, tag, report)
      if (rendition !== null) read.renditions.push(rendition)
      return
    }
    case 'EXT-X-I-FRAME-STREAM-INF':
      read.iFrames.push(readIFrames(read.path, tag, report))
      return
  }
}

/** Source: RFC 8216, 4.3.4.1. */
function readRendition(path: string, tag: Tag, report: Report): GateRendition | null {
  const attributes = attributesOf(path, tag, report)
  attributes.require('TYPE', 'GROUP-ID', 'NAME')
  const type = attributes.word('TYPE', RENDITION_TYPES)
  if (type === null) return null
  const where = `${path}:${tag.number}`
  const wrong = (message: string): void => report('attribute-value', where, message)
  if (type === 'SUBTITLES') attributes.require('URI')
  if (type === 'CLOSED-CAPTIONS') {
    attributes.require('INSTREAM-ID')
    if (attributes.has('URI')) wrong('CLOSED-CAPTIONS has a URI, it must have none')
  }
  const isDefault = attributes.word('DEFAULT', ['YES', 'NO']) === 'YES'
  if (isDefault && attributes.word('AUTOSELECT', ['YES', 'NO']) === 'NO') wrong('DEFAULT is YES and AUTOSELECT is NO')
  if (attributes.has('FORCED') && type !== 'SUBTITLES') wrong(`FORCED stands at ${type}, it is for SUBTITLES alone`)
  attributes.word('FORCED', ['YES', 'NO'])
  const uri = attributes.text('URI')
  return {
    ...{ line: tag.number, type, isDefault, channels: channelsOf(attributes, wrong) },
    ...{ groupId: attributes.text('GROUP-ID') ?? '', name: attributes.text('NAME') ?? '' },
    path: uri === null ? null : pathOf(path, uri, tag.number, report),
  }
}

function channelsOf(attributes: AttributeList, wrong: (message: string) => void): number | null {
  const text = attributes.text('CHANNELS')
  if (text === null) return null
  const [count = ''] = text.split('/')
  if (/^[1-9][0-9]{0,3}$/.test(count)) return Number(count)
  wrong(`CHANNELS begins with ${shown(count)}, it must be a count`)
  return null
}

/** Not defined for it. Source: RFC 8216, 4.3.4.3. */
const NOT_OF_IFRAMES = ['FRAME-RATE', 'AUDIO', 'SUBTITLES', 'CLOSED-CAPTIONS'] as const

/** Source: RFC 8216, 4.3.4.3. */
function readIFrames(path: string, tag: Tag, report: Report): GateVariant {
  const attributes = attributesOf(path, tag, report)
  attributes.require('BANDWIDTH', 'URI')
  const odd = NOT_OF_IFRAMES.filter((name) => attributes.has(name) && !isNone(tag, name))
  if (odd.length > 0) report('iframes-attributes', `${path}:${tag.number}`, `it has ${odd.join(', ')}`)
  const uri = attributes.text('URI')
  return {
    ...readStream(tag, attributes),
    ...{ frameRate: null, groups: {} },
    path: uri === null ? null : pathOf(path, uri, tag.number, report),
  }
}

/** Source: RFC 8216, 4.3.4.2. */
function readVariant(path: string, tag: Tag, report: Report): OpenVariant {
  const attributes = attributesOf(path, tag, report)
  attributes.require('BANDWIDTH')
  const group = (type: RenditionType): GateVariant['groups'] => {
    if (type === 'CLOSED-CAPTIONS' && !quotes(tag, 'CLOSED-CAPTIONS')) return {}
    const id = attributes.text(type)
    return id === null ? {} : { [type]: id }
  }
  return {
    ...readStream(tag, attributes),
    frameRate: attributes.decimal('FRAME-RATE'),
    groups: { ...group('AUDIO'), ...group('VIDEO'), ...group('SUBTITLES'), ...group('CLOSED-CAPTIONS') },
  }
}

/** What variants and I-frame playlists are described by. */
function readStream(tag: Tag, attributes: AttributeList): Omit<OpenVariant, 'frameRate' | 'groups'> {
  const codecs = attributes.text('CODECS')
  return {
    line: tag.number,
    bandwidthBps: attributes.integer('BANDWIDTH'),
    averageBps: attributes.integer('AVERAGE-BANDWIDTH'),
    codecs: codecs === null ? null : codecs.split(',').map((codec) => codec.trim()),
    resolution: attributes.resolution('RESOLUTION'),
    range: attributes.word('VIDEO-RANGE', ['SDR', 'PQ', 'HLG']),
  }
}

/** That there are none may be said anywhere. */
function isNone({ value }: Tag, name: string): boolean {
  return (value ?? '').includes(`${name}=NONE`)
}

/** CLOSED-CAPTIONS may be the word NONE. */
function quotes({ value }: Tag, name: string): boolean {
  return (value ?? '').includes(`${name}="`)
}
