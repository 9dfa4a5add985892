/** Reads what the gate is told of an asset: playlists whole, of segments their size and their tables. */
import { createHash } from 'node:crypto'
import { GantryError } from '../../core/contract/errors'
import { namedPlaylists, type NamedPlaylist } from '../../media/gate/asset'
import type { AssetDescription, IFrameMedia, PlaylistMedia } from '../../media/gate/description'
import { kindOf, MAX_PLAYLIST_BYTES, readPlaylistLines } from '../../media/gate/lines'
import { readMediaPlaylist } from '../../media/gate/media-playlist'
import { readMultivariant } from '../../media/gate/multivariant'
import { readAssetRecord, type AssetRecord } from './asset-record'
import type { AssetSource } from './asset-source'
import { inTurns } from './in-turns'
import { readIFrames } from './read-i-frames'
import { readMedia } from './read-media'
import { besideText, lookAtNames, readMpdAlone } from './read-mpd'
import { headOf, textWithin, type Reading } from './reading'

/** Beside the multivariant playlist. */
const USUAL_MPD = 'manifest.mpd'
const MPD_NAME = '.mpd'
const RECORD_BYTES = 4 * 1024 * 1024

export async function readAsset(
  source: AssetSource,
  { deep, signal }: Pick<Reading, 'deep' | 'signal'>,
): Promise<{ description: AssetDescription; findings: Reading['findings'] }> {
  const reading: Reading = { source, signal, deep, objects: new Map(), findings: [] }
  const { master } = source
  if (master.endsWith(MPD_NAME)) return readMpdAlone(reading)
  const playlists = new Map<string, string>()
  const text = await playlistText(reading, master)
  if (text === null && reading.findings.length === 0) {
    throw new GantryError('STORE_NOT_FOUND', `there is no playlist '${master}' at the place given`)
  }
  if (text !== null) playlists.set(master, text)
  const named = namedBy(master, text ?? '')
  for (const { path } of named) {
    const own = await playlistText(reading, path)
    if (own !== null) playlists.set(path, own)
  }
  const { record, isBeside } = ownRecord(await recordOf(reading), master)
  const media = new Map<string, PlaylistMedia>()
  const iFrames = new Map<string, IFrameMedia>()
  for (const { path, role } of named) {
    const lines = readPlaylistLines(path, playlists.get(path) ?? '', () => undefined)
    if (lines === null || kindOf(lines) === 'multivariant') continue
    const playlist = readMediaPlaylist(path, lines, () => undefined)
    if (role === 'i-frames') iFrames.set(path, await readIFrames(reading, playlist))
    else media.set(path, await readMedia(reading, playlist, role === 'captions'))
  }
  const isWhole = !isBeside && kindOf(readPlaylistLines(master, text ?? '', () => undefined) ?? []) === 'multivariant'
  const mpd = isWhole ? await besideText(reading, USUAL_MPD) : null
  if (mpd !== null) await lookAtNames(reading, USUAL_MPD, mpd)
  await lookAtRecorded(reading, record)
  const texts = new Map([...playlists, ...(mpd === null ? [] : [[USUAL_MPD, mpd] as const])])
  const description = described(reading, { master, playlists: texts, media, iFrames, record })
  return { description: { ...description, ...(mpd !== null && { manifest: USUAL_MPD }) }, findings: reading.findings }
}

/** A playlist beside the one that the record is of, as `early.m3u8`, is judged by itself. */
function ownRecord(record: AssetRecord | null, opened: string): { record: AssetRecord | null; isBeside: boolean } {
  const isBeside = record !== null && record.master !== null && record.master !== opened
  return { record: isBeside ? null : record, isBeside }
}

function described(
  { objects }: Reading,
  read: Pick<AssetDescription, 'master' | 'playlists' | 'media' | 'iFrames'> & { record: AssetRecord | null },
): AssetDescription {
  const { record, ...texts } = read
  return {
    ...{ ...texts, objects, recorded: record?.recorded ?? new Map() },
    expected: record === null ? null : { renditions: record.renditions, iFrames: record.iFrames },
  }
}

function namedBy(master: string, text: string): NamedPlaylist[] {
  const lines = readPlaylistLines(master, text, () => undefined)
  if (lines === null) return []
  if (kindOf(lines) === 'media') {
    const { isIFramesOnly } = readMediaPlaylist(master, lines, () => undefined)
    return [{ path: master, line: 1, role: isIFramesOnly ? 'i-frames' : 'video' }]
  }
  return namedPlaylists(readMultivariant(master, lines, () => undefined))
}

function playlistText(reading: Reading, path: string): Promise<string | null> {
  return textWithin(reading, path, { mostBytes: MAX_PLAYLIST_BYTES, rule: 'playlist-limit' })
}

async function recordOf(reading: Reading): Promise<AssetRecord | null> {
  const found = await reading.source.head('asset.json').catch(() => null)
  if (found === null || found.bytes > RECORD_BYTES) return null
  const bytes = await reading.source.read('asset.json', null, RECORD_BYTES)
  return bytes === null ? null : readAssetRecord(bytes.toString('utf8'))
}

const INIT_NAME = /init-([0-9a-f]{12})\.mp4$/
const CHUNK_BYTES = 4 * 1024 * 1024

async function lookAtRecorded(reading: Reading, record: AssetRecord | null): Promise<void> {
  if (record === null) return
  await inTurns(record.named, async (path) => {
    if ((await headOf(reading, path)) !== null) return
    reading.findings.push({ rule: 'object-missing', where: 'asset.json', message: `${path} is not there` })
  })
  for (const [path, { sha256 }] of record.recorded) {
    const found = await headOf(reading, path)
    if (found === null || sha256 === undefined || reading.deep === null) continue
    reading.objects.set(path, { bytes: found.bytes, sha256: await digestOf(reading, path, found.bytes) })
  }
  // Init segments of ours are named by their content.
  for (const [path, found] of reading.objects) {
    const [, named] = INIT_NAME.exec(path) ?? []
    if (named === undefined || found === null) continue
    const digest = await digestOf(reading, path, found.bytes)
    if (digest.startsWith(named)) continue
    reading.findings.push({
      rule: 'object-checksum',
      where: path,
      message: `its SHA-256 begins with ${digest.slice(0, 12)}`,
    })
  }
}

async function digestOf({ source, signal }: Reading, path: string, bytes: number): Promise<string> {
  const hash = createHash('sha256')
  for (let start = 0; start < bytes; start += CHUNK_BYTES) {
    signal.throwIfAborted()
    const end = Math.min(start + CHUNK_BYTES, bytes) - 1
    hash.update((await source.read(path, { start, end }, CHUNK_BYTES)) ?? Buffer.alloc(0))
  }
  return hash.digest('hex')
}
