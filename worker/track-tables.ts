/** Keeps the tables of a rendition's fragments in the store, so that its MP4 is planned without reading its segments. */
import { at, outputKeys } from '../core/contract/keys'
import type { StoredObject } from '../core/contract/markers'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { sha256Hex } from '../core/state/records'
import { withoutMedia } from '../media/mp4/fragment-tables'

/** Some 250,000 samples. However long a master is, no more is kept in memory. */
const OBJECT_BYTES = 2 * 2 ** 20

export interface TableKeeper {
  /** @param fragment As it is stored. */
  add(fragment: Uint8Array): Promise<void>
  end(): Promise<readonly StoredObject[]>
}

export interface TableKeeperOptions {
  store: ObjectStore
  /** The run's output. */
  output: Place
  kind: 'video' | 'audio'
  id: string
  /** Private to the attempt. */
  folder: string
  signal: AbortSignal
}

/** @throws STORE_ codes when a table cannot be stored. */
export function keepTables(options: TableKeeperOptions, objectBytes = OBJECT_BYTES): TableKeeper {
  const stored: StoredObject[] = []
  let pending: Uint8Array[] = []
  let pendingBytes = 0

  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    const key = outputKeys.tables(options.kind, options.id, options.folder, stored.length)
    const how = { contentType: 'application/octet-stream', caching: 'immutable', signal: options.signal } as const
    await options.store.write(at(options.output, key), bytes, how)
    stored.push({ key, bytes: bytes.byteLength, sha256: sha256Hex(bytes) })
  }

  return {
    add: async (fragment) => {
      const tables = withoutMedia(fragment)
      pending.push(tables)
      pendingBytes += tables.byteLength
      if (pendingBytes >= objectBytes) await flush()
    },
    end: async () => {
      if (pendingBytes > 0) await flush()
      return stored
    },
  }
}
