/** Where an asset that is looked at lies: a folder, a bucket, or a host of the web. Read only. */
import { readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { createFileStore } from '../../core/adapters/file-store'
import { openS3Reader, S3_READER_NAMES } from '../../core/adapters/s3-reader'
import { createWebReader } from '../../core/adapters/web-reader'
import { GantryError } from '../../core/contract/errors'
import { at } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { readSettings } from '../../core/service/config'
import type { VerifyOptions } from './arguments'

export interface AssetSource {
  /** Path of the playlist to begin with. */
  master: string
  head(path: string): Promise<{ bytes: number } | null>
  /** Null for what is not there. @throws STORE_UNAVAILABLE for more than `maxBytes`. */
  read(path: string, range: Range | null, maxBytes: number): Promise<Buffer | null>
  close(): void
}

export interface Range {
  start: number
  /** Included. */
  end: number
}

export interface SourceContext {
  env: Readonly<Record<string, string | undefined>>
  readFile: (path: string) => string
  signal: AbortSignal
}

/** The name of ours, in folders and buckets where none is given. */
const USUAL_MASTER = 'master.m3u8'

/** @throws STORE_NOT_FOUND where there is no playlist; CONFIG_INVALID. */
export async function openSource(options: VerifyOptions, context: SourceContext): Promise<AssetSource> {
  const { asset } = options
  switch (asset.kind) {
    case 'path': {
      const { folder, master } = await localPlaylist(asset.path)
      const store = createFileStore({ buckets: { asset: { folder, scratch: path.join(tmpdir(), 'gantry-none') } } })
      return storeSource(store, { bucket: 'asset', prefix: '' }, master, () => undefined)
    }
    case 's3': {
      const isPlaylist = /\.(m3u8|mpd)$/.test(asset.key)
      const [prefix, master] = isPlaylist ? split(asset.key) : [asset.key, USUAL_MASTER]
      const place = { bucket: asset.bucket, prefix }
      const settings = readSettings(context.env, S3_READER_NAMES, context.readFile)
      const region = context.env['AWS_REGION'] ?? context.env['AWS_DEFAULT_REGION']
      const { store, close } = openS3Reader(place, settings, region)
      return storeSource(store, place, master, close)
    }
    case 'web':
      return webSource(asset.url, options, context)
  }
}

function split(key: string): [string, string] {
  const slash = key.lastIndexOf('/')
  return [key.slice(0, Math.max(0, slash)), key.slice(slash + 1)]
}

async function localPlaylist(given: string): Promise<{ folder: string; master: string }> {
  const found = await stat(given).catch(() => null)
  if (found === null) throw new GantryError('STORE_NOT_FOUND', `there is no folder or playlist at '${given}'`)
  if (!found.isDirectory()) return { folder: path.dirname(given), master: path.basename(given) }
  const names = (await readdir(given)).filter((name) => name.endsWith('.m3u8')).sort()
  const [only, ...others] = names
  if (names.includes(USUAL_MASTER)) return { folder: given, master: USUAL_MASTER }
  if (only !== undefined && others.length === 0) return { folder: given, master: only }
  const has = names.length === 0 ? 'no playlist' : `several playlists (${names.slice(0, 5).join(', ')})`
  throw new GantryError(
    'STORE_NOT_FOUND',
    `the folder '${given}' has ${has}; give the path of the multivariant playlist`,
  )
}

function storeSource(store: ObjectStore, place: Place, master: string, close: () => void): AssetSource {
  return {
    ...{ master, close },
    head: (name) => store.head(at(place, name)),
    read: async (name, range, maxBytes) => {
      const found = await store.head(at(place, name))
      if (found === null) return null
      const wanted = range === null ? found.bytes : Math.min(range.end + 1, found.bytes) - range.start
      if (wanted > maxBytes) throw tooLong(name, maxBytes)
      if (wanted <= 0) return Buffer.alloc(0)
      return collect(await store.read(at(place, name), range ?? undefined), name, maxBytes)
    },
  }
}

async function collect(body: Readable, name: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLong(name, maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLong(name: string, maxBytes: number): GantryError {
  return new GantryError('STORE_UNAVAILABLE', `'${name}' has more than the ${maxBytes} bytes that are read`)
}

function webSource(url: string, { allowPrivate }: VerifyOptions, { signal }: SourceContext): AssetSource {
  const reader = createWebReader({ base: new URL('.', url), allowPrivate, signal })
  const [, master] = split(decodeURIComponent(new URL(url).pathname))
  return {
    ...{ master, close: () => undefined },
    head: async (name) => {
      const found = await reader.head(name)
      if (found === null) return null
      if (found.bytes !== null) return { bytes: found.bytes }
      throw new GantryError('STORE_UNAVAILABLE', `the server does not say how many bytes '${name}' has`)
    },
    read: (name, range, maxBytes) => reader.read(name, range, maxBytes),
  }
}
