/** An asset with its playlists read: what the rules work on. */
import type { AssetDescription, IFrameMedia, PlaylistMedia, TrackFacts, TrackMeasure } from './description'
import { initKey } from './description'
import type { Report } from './findings'
import { kindOf, readPlaylistLines } from './lines'
import { readMediaPlaylist, type GateMediaPlaylist, type GateSegment, type Named } from './media-playlist'
import { readMultivariant, type GateMultivariant, type GateVariant } from './multivariant'

export interface GateAsset {
  description: AssetDescription
  /** Null where the asset is one media playlist. */
  multivariant: GateMultivariant | null
  /** Each media playlist once, in the order in which they are named. */
  tracks: readonly GateTrack[]
  /** Each I-frame playlist once, in the order in which they are named. */
  iFrames: readonly GateIFrames[]
}

/** A media playlist by what it is for. A variant with sound in its own segments is `video`. */
export interface GateTrack {
  role: 'video' | 'audio' | 'captions'
  playlist: GateMediaPlaylist
  media: PlaylistMedia | null
}

export interface GateIFrames {
  /** The line that names it; null where it is the asset. */
  stream: GateVariant | null
  playlist: GateMediaPlaylist
  media: IFrameMedia | null
}

/** More than any product writes; a hostile playlist could name a million. */
export const MAX_MEDIA_PLAYLISTS = 500

export function readAsset(description: AssetDescription, report: Report): GateAsset {
  const { master, playlists } = description
  const text = playlists.get(master)
  if (text === undefined) {
    // Of one that is there and was not read whoever read has told why.
    if ((description.objects.get(master) ?? null) === null) report('object-missing', master, 'it is not there')
    return { ...EMPTY, description }
  }
  const lines = readPlaylistLines(master, text, report)
  if (lines === null) return { ...EMPTY, description }
  if (kindOf(lines) === 'media') {
    const playlist = readMediaPlaylist(master, lines, report)
    return playlist.isIFramesOnly
      ? { ...EMPTY, description, iFrames: [iFramesOf(description, playlist, null)] }
      : { ...EMPTY, description, tracks: [trackOf(description, playlist, 'video')] }
  }
  const multivariant = readMultivariant(master, lines, report)
  const tracks: GateTrack[] = []
  const iFrames: GateIFrames[] = []
  for (const { path, line, role } of namedPlaylists(multivariant)) {
    const playlist = readNamed(description, path, `${master}:${line}`, report)
    if (playlist === null) continue
    if (role !== 'i-frames') tracks.push(trackOf(description, playlist, role))
    else iFrames.push(iFramesOf(description, playlist, multivariant.iFrames.find((one) => one.path === path) ?? null))
  }
  if (new Set([...multivariant.variants, ...multivariant.iFrames].map(({ path }) => path)).size > MAX_MEDIA_PLAYLISTS) {
    report('playlist-limit', master, `it names more than ${MAX_MEDIA_PLAYLISTS} media playlists`)
  }
  return { description, multivariant, tracks, iFrames }
}

const EMPTY = { multivariant: null, tracks: [], iFrames: [] }

export interface NamedPlaylist {
  path: string
  line: number
  role: GateTrack['role'] | 'i-frames'
}

/** Each once. A sound that is also a variant of its own is a sound. */
export function namedPlaylists({ renditions, variants, iFrames }: GateMultivariant): NamedPlaylist[] {
  const roles = { AUDIO: 'audio', VIDEO: 'video', SUBTITLES: 'captions', 'CLOSED-CAPTIONS': 'captions' } as const
  const all = [
    ...renditions.map(({ path, line, type }) => ({ path, line, role: roles[type] })),
    ...variants.map((variant) => ({ path: variant.path, line: variant.line, role: roleOf(variant) })),
    ...iFrames.map(({ path, line }) => ({ path, line, role: 'i-frames' as const })),
  ]
  const byPath = new Map<string, NamedPlaylist>()
  for (const { path, line, role } of all) {
    if (path !== null && !byPath.has(path)) byPath.set(path, { path, line, role })
  }
  return [...byPath.values()].slice(0, MAX_MEDIA_PLAYLISTS)
}

const AUDIO_CODEC = /^(mp4a|opus|flac|ac-3|ec-3|ac-4|alac|mhm|mha|dts)/i

export function isAudioCodec(codec: string): boolean {
  return AUDIO_CODEC.test(codec)
}

function roleOf({ resolution, codecs }: GateVariant): GateTrack['role'] {
  const isSound = resolution === null && codecs !== null && codecs.length > 0 && codecs.every(isAudioCodec)
  return isSound ? 'audio' : 'video'
}

function readNamed(
  { playlists, objects }: AssetDescription,
  path: string,
  where: string,
  report: Report,
): GateMediaPlaylist | null {
  const text = playlists.get(path)
  if (text === undefined) {
    // Who is missing is said with the other objects; what is there and was not read cannot be.
    if (objects.get(path) !== null) report('playlist-limit', where, `${path} was not read`)
    return null
  }
  const lines = readPlaylistLines(path, text, report)
  if (lines === null) return null
  if (kindOf(lines) === 'multivariant') {
    report('playlist-kind', where, `${path} is a multivariant playlist, a media playlist is expected`)
    return null
  }
  return readMediaPlaylist(path, lines, report)
}

function trackOf(description: AssetDescription, playlist: GateMediaPlaylist, role: GateTrack['role']): GateTrack {
  return { role, playlist, media: description.media.get(playlist.path) ?? null }
}

function iFramesOf(
  { iFrames }: AssetDescription,
  playlist: GateMediaPlaylist,
  stream: GateVariant | null,
): GateIFrames {
  return { stream, playlist, media: iFrames.get(playlist.path) ?? null }
}

/** As a track, for rules that hold for both. */
export function asTrack({ playlist, media }: GateIFrames): GateTrack {
  return { role: 'video', playlist, media: media === null ? null : { inits: media.inits, segments: [] } }
}

export function trackAt({ tracks }: GateAsset, path: string | null): GateTrack | null {
  return tracks.find(({ playlist }) => playlist.path === path) ?? null
}

/** The sounds that a variant may be played with; empty where they are in its own segments. */
export function soundsOf(asset: GateAsset, { groups }: GateVariant): GateTrack[] {
  const renditions = asset.multivariant?.renditions ?? []
  return renditions
    .filter(({ type, groupId }) => type === 'AUDIO' && groupId === groups.AUDIO)
    .flatMap(({ path }) => trackAt(asset, path) ?? [])
}

export function keyOf({ path, range }: Named): string {
  return initKey(path ?? '', range)
}

/** Tracks of the first init segment; null where it is not known, empty where there is none. */
export function tracksOf({ playlist, media }: GateTrack): readonly TrackFacts[] | null {
  const init = playlist.segments[0]?.init ?? null
  const look = media === null ? undefined : media.inits.get(init === null ? '' : keyOf(init))
  return look !== undefined && 'tracks' in look ? look.tracks : null
}

/** What was measured of one kind of track in a segment; null for what was not. */
export function measureOf(track: GateTrack, index: number, kind?: 'video' | 'audio'): TrackMeasure | null {
  const look = track.media?.segments[index] ?? null
  if (look === null || !('tracks' in look)) return null
  if (kind !== undefined) return look.tracks.find((measure) => measure.kind === kind) ?? null
  return look.tracks.find((measure) => measure.kind === 'video') ?? look.tracks[0] ?? null
}

export function sampleSeconds({ startSeconds, endSeconds, samples }: TrackMeasure): number {
  return samples === 0 ? 0 : (endSeconds - startSeconds) / samples
}

export function bytesOf({ description }: GateAsset, { path, range }: GateSegment): number | null {
  if (range !== null) return range.bytes
  return path === null ? null : (description.objects.get(path)?.bytes ?? null)
}

export function totalSeconds({ segments }: GateMediaPlaylist): number {
  return segments.reduce((sum, { seconds }) => sum + seconds, 0)
}
