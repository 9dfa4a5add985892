/** Two stores as one: what lies in one place is another store's, by its own client and under its own conditions. */
import type { ObjectAt } from '../contract/source'
import type { ObjectStore } from '../ports/object-store'

export interface SplitStoreOptions {
  /** For all that is not `isInside`. */
  base: ObjectStore
  inside: ObjectStore
  isInside: (at: ObjectAt) => boolean
}

/** A listing is of the store that its place is in; a copy from one store to the other passes through here. */
export function splitStore({ base, inside, isInside }: SplitStoreOptions): ObjectStore {
  const storeOf = (at: ObjectAt): ObjectStore => (isInside(at) ? inside : base)
  return {
    head: async (at) => storeOf(at).head(at),
    labels: async (at, kind) => storeOf(at).labels(at, kind),
    read: async (ref, range) => storeOf(ref).read(ref, range),
    write: async (at, body, how) => storeOf(at).write(at, body, how),
    copy: async (from, to, how = {}) => {
      if (storeOf(from) === storeOf(to)) return storeOf(to).copy(from, to, how)
      const body = await storeOf(from).read(from)
      return storeOf(to).write(to, body, { contentType: 'application/octet-stream', ...how })
    },
    list: (place) => storeOf({ bucket: place.bucket, key: place.prefix }).list(place),
    remove: async (at) => storeOf(at).remove(at),
    unfinished: (place) => storeOf({ bucket: place.bucket, key: place.prefix }).unfinished(place),
    abandon: async (write) => storeOf(write).abandon(write),
    locate: (at) => storeOf(at).locate(at),
  }
}
