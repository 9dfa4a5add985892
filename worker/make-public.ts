/**
 * What players open, at its stable addresses: the facts, the MPD where the run has one, and last of all the multivariant
 * playlist. Each is replaced only while it is what was looked at, so of two publishers the newer run's stays.
 */
import { GantryError } from '../core/contract/errors'
import type { AssetFacts, Intent, PublishedRecord } from '../core/contract/intent'
import type { PublishJob } from '../core/contract/job'
import { at, homeKeys } from '../core/contract/keys'
import { PLAYLIST_TYPE } from '../core/contract/playlist-objects'
import type { ObjectAt } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { isConflict, readPinned } from '../core/state/records'
import { isDeletedSince, readLaterFinal } from '../core/state/run-records'

/** Source: ISO/IEC 23009-1:2022, annex C. */
const MPD_TYPE = 'application/dash+xml'
/** What a newer run replaces. */
const REPLACED = { caching: 'revalidate' } as const

/**
 * A publisher that was frozen may come after a deletion, which looks before it removes: so this one looks afterwards, too.
 *
 * @returns False where the asset is deleted: nothing of it is public then.
 */
export async function show(
  store: ObjectStore,
  { state }: PublishJob,
  intent: Intent,
  final: PublishedRecord,
  signal: AbortSignal,
): Promise<boolean> {
  if (await isDeletedSince(store, state)) return false
  await makePublic({ store, state, places: placesOf(intent), signal }, final)
  if (!(await isDeletedSince(store, state))) return true
  const { master, manifest, asset } = placesOf(intent)
  await store.remove(master)
  await store.remove(manifest)
  await store.remove(asset)
  return false
}

interface Places {
  master: ObjectAt
  manifest: ObjectAt
  asset: ObjectAt
}

function placesOf({ home }: Intent): Places {
  const [master, manifest, asset] = [homeKeys.master, homeKeys.manifest, homeKeys.asset].map((key) => at(home, key))
  return { master, manifest, asset } as Places
}

interface Publishing {
  store: ObjectStore
  state: PublishJob['state']
  places: Places
  signal: AbortSignal
}

/** Two publishers of one asset meet here now and then; the loser looks again instead of failing. */
const PUBLISH_TRIES = 5

/** Thumbnails of a day, one each second, are a tenth of it. */
const MOST_FACTS_BYTES = 64 * 2 ** 20
/** Of a day in twenty renditions it has a tenth. */
const MOST_MPD_BYTES = 64 * 2 ** 20

/** The stable address is replaced only by a newer run, and only while it is what this call looked at. */
async function makePublic(publishing: Publishing, final: PublishedRecord): Promise<void> {
  const { store, places, signal } = publishing
  for (let tries = 1; ; tries += 1) {
    const before = await store.head(places.master)
    const manifest = mayHaveManifest(final) ? await store.head(places.manifest) : null
    const shown = await readPinned(store, places.asset, MOST_FACTS_BYTES)
    const facts = shown === null ? null : factsOf(shown.body)
    const replace = (where: ObjectAt, body: string, contentType: string, found: { etag: string } | null) => {
      const condition = found === null ? ({ absent: true } as const) : { etag: found.etag }
      return store.write(where, Buffer.from(body), { contentType, ...REPLACED, condition, signal })
    }
    try {
      if (facts !== null && facts.run > final.run) return await giveWay(publishing, final, facts)
      // The facts first: whoever has them in place is met here by an older run that comes late.
      await replace(places.asset, `${JSON.stringify(final.asset, null, 2)}\n`, 'application/json', shown)
      if (final.mpd !== undefined) await replace(places.manifest, final.mpd, MPD_TYPE, manifest)
      else if (manifest !== null) await store.remove(places.manifest)
      await replace(places.master, final.multivariant, PLAYLIST_TYPE, before)
      return
    } catch (error) {
      if (!isConflict(error) || tries === PUBLISH_TRIES) throw error
    }
  }
}

/** The first run of an asset that makes none has none to take away: it asks for nothing. */
function mayHaveManifest({ mpd, run }: PublishedRecord): boolean {
  return mpd !== undefined || run > 1
}

/**
 * An older run that comes late may have put its MPD where a newer run without one had looked already, or taken away a
 * newer one's, since removals have no condition. Either is undone here; a crash before it leaves the job to do it.
 *
 * @throws STORE_CONFLICT where another publisher was faster: look again.
 */
async function giveWay(
  { store, state, places, signal }: Publishing,
  final: PublishedRecord,
  newer: Partial<AssetFacts> & { run: number },
): Promise<void> {
  if (!mayHaveManifest(final)) return
  if (newer.manifest === undefined) {
    if (final.mpd === undefined) return
    const found = await readPinned(store, places.manifest, MOST_MPD_BYTES)
    if (found?.body !== final.mpd) return
    await store.remove(places.manifest)
    throw new GantryError('STORE_CONFLICT', `the MPD of run ${final.run} stood beside run ${newer.run}`)
  }
  if ((await store.head(places.manifest)) !== null) return
  const record = await readLaterFinal(store, state, newer.run)
  if (record?.status !== 'published' || record.mpd === undefined) return
  const write = { contentType: MPD_TYPE, ...REPLACED, condition: { absent: true } as const, signal }
  await store.write(places.manifest, Buffer.from(record.mpd), write)
}

/** Public facts, as far as they are some; run 0 where somebody else's file is in their place, which gives way. */
function factsOf(body: string): Partial<AssetFacts> & { run: number } {
  try {
    const facts = JSON.parse(body) as Partial<AssetFacts> | null
    return typeof facts?.run === 'number' ? { ...facts, run: facts.run } : { run: 0 }
  } catch {
    return { run: 0 }
  }
}
