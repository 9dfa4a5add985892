/** Playlists by two parsers that share no code with the product or each other, in one form. */
import { parse, setOptions, types } from 'hls-parser'
import { Parser } from 'm3u8-parser'

setOptions({ strictMode: true })

export interface PlaylistVariant {
  uri: string
  bandwidthBps: number
  averageBps: number
  codecs: string
  /** Width by height. */
  resolution: string | null
  frameRate: number | null
  videoRange: string | null
  /** What can be heard and read with it. */
  audio: PlaylistRendition[]
  subtitles: PlaylistRendition[]
}

export interface PlaylistRendition {
  groupId: string
  name: string
  language: string | null
  isDefault: boolean
  isForced: boolean
  uri: string
}

export interface PlaylistSegment {
  uri: string
  durationSeconds: number
  /** Null where segments need none. */
  init: string | null
}

const byName = (one: PlaylistRendition, other: PlaylistRendition): number => (one.name < other.name ? -1 : 1)

/** @param areIFrames Of I-frame playlists, which are left out else. */
export function variantsByHlsParser(text: string, areIFrames = false): PlaylistVariant[] {
  const master = parse(text)
  if (!(master instanceof types.MasterPlaylist)) throw new Error('this is no multivariant playlist')
  const renditions = (list: readonly types.Rendition[]): PlaylistRendition[] =>
    list
      .map(({ type, groupId, name, language, isDefault, forced, uri }) => {
        return {
          groupId,
          name,
          language: language ?? null,
          isDefault,
          isForced: type === 'SUBTITLES' && forced,
          uri: uri ?? '',
        }
      })
      .sort(byName)
  const wanted = master.variants.filter(({ isIFrameOnly = false }) => isIFrameOnly === areIFrames)
  return wanted.map((variant) => ({
    uri: variant.uri,
    bandwidthBps: variant.bandwidth,
    averageBps: variant.averageBandwidth ?? NaN,
    codecs: variant.codecs ?? '',
    resolution: variant.resolution === undefined ? null : `${variant.resolution.width}x${variant.resolution.height}`,
    frameRate: variant.frameRate ?? null,
    videoRange: (variant.videoRange as string | undefined) ?? null,
    audio: renditions(variant.audio),
    subtitles: renditions(variant.subtitles),
  }))
}

/** Channels by URI of the rendition; m3u8-parser does not read them. */
export function channelsByHlsParser(text: string): Map<string, string> {
  const master = parse(text)
  if (!(master instanceof types.MasterPlaylist)) throw new Error('this is no multivariant playlist')
  const all = master.variants.flatMap(({ audio }) => audio)
  return new Map(all.map(({ uri, channels }) => [uri ?? '', channels ?? '']))
}

/** What m3u8-parser gives; it has no types of its own. */
interface Manifest {
  playlists: { uri: string; attributes: Record<string, unknown> }[]
  mediaGroups: Record<string, Record<string, Record<string, ManifestRendition>>>
  segments: { uri: string; duration: number; map?: { uri: string } }[]
  targetDuration: number
  endList?: boolean
  playlistType?: string
}

interface ManifestRendition {
  default: boolean
  language?: string
  forced?: boolean
  uri: string
}

function manifestOf(text: string): Manifest {
  const parser = new Parser()
  parser.push(text)
  parser.end()
  return parser.manifest as Manifest
}

export function variantsByM3u8Parser(text: string): PlaylistVariant[] {
  const { playlists, mediaGroups } = manifestOf(text)
  const renditions = (type: string, groupId: unknown): PlaylistRendition[] =>
    typeof groupId !== 'string'
      ? []
      : Object.entries(mediaGroups[type]?.[groupId] ?? {})
          .map(([name, { language, forced, uri, default: isDefault }]) => {
            return { groupId, name, language: language ?? null, isDefault, isForced: forced ?? false, uri }
          })
          .sort(byName)
  return playlists.map(({ uri, attributes }) => {
    const size = attributes['RESOLUTION'] as { width: number; height: number } | undefined
    return {
      uri,
      bandwidthBps: Number(attributes['BANDWIDTH']),
      averageBps: Number(attributes['AVERAGE-BANDWIDTH']),
      codecs: String(attributes['CODECS']),
      resolution: size === undefined ? null : `${size.width}x${size.height}`,
      frameRate: attributes['FRAME-RATE'] === undefined ? null : Number(attributes['FRAME-RATE']),
      videoRange: (attributes['VIDEO-RANGE'] as string | undefined) ?? null,
      audio: renditions('AUDIO', attributes['AUDIO']),
      subtitles: renditions('SUBTITLES', attributes['SUBTITLES']),
    }
  })
}

export interface ReadPlaylist {
  targetSeconds: number
  isFinished: boolean
  segments: PlaylistSegment[]
}

export function segmentsByHlsParser(text: string): ReadPlaylist {
  const media = parse(text)
  if (!(media instanceof types.MediaPlaylist)) throw new Error('this is no media playlist')
  return {
    targetSeconds: media.targetDuration,
    isFinished: media.endlist && media.playlistType === 'VOD',
    segments: media.segments.map(({ uri, duration, map }) => {
      return { uri, durationSeconds: duration, init: (map as { uri: string } | undefined)?.uri ?? null }
    }),
  }
}

export function segmentsByM3u8Parser(text: string): ReadPlaylist {
  const { segments, targetDuration, endList, playlistType } = manifestOf(text)
  return {
    targetSeconds: targetDuration,
    isFinished: endList === true && playlistType === 'VOD',
    segments: segments.map(({ uri, duration, map }) => ({ uri, durationSeconds: duration, init: map?.uri ?? null })),
  }
}
