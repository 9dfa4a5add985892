/** Our own writer of the multivariant playlist. */
import { GantryError } from '../../core/contract/errors'
import type { Rational } from '../../core/contract/rational'
import { count, quoted, refused, relativeUri } from './text'

export interface Variant {
  uri: string
  /** Upper bound of the variant's overall bit rate with its largest sound, measured. */
  bandwidthBps: number
  /** Absent as long as it is not known. */
  averageBandwidthBps?: number
  /** RFC 6381 strings of picture and sound, at least one. */
  codecs: readonly string[]
  /** Absent, like the three below it, where there is no picture. */
  resolution?: { widthPx: number; heightPx: number }
  frameRate?: Rational
  videoRange?: 'SDR' | 'PQ' | 'HLG'
  /** GROUP-ID of its sound; absent where the sound is in the variant itself. */
  audioGroup?: string
  /** GROUP-ID of its texts. */
  captionsGroup?: string
}

export interface AudioRendition {
  groupId: string
  /** For people; different within a group. */
  name: string
  /** BCP 47. */
  language?: string
  /** At most one in a group. */
  isDefault: boolean
  channels: number
  uri: string
}

export interface CaptionsRendition {
  groupId: string
  name: string
  language?: string
  isForced: boolean
  isForDeaf: boolean
  uri: string
}

/** Single pictures of a variant, without sound. Source: RFC 8216, 4.3.4.3. */
export type IFrameStream = Pick<
  Variant,
  'uri' | 'bandwidthBps' | 'averageBandwidthBps' | 'codecs' | 'resolution' | 'videoRange'
>

export interface MultivariantPlaylist {
  audio: readonly AudioRendition[]
  captions?: readonly CaptionsRendition[]
  variants: readonly Variant[]
  iFrames?: readonly IFrameStream[]
}

/** The same as in the media playlists; nothing here needs more. */
const VERSION = 7

/**
 * The text of a multivariant playlist; lines stand in the order given, and players start with the first variant.
 *
 * @throws QUEUE_INTERNAL for a list without variants, a group that no rendition has, two renditions of one name or two
 * defaults in a group, or a value that could break a line.
 */
export function writeMultivariantPlaylist(playlist: MultivariantPlaylist): string {
  const { audio, captions = [], variants, iFrames = [] } = playlist
  if (variants.length === 0) throw misuse('a multivariant playlist needs a variant, got none')
  checkGroups(
    'audio',
    audio,
    variants.map(({ uri, audioGroup }) => ({ uri, group: audioGroup })),
  )
  checkDefaults(audio)
  checkGroups(
    'captions',
    captions,
    variants.map(({ uri, captionsGroup }) => ({ uri, group: captionsGroup })),
  )
  return `${[
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...audio.map((rendition) => `#EXT-X-MEDIA:${audioAttributes(rendition)}`),
    ...captions.map((rendition) => `#EXT-X-MEDIA:${captionsAttributes(rendition)}`),
    ...variants.flatMap((variant) => [`#EXT-X-STREAM-INF:${variantAttributes(variant)}`, relativeUri(variant.uri)]),
    ...iFrames.map((stream) => `#EXT-X-I-FRAME-STREAM-INF:${iFrameAttributes(stream)}`),
  ].join('\n')}\n`
}

/** Source: RFC 8216, 4.3.4.1.1 and 4.3.4.2. */
function checkGroups(
  kind: string,
  renditions: readonly { groupId: string; name: string }[],
  variants: readonly { uri: string; group: string | undefined }[],
): void {
  const groups = new Map<string, string[]>()
  for (const { groupId, name } of renditions) groups.set(groupId, [...(groups.get(groupId) ?? []), name])
  for (const [id, names] of groups) {
    if (new Set(names).size < names.length) {
      throw misuse(`the names in ${kind} group '${id}' must differ, got ${names.join(', ')}`)
    }
  }
  for (const { uri, group } of variants) {
    if (group !== undefined && !groups.has(group)) {
      throw misuse(`variant '${uri}' names ${kind} group '${group}', there are: ${[...groups.keys()].join(', ')}`)
    }
  }
}

/** Source: RFC 8216, 4.3.4.1.1. */
function checkDefaults(audio: readonly AudioRendition[]): void {
  const seen = new Set<string>()
  for (const { groupId } of audio.filter(({ isDefault }) => isDefault)) {
    if (seen.has(groupId)) throw misuse(`audio group '${groupId}' has two defaults`)
    seen.add(groupId)
  }
}

/** Source: RFC 8216, 4.3.4.1. */
function audioAttributes(rendition: AudioRendition): string {
  return [
    'TYPE=AUDIO',
    `GROUP-ID=${quoted(rendition.groupId)}`,
    `NAME=${quoted(rendition.name)}`,
    ...(rendition.language === undefined ? [] : [`LANGUAGE=${quoted(rendition.language)}`]),
    `DEFAULT=${rendition.isDefault ? 'YES' : 'NO'}`,
    'AUTOSELECT=YES',
    `CHANNELS=${quoted(count(rendition.channels))}`,
    `URI=${quoted(relativeUri(rendition.uri))}`,
  ].join(',')
}

/**
 * Of texts none is the default: a viewer asks for them, but for forced ones, which players show by themselves.
 * Sources: RFC 8216, 4.3.4.1; for CHARACTERISTICS Apple's list of them in its HLS documentation.
 */
function captionsAttributes(rendition: CaptionsRendition): string {
  return [
    'TYPE=SUBTITLES',
    `GROUP-ID=${quoted(rendition.groupId)}`,
    `NAME=${quoted(rendition.name)}`,
    ...(rendition.language === undefined ? [] : [`LANGUAGE=${quoted(rendition.language)}`]),
    'DEFAULT=NO',
    'AUTOSELECT=YES',
    `FORCED=${rendition.isForced ? 'YES' : 'NO'}`,
    ...(rendition.isForDeaf ? [`CHARACTERISTICS=${quoted(FOR_DEAF)}`] : []),
    `URI=${quoted(relativeUri(rendition.uri))}`,
  ].join(',')
}

const FOR_DEAF = 'public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound'

/** Source: RFC 8216, 4.3.4.2; VIDEO-RANGE is of its successor, draft-pantos-hls-rfc8216bis. */
function variantAttributes(variant: Variant): string {
  const { resolution, frameRate, videoRange, audioGroup, captionsGroup } = variant
  return [
    `BANDWIDTH=${count(variant.bandwidthBps)}`,
    ...(variant.averageBandwidthBps === undefined ? [] : [`AVERAGE-BANDWIDTH=${count(variant.averageBandwidthBps)}`]),
    `CODECS=${quoted(codecsText(variant.codecs))}`,
    ...(resolution === undefined ? [] : [`RESOLUTION=${count(resolution.widthPx)}x${count(resolution.heightPx)}`]),
    ...(frameRate === undefined ? [] : [`FRAME-RATE=${frameRateText(frameRate)}`]),
    ...(videoRange === undefined ? [] : [`VIDEO-RANGE=${videoRange}`]),
    ...(audioGroup === undefined ? [] : [`AUDIO=${quoted(audioGroup)}`]),
    ...(captionsGroup === undefined ? [] : [`SUBTITLES=${quoted(captionsGroup)}`]),
  ].join(',')
}

/** Neither FRAME-RATE nor a group stands in it. Source: RFC 8216, 4.3.4.3. */
function iFrameAttributes(stream: IFrameStream): string {
  const { uri, bandwidthBps, averageBandwidthBps, codecs, resolution, videoRange } = stream
  const attributes = variantAttributes({
    ...{ uri, bandwidthBps, codecs },
    ...(averageBandwidthBps !== undefined && { averageBandwidthBps }),
    ...(resolution !== undefined && { resolution }),
    ...(videoRange !== undefined && { videoRange }),
  })
  return `${attributes},URI=${quoted(relativeUri(uri))}`
}

function codecsText(codecs: readonly string[]): string {
  if (codecs.length === 0) throw misuse('a variant needs a codec, got none')
  for (const codec of codecs) {
    if (!/^[A-Za-z0-9.]+$/.test(codec)) throw refused('a codec', 'an RFC 6381 string like avc1.64001f', codec)
  }
  return codecs.join(',')
}

/** Rounded to three decimals, as the RFC has it. */
function frameRateText({ num, den }: Rational): string {
  const text = (num / den).toFixed(3)
  if (!/^[0-9]{1,6}\.[0-9]{3}$/.test(text) || Number(text) === 0) {
    throw refused('a frame rate', '0.001 to 999999 pictures a second', `${num}/${den}`)
  }
  return text
}

function misuse(message: string): GantryError {
  return new GantryError('QUEUE_INTERNAL', message)
}
