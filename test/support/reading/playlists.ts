/** A published asset as other people's software sees it: parsed by hls-parser, files looked up on the disk. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parse, setOptions, types } from 'hls-parser'

// What breaks a rule of the format is an error, not a line on the console.
setOptions({ strictMode: true })

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
  const variants = master.variants.filter(({ isIFrameOnly }) => isIFrameOnly !== true)
  return variants.map((variant) => {
    const [rendition] = variant.audio
    return {
      id: variant.uri.split('/').at(-2) ?? '',
      bandwidthBps: variant.bandwidth,
      averageBps: variant.averageBandwidth ?? 0,
      codecs: variant.codecs ?? '',
      widthPx: variant.resolution?.width ?? null,
      heightPx: variant.resolution?.height ?? null,
      track: readTrack(home, fileOf(home, home, variant.uri)),
      sound: rendition?.uri === undefined ? null : readTrack(home, fileOf(home, home, rendition.uri)),
    }
  })
}

/** Each sound once: that of the groups, and sound alone. */
export function soundTracks(variants: readonly ReadVariant[]): ReadTrack[] {
  const tracks = variants.flatMap(({ sound, widthPx, track }) => sound ?? (widthPx === null ? track : []))
  return [...new Map(tracks.map((track) => [track.playlist, track])).values()]
}

/** The folder of the run that the stable address points into: `r1`, `r2`, ... */
export function runFolderOf(masterPath: string): string {
  const home = dirname(masterPath)
  const [variant] = readVariants(masterPath)
  return join(home, relative(home, variant?.track.playlist ?? home).split('/')[0] ?? '')
}

/** @param home The folder that nothing may lead out of. */
export function readTrack(home: string, playlist: string): ReadTrack {
  const media = parse(readFileSync(playlist, 'utf8'))
  if (!(media instanceof types.MediaPlaylist)) throw new Error(`${playlist} is no media playlist`)
  if (!media.endlist) throw new Error(`${playlist} has no end`)
  const folder = dirname(playlist)
  const maps = new Set(media.segments.map((segment) => segment.map.uri))
  if (maps.size !== 1) throw new Error(`${playlist} has ${maps.size} init segments`)
  return {
    playlist,
    init: fileOf(home, folder, [...maps][0] ?? ''),
    targetSeconds: media.targetDuration,
    segments: media.segments.map(({ uri, duration }) => {
      const file = fileOf(home, folder, uri)
      return { file, bytes: statSync(file).size, durationSeconds: duration }
    }),
  }
}

/** @throws When what an address means is missing or lies outside of the asset, be it by a link. */
function fileOf(home: string, folder: string, uri: string): string {
  const file = join(folder, uri)
  const isOutside = (path: string, top: string): boolean => relative(top, path).startsWith('..')
  if (/^([a-z]+:|\/)/i.test(uri) || isOutside(file, home)) throw new Error(`${uri} is outside of the asset`)
  if (!existsSync(file)) throw new Error(`${file} is missing`)
  if (isOutside(realpathSync(file), realpathSync(home))) throw new Error(`${uri} is outside of the asset`)
  return file
}
