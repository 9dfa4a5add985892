/** Removes what a deleted asset has stored. Any number of times, by anybody; a death in the middle leaves less to do. */
import type { DeletedRecord } from '../../core/contract/intent'
import { at, homeKeys, isBelow } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { ObjectStore, OpenStore } from '../../core/ports/object-store'

/** Removals at once; each is a small request. */
const REMOVALS_AT_ONCE = 16

/** The stable address first: whoever plays has what it named until now, and nobody begins anew. */
export async function eraseAsset(storeOf: OpenStore['storeOf'], { homes }: DeletedRecord): Promise<void> {
  for (const { home, destination } of homes) {
    const store = storeOf(destination)
    await store.remove(at(home, homeKeys.master))
    await store.remove(at(home, homeKeys.manifest))
    await store.remove(at(home, homeKeys.early))
    await store.remove(at(home, homeKeys.asset))
    await removeBelow(store, { bucket: home.bucket, prefix: at(home, '').key }, (key) => isOfRun(home, key))
  }
}

/** Removes what is below a place, some at a time. @returns How many objects. */
export async function removeBelow(
  store: ObjectStore,
  { bucket, prefix }: Place,
  isOurs: (key: string) => boolean = () => true,
): Promise<number> {
  let keys: string[] = []
  let removed = 0
  const removeAll = async (): Promise<void> => {
    await Promise.all(keys.map((key) => store.remove({ bucket, key })))
    removed += keys.length
    keys = []
  }
  for await (const { key } of store.list({ bucket, prefix })) {
    if (!isOurs(key)) continue
    keys.push(key)
    if (keys.length === REMOVALS_AT_ONCE) await removeAll()
  }
  await removeAll()
  return removed
}

/** In a folder of a run of this home, of one before a certain one where asked. What else is there is not ours. Pure. */
export function isOfRun(home: Place, key: string, { before = Infinity }: { before?: number } = {}): boolean {
  const { bucket, prefix } = home
  if (!isBelow(home, { bucket, key })) return false
  const [, run] = /^r([1-9]\d*)\/./.exec(prefix === '' ? key : key.slice(prefix.length + 1)) ?? []
  return run !== undefined && Number(run) < before
}
