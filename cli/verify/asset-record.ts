/** What `asset.json` says of an asset of ours. It lies with the asset, so it is trusted as little. */
import type { ExpectedRendition, RecordedObject } from '../../media/gate/description'
import { resolveUri } from '../../media/gate/uris'

export interface AssetRecord {
  /** The playlist that it is of; null where it names none. */
  master: string | null
  renditions: readonly ExpectedRendition[]
  /** I-frame playlists. */
  iFrames: readonly string[]
  recorded: ReadonlyMap<string, RecordedObject>
  /** Thumbnails and texts, of which no size is recorded. */
  named: readonly string[]
}

const MOST = 10_000

/** Null for what is no record of ours. */
export function readAssetRecord(text: string): AssetRecord | null {
  const record = objectOf(parsed(text))
  if (record?.['v'] !== 1 || typeof record['assetId'] !== 'string') return null
  const tracks = (['video', 'audio', 'captions'] as const).flatMap((kind) =>
    listOf(record[kind]).flatMap((one): ExpectedRendition[] => {
      const playlist = pathOf(one['playlist'])
      if (playlist === null) return []
      const counts = (['segments', 'bytes', 'samples'] as const).flatMap((name) => {
        const count = countOf(one[name])
        return count === null ? [] : [[name, count] as const]
      })
      return [{ playlist, kind, ...Object.fromEntries(counts) }]
    }),
  )
  const iFrames = listOf(record['video']).flatMap((one) => pathOf(one['iFrames']) ?? [])
  const recorded = listOf(record['mp4']).flatMap(({ key, bytes, sha256 }): [string, RecordedObject][] => {
    const [path, size] = [pathOf(key), countOf(bytes)]
    if (path === null || size === null) return []
    return [[path, { bytes: size, ...(typeof sha256 === 'string' && { sha256 }) }]]
  })
  const master = pathOf(record['master'])
  return { master, renditions: tracks, iFrames, recorded: new Map(recorded), named: namedOf(record) }
}

function namedOf(record: Record<string, unknown>): string[] {
  const thumbnails = objectOf(record['thumbnails']) ?? {}
  const lists = ['images', 'sprites'].flatMap((name) => unknownsOf(thumbnails[name]))
  const files = listOf(record['captions']).map(({ file }) => file)
  const all = [record['manifest'], thumbnails['poster'], thumbnails['cues'], ...lists, ...files]
  return all.slice(0, MOST).flatMap((value) => pathOf(value) ?? [])
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

function unknownsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]).slice(0, MOST) : []
}

function listOf(value: unknown): Record<string, unknown>[] {
  return unknownsOf(value).flatMap((one) => {
    const object = objectOf(one)
    return object === null ? [] : [object]
  })
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** Only what lies below the asset. */
function pathOf(value: unknown): string | null {
  const resolved = typeof value === 'string' ? resolveUri('asset.json', encodeURI(value)) : null
  return resolved !== null && 'path' in resolved ? resolved.path : null
}
