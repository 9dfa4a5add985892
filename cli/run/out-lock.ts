/** One Gantry at a time in an output folder: two would encode the same work twice. */
import { readFile } from 'node:fs/promises'
import { GantryError } from '../../core/contract/errors'
import { at } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { readRecord } from '../../core/state/records'

interface Holder {
  v: 1
  pid: number
  /** Start of the process in clock ticks since boot, so that a reused pid is told apart; null where unknown. */
  started: string | null
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
  const mine: Holder = { v: 1, pid: process.pid, started: await processStart(process.pid) }
  const body = Buffer.from(`${JSON.stringify(mine)}\n`)
  for (;;) {
    const found = await store.head(where)
    const holder = found === null ? null : await readRecord<Holder>(store, { ...where, ...pin(found.etag) })
    if (holder !== null && (await isAlive(holder))) {
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

function pin(etag: string): { etag: string } {
  return { etag }
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return started === null || started === (await processStart(pid))
}

/** Field 22 of /proc/<pid>/stat, counted behind the name, which may hold spaces. Source: proc(5). */
async function processStart(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
