/** The playlists of a run that grow, in the store. They are the record of what was listed. */
import { GantryError } from '../core/contract/errors'
import type { Job } from '../core/contract/job'
import { at, outputKeys } from '../core/contract/keys'
import { GROWING, MOST_GROWING_BYTES } from '../core/contract/playlist-objects'
import type { ObjectStore } from '../core/ports/object-store'
import { readPinned } from '../core/state/records'
import { findObjects } from './gate'
import { NOTHING_LISTED, readListed, type Grown, type ListedTrack } from './early-growth'

/** The growing playlists of a run as they were looked at, each once. */
export function createLists(store: ObjectStore, output: Job['output']) {
  const found = new Map<string, { listed: ListedTrack; etag: string } | null>()
  const look = async (key: string): Promise<{ listed: ListedTrack; etag: string } | null> => {
    const known = found.get(key)
    if (known !== undefined) return known
    const pinned = await readPinned(store, at(output, key), MOST_GROWING_BYTES)
    const seen = pinned === null ? null : { listed: readListed(pinned.body), etag: pinned.etag }
    found.set(key, seen)
    return seen
  }
  return {
    read: async (kind: 'video' | 'audio', id: string): Promise<ListedTrack> =>
      (await look(outputKeys.earlyPlaylist(kind, id)))?.listed ?? NOTHING_LISTED,
    /** @throws STORE_CONFLICT when another worker was here meanwhile, who knows no less. */
    write: async ({ key, text }: Grown, signal: AbortSignal): Promise<void> => {
      const before = await look(key)
      const condition = before === null ? ({ absent: true } as const) : { etag: before.etag }
      await store.write(at(output, key), Buffer.from(text), { ...GROWING, condition, signal })
    },
  }
}

/** What playlists will name is there, with its length. @throws STORE_NOT_FOUND */
export async function checkStored(store: ObjectStore, output: Job['output'], grown: readonly Grown[]): Promise<void> {
  const added = grown.flatMap((one) => one.added)
  const found = await findObjects(store, output, added)
  for (const { key, bytes } of added) {
    const object = found.get(key) ?? null
    if (object?.bytes === bytes) continue
    const what = object === null ? 'it is not there' : `it has ${object.bytes} bytes`
    throw new GantryError('STORE_NOT_FOUND', `'${key}' of ${bytes} bytes cannot be listed: ${what}`, { key })
  }
}
