/** A store whose process dies at a write: from the n-th on nothing is written any more, and the caller is told so. */
import type { ObjectStore } from '../../core/ports/object-store'

export interface DyingStore {
  store: ObjectStore
  /** Writes, copies and removals that were asked for. */
  writes(): number
}

/** @param diesAt Number of the write that does not happen, from 1; Infinity: none. */
export function dyingStore(real: ObjectStore, diesAt: number): DyingStore {
  let writes = 0
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    writes += 1
    if (writes >= diesAt) throw new Error(`died at write ${diesAt}`)
    return work()
  }
  return {
    writes: () => writes,
    store: {
      head: (at) => real.head(at),
      labels: (at, kind) => real.labels(at, kind),
      read: (ref, range) => real.read(ref, range),
      list: (place) => real.list(place),
      locate: (at) => real.locate(at),
      write: (at, body, options) => counted(() => real.write(at, body, options)),
      copy: (from, to, options) => counted(() => real.copy(from, to, options)),
      remove: (at) => counted(() => real.remove(at)),
      unfinished: (place) => real.unfinished(place),
      abandon: (write) => counted(() => real.abandon(write)),
    },
  }
}
