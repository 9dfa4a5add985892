/** One Gantry at a time in an output folder: two would encode the same work twice. */
import { isAlive, thisProcess, type ProcessIdentity } from '../../core/adapters/process-identity'
import { GantryError } from '../../core/contract/errors'
import { at } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { readRecord } from '../../core/state/records'

interface Holder extends ProcessIdentity {
  v: 1
}

export interface OutLock {
  release(): Promise<void>
}

/**
 * Takes the lock by a conditional write. A lock left by a dead process is replaced, also by a conditional write, so of
 * several that find it dead one wins.
 *
 * @throws CONFIG_OUT_BUSY while its holder lives.
 */
export async function lockOutput(store: ObjectStore, state: Place, folder: string): Promise<OutLock> {
  const where = at(state, 'lock.json')
  const mine: Holder = { v: 1, ...thisProcess() }
  const body = Buffer.from(`${JSON.stringify(mine)}\n`)
  for (;;) {
    const found = await store.head(where)
    const holder = found === null ? null : await readRecord<Holder>(store, where)
    if (holder !== null && isAlive(holder)) {
      const message = `another gantry (pid ${holder.pid}) works in '${folder}'`
      throw new GantryError('CONFIG_OUT_BUSY', message, { pid: holder.pid })
    }
    const condition = found === null ? ({ absent: true } as const) : { etag: found.etag }
    try {
      const written = await store.write(where, body, { contentType: 'application/json', condition })
      return { release: () => release(store, where, written.etag) }
    } catch (error) {
      if (!(error instanceof GantryError) || error.code !== 'STORE_CONFLICT') throw error
    }
  }
}

async function release(store: ObjectStore, where: ReturnType<typeof at>, etag: string): Promise<void> {
  if ((await store.head(where))?.etag === etag) await store.remove(where)
}
