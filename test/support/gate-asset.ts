/**
 * A right asset as the gate is told of it: two rungs with an I-frame playlist each, one sound, one text, three segments
 * each. Tests change parts of it.
 */
import type {
  AssetDescription,
  FirstPicture,
  IFrameMedia,
  InitLook,
  PictureLook,
  PlaylistMedia,
  SegmentLook,
  TrackFacts,
  TrackMeasure,
} from '../../media/gate/description'

export interface ToldAsset extends AssetDescription {
  playlists: Map<string, string>
  objects: Map<string, { bytes: number; sha256?: string } | null>
  recorded: Map<string, { bytes: number; sha256?: string }>
  media: Map<string, PlaylistMedia & { inits: Map<string, InitLook>; segments: (SegmentLook | null)[] }>
  iFrames: Map<string, IFrameMedia & { pictures: (PictureLook | null)[] }>
}

const SECONDS = [4, 4, 2]
const BYTES = [400_000, 300_000, 100_000]
/** By RFC 8216: the peak is the first segment, the average all over 10 s. */
const PICTURE = { peak: 800_000, average: 640_000 }
/** Of each segment, the first picture and what stands before it. */
const I_FRAME_BYTES = [20_000, 20_000, 20_000]
const I_FRAMES = { peak: 80_000, average: 48_000 }
const SOUND_BYTES = [64_000, 64_000, 32_000]

export const MASTER = 'master.m3u8'
export const HIGH = 'r1/video/720p/playlist.m3u8'
export const LOW = 'r1/video/360p/playlist.m3u8'
export const HIGH_I_FRAMES = 'r1/video/720p/iframes.m3u8'
export const LOW_I_FRAMES = 'r1/video/360p/iframes.m3u8'
export const SOUND = 'r1/audio/audio/playlist.m3u8'
export const TEXT = 'r1/captions/en/playlist.m3u8'

const variant = (id: string, size: string, codec: string): string =>
  `#EXT-X-STREAM-INF:BANDWIDTH=${PICTURE.peak + 128_000},AVERAGE-BANDWIDTH=${PICTURE.average + 128_000},` +
  `CODECS="${codec},mp4a.40.2",RESOLUTION=${size},FRAME-RATE=25.000,AUDIO="audio",SUBTITLES="captions"\n` +
  `r1/video/${id}/playlist.m3u8`

const iFrameStream = (id: string, size: string, codec: string): string =>
  `#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=${I_FRAMES.peak},AVERAGE-BANDWIDTH=${I_FRAMES.average},` +
  `CODECS="${codec}",RESOLUTION=${size},URI="r1/video/${id}/iframes.m3u8"`

const MASTER_TEXT = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="${SOUND}"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="English",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="${TEXT}"
${variant('360p', '640x360', 'avc1.64001e')}
${variant('720p', '1280x720', 'avc1.64001f')}
${iFrameStream('360p', '640x360', 'avc1.64001e')}
${iFrameStream('720p', '1280x720', 'avc1.64001f')}
`

function mediaText(ending: string, init: string | null): string {
  const entries = SECONDS.map((seconds, index) => `#EXTINF:${seconds}.000000,\n${index}.${ending}`)
  return [
    ...['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:4', '#EXT-X-MEDIA-SEQUENCE:0'],
    ...['#EXT-X-PLAYLIST-TYPE:VOD', '#EXT-X-INDEPENDENT-SEGMENTS'],
    ...(init === null ? [] : [`#EXT-X-MAP:URI="${init}"`]),
    ...entries,
    '#EXT-X-ENDLIST\n',
  ].join('\n')
}

function iFramesText(): string {
  const [first = 0] = I_FRAME_BYTES
  return mediaText('m4s', 'init.mp4')
    .replace('#EXT-X-MAP', '#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP')
    .replaceAll(/^(\d\.m4s)$/gm, `#EXT-X-BYTERANGE:${first}@0\n$1`)
}

function measures(kind: 'video' | 'audio', rate: number): TrackMeasure[] {
  return SECONDS.map((seconds, index) => {
    const startSeconds = 10 + 4 * index
    const endSeconds = startSeconds + seconds
    const decode = { decodeStartSeconds: startSeconds, decodeEndSeconds: endSeconds }
    const samples = seconds * rate
    return { kind, startSeconds, endSeconds, ...decode, samples, startsWithKeyframe: true, shortestSeconds: 1 / rate }
  })
}

export function toldAsset(): ToldAsset {
  const asset: ToldAsset = {
    master: MASTER,
    playlists: new Map([[MASTER, MASTER_TEXT]]),
    objects: new Map([[MASTER, { bytes: MASTER_TEXT.length }]]),
    ...{ recorded: new Map(), media: new Map(), iFrames: new Map(), expected: null },
  }
  const picture = { kind: 'video' as const, timescaleHz: 90_000, range: 'SDR' as const }
  put(asset, LOW, BYTES, measures('video', 25), { ...picture, codec: 'avc1.64001e', widthPx: 640, heightPx: 360 })
  put(asset, HIGH, BYTES, measures('video', 25), { ...picture, codec: 'avc1.64001f', widthPx: 1280, heightPx: 720 })
  putIFrames(asset, LOW_I_FRAMES, LOW)
  putIFrames(asset, HIGH_I_FRAMES, HIGH)
  const sound = { kind: 'audio' as const, timescaleHz: 48_000, codec: 'mp4a.40.2', channels: 2 }
  put(asset, SOUND, SOUND_BYTES, measures('audio', 50), sound)
  asset.playlists.set(TEXT, mediaText('vtt', null))
  asset.objects.set(TEXT, { bytes: 1 })
  asset.media.set(TEXT, { inits: new Map(), segments: SECONDS.map(() => ({ text: 'WEBVTT\n' })) })
  SECONDS.forEach((_, index) => asset.objects.set(beside(TEXT, `${index}.vtt`), { bytes: 10 }))
  return asset
}

function put(asset: ToldAsset, path: string, bytes: number[], tracks: TrackMeasure[], facts: TrackFacts): void {
  asset.playlists.set(path, mediaText('m4s', 'init.mp4'))
  asset.objects.set(path, { bytes: 1 })
  asset.objects.set(beside(path, 'init.mp4'), { bytes: 600 })
  bytes.forEach((size, index) => asset.objects.set(beside(path, `${index}.m4s`), { bytes: size }))
  const inits = new Map<string, InitLook>([[beside(path, 'init.mp4'), { tracks: [facts] }]])
  asset.media.set(path, { inits, segments: tracks.map((track) => ({ tracks: [track] })) })
}

function putIFrames(asset: ToldAsset, path: string, of: string): void {
  asset.playlists.set(path, iFramesText())
  asset.objects.set(path, { bytes: 1 })
  const pictures = I_FRAME_BYTES.map((bytes, index) => ({ startSeconds: 10 + 4 * index, isKeyframe: true, bytes }))
  asset.iFrames.set(path, { inits: asset.media.get(of)?.inits ?? new Map(), pictures })
}

/** Path of what lies beside a playlist. */
export function beside(playlist: string, name: string): string {
  return `${playlist.slice(0, playlist.lastIndexOf('/') + 1)}${name}`
}

/** @throws When the change changes nothing. */
export function edit(asset: ToldAsset, path: string, change: (text: string) => string): void {
  const before = asset.playlists.get(path) ?? ''
  const after = change(before)
  if (after === before) throw new Error(`${path} was not changed`)
  asset.playlists.set(path, after)
}

/** Changes what was measured of a segment. */
export function measured(asset: ToldAsset, path: string, index: number, more: Partial<TrackMeasure>): void {
  const segments = asset.media.get(path)?.segments ?? []
  const look = segments[index]
  if (look === undefined || look === null || !('tracks' in look)) throw new Error(`${path} has no segment ${index}`)
  segments[index] = { tracks: look.tracks.map((track) => ({ ...track, ...more })) }
}

/** Changes what was measured of an I-frame. */
export function pictured(asset: ToldAsset, path: string, index: number, more: Partial<FirstPicture>): void {
  const pictures = asset.iFrames.get(path)?.pictures ?? []
  const look = pictures[index]
  if (look === undefined || look === null || 'fault' in look) throw new Error(`${path} has no picture ${index}`)
  pictures[index] = { ...look, ...more }
}

export function told(asset: ToldAsset, path: string, more: Partial<TrackFacts>): void {
  const inits = asset.media.get(path)?.inits
  for (const [key, look] of inits ?? []) {
    if ('tracks' in look) inits?.set(key, { tracks: look.tracks.map((track) => ({ ...track, ...more })) })
  }
}
