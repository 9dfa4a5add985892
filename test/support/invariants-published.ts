/** A published run against its markers: whole, and every byte that a playlist names is the byte that was verified. */
import { posix } from 'node:path'
import { text } from 'node:stream/consumers'
import type { AssetFacts, Intent, PublishedRecord } from '../../core/contract/intent'
import { at, homeKeys, runKeys } from '../../core/contract/keys'
import type { Marker, StoredObject } from '../../core/contract/markers'
import type { ObjectAt, Place } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { measure, readRecord } from '../../core/state/records'
import { doneParts, readMarker } from '../../core/state/run-records'
import { readMpdText } from './reading/mpd'

/** Of an asset's newest run. @returns A line for each breach. */
export async function brokenPublication(
  store: ObjectStore,
  run: Place,
  intent: Intent,
  final: PublishedRecord,
): Promise<string[]> {
  const name = `${final.assetId}.${final.run}`
  const broken: string[] = []
  const facts = await readRecord<AssetFacts>(store, at(intent.home, homeKeys.asset))
  if (facts !== null && facts.run > final.run) return []
  if (JSON.stringify(facts) !== JSON.stringify(final.asset)) broken.push(`${name}: asset.json is not of its record`)
  const master = await textAt(store, at(intent.home, homeKeys.master))
  if (master !== final.multivariant) broken.push(`${name}: master.m3u8 is not of its record`)
  const objects = await markedObjects(store, run, intent)
  const named = new Set<string>()
  const early = await textAt(store, at(intent.home, homeKeys.early))
  const isEarly = intent.packaging?.early === true
  if ((early === null) === isEarly) broken.push(`${name}: early.m3u8 is ${isEarly ? 'missing' : 'there'}`)
  for (const playlist of [...urisIn(final.multivariant), ...urisIn(early ?? '')]) {
    const body = await textAt(store, at(intent.home, playlist))
    if (body === null) {
      broken.push(`${name}: ${playlist} is missing`)
      continue
    }
    if (!playlist.startsWith(`r${final.run}/`)) broken.push(`${name}: ${playlist} is of another run`)
    if (!body.trimEnd().endsWith('#EXT-X-ENDLIST')) broken.push(`${name}: ${playlist} has no end`)
    for (const uri of urisIn(body)) named.add(posix.join(posix.dirname(playlist), uri))
    broken.push(...brokenRanges(playlist, body, objects).map((line) => `${name}: ${line}`))
  }
  const asset = final.asset
  for (const key of iFramesOf(asset)) {
    if (!urisIn(final.multivariant).includes(key)) broken.push(`${name}: master.m3u8 does not name ${key}`)
  }
  for (const key of [...asset.mp4.map((mp4) => mp4.key), ...thumbnailKeys(asset)]) named.add(key)
  for (const key of named)
    broken.push(...(await brokenObject(store, intent.home, key, objects)).map((line) => `${name}: ${line}`))
  for (const key of mustBeNamed(objects, asset)) if (!named.has(key)) broken.push(`${name}: no playlist names ${key}`)
  broken.push(...(await brokenManifest(store, intent, final, objects)).map((line) => `${name}: ${line}`))
  return broken
}

function thumbnailKeys({ thumbnails }: AssetFacts): string[] {
  if (thumbnails === null) return []
  return [thumbnails.poster, ...thumbnails.images, ...thumbnails.sprites, thumbnails.cues]
}

function iFramesOf({ video }: AssetFacts): string[] {
  return video.flatMap(({ iFrames }) => iFrames ?? [])
}

/** Byte ranges, as I-frame playlists have them, lie in the objects that the markers tell of. */
function brokenRanges(playlist: string, body: string, objects: ReadonlyMap<string, StoredObject>): string[] {
  return [...body.matchAll(/^#EXT-X-BYTERANGE:(\d+)@(\d+)\n(.*)$/gm)].flatMap(([, bytes, offset, uri = '']) => {
    const key = posix.join(posix.dirname(playlist), uri)
    const end = Number(bytes) + Number(offset)
    return end <= (objects.get(key)?.bytes ?? 0) ? [] : [`${playlist} names bytes of ${key} up to ${end}`]
  })
}

async function brokenObject(
  store: ObjectStore,
  home: Place,
  key: string,
  objects: ReadonlyMap<string, StoredObject>,
): Promise<string[]> {
  const expected = objects.get(key)
  const found = await store.head(at(home, key))
  if (found === null) return [`${key} is named and missing`]
  if (expected === undefined) return [`${key} is named and in no marker`]
  const { bytes, sha256 } = await measure(await store.read(at(home, key)))
  return bytes === expected.bytes && sha256 === expected.sha256 ? [] : [`${key} has other bytes than its marker says`]
}

/** All objects that the markers of a run name, by their keys below the home. */
async function markedObjects(store: ObjectStore, run: Place, intent: Intent): Promise<Map<string, StoredObject>> {
  const objects = new Map<string, StoredObject>()
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if (isStoredObject(value)) objects.set(`r${intent.run}/${value.key}`, value)
    Object.values(value).forEach(collect)
  }
  for (const part of await doneParts(store, run)) collect(await readMarker<Marker>(store, run, part))
  return objects
}

function isStoredObject(value: object): value is StoredObject {
  return 'key' in value && 'bytes' in value && 'sha256' in value
}

/** Segments of every rendition that is published: one that no playlist names is a hole. */
function mustBeNamed(objects: ReadonlyMap<string, StoredObject>, { video, audio }: AssetFacts): string[] {
  const folders = [...video, ...audio].map(({ playlist }) => `${posix.dirname(playlist)}/`)
  return [...objects.keys()].filter((key) => key.endsWith('.m4s') && folders.some((folder) => key.startsWith(folder)))
}

/** By the lines alone: whatever a player would ask for. Source: RFC 8216, 4.1 and 4.2. */
function urisIn(playlist: string): string[] {
  const lines = playlist.split('\n').filter((line) => line !== '')
  const attributes = lines.flatMap((line) => [...line.matchAll(/URI="([^"]+)"/g)].map(([, uri = '']) => uri))
  return [...attributes, ...lines.filter((line) => !line.startsWith('#'))]
}

/** Of a run that is not published: nobody is sent to what it leaves. */
export async function brokenEarly(store: ObjectStore, { home, assetId, run }: Intent): Promise<string[]> {
  const early = await textAt(store, at(home, homeKeys.early))
  const isShown = urisIn(early ?? '').some((uri) => uri.startsWith(`r${run}/`))
  return isShown ? [`${assetId}.${run} is not published, and early.m3u8 names it`] : []
}

/** By its own names: whatever a DASH player would ask for. */
async function brokenManifest(
  store: ObjectStore,
  { home }: Intent,
  { mpd, asset }: PublishedRecord,
  objects: ReadonlyMap<string, StoredObject>,
): Promise<string[]> {
  const shown = await textAt(store, at(home, homeKeys.manifest))
  if (shown !== (mpd ?? null)) return ['manifest.mpd is not of its record']
  if (mpd === undefined) return []
  const { representations } = readMpdText(mpd)
  const named = new Set(
    representations.flatMap(({ init, segments }) => [...segments.map(({ path }) => path), ...(init ? [init] : [])]),
  )
  const missed = mustBeNamed(objects, asset).filter((key) => !named.has(key))
  const broken = missed.map((key) => `the MPD does not name ${key}`)
  for (const key of named) broken.push(...(await brokenObject(store, home, key, objects)))
  return broken
}

async function textAt(store: ObjectStore, where: ObjectAt): Promise<string | null> {
  return (await store.head(where)) === null ? null : text(await store.read(where))
}

/** Where the records of a run are, for tests that break one. */
export const markerKey = (run: Place, part: string): ObjectAt => at(run, runKeys.done(part))
