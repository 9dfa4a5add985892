/** A published asset as other people's software sees it: parsed by hls-parser, files looked up on the disk. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parse, types } from 'hls-parser'

export interface ReadSegment {
  file: string
  bytes: number
  durationSeconds: number
}

export interface ReadTrack {
  playlist: string
  init: string
  targetSeconds: number
  segments: ReadSegment[]
}

export interface ReadVariant {
  id: string
  bandwidthBps: number
  averageBps: number
  codecs: string
  widthPx: number | null
  heightPx: number | null
  track: ReadTrack
  /** The sound of its group; null for an asset without sound or for sound alone. */
  sound: ReadTrack | null
}

/** @throws When something cannot be parsed, is missing, or lies outside of the asset. */
export function readVariants(masterPath: string): ReadVariant[] {
  const home = dirname(masterPath)
  const master = parse(readFileSync(masterPath, 'utf8'))
  if (!(master instanceof types.MasterPlaylist)) throw new Error(`${masterPath} is no multivariant playlist`)
  return master.variants.map((variant) => {
    const [rendition] = variant.audio
    return {
      id: variant.uri.split('/').at(-2) ?? '',
      bandwidthBps: variant.bandwidth,
      averageBps: variant.averageBandwidth ?? 0,
      codecs: variant.codecs ?? '',
      widthPx: variant.resolution?.width ?? null,
      heightPx: variant.resolution?.height ?? null,
      track: readTrack(home, join(home, variant.uri)),
      sound: rendition?.uri === undefined ? null : readTrack(home, join(home, rendition.uri)),
    }
  })
}

/** The folder of the run that the stable address points into: `r1`, `r2`, ... */
export function runFolderOf(masterPath: string): string {
  const home = dirname(masterPath)
  const [variant] = readVariants(masterPath)
  return join(home, relative(home, variant?.track.playlist ?? home).split('/')[0] ?? '')
}

function readTrack(home: string, playlist: string): ReadTrack {
  const media = parse(readFileSync(playlist, 'utf8'))
  if (!(media instanceof types.MediaPlaylist)) throw new Error(`${playlist} is no media playlist`)
  if (!media.endlist) throw new Error(`${playlist} has no end`)
  const folder = dirname(playlist)
  const inside = (uri: string): string => {
    const file = join(folder, uri)
    if (relative(home, file).startsWith('..') || uri.includes('://')) throw new Error(`${uri} is outside of the asset`)
    if (!existsSync(file)) throw new Error(`${file} is missing`)
    return file
  }
  const maps = new Set(media.segments.map((segment) => segment.map.uri))
  if (maps.size !== 1) throw new Error(`${playlist} has ${maps.size} init segments`)
  return {
    playlist,
    init: inside([...maps][0] ?? ''),
    targetSeconds: media.targetDuration,
    segments: media.segments.map(({ uri, duration }) => {
      const file = inside(uri)
      return { file, bytes: statSync(file).size, durationSeconds: duration }
    }),
  }
}
