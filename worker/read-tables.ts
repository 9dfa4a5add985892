/** Reads what track-tables.ts has kept, and init segments: whole objects that must be what was written. */
import { GantryError } from '../core/contract/errors'
import { at } from '../core/contract/keys'
import type { StoredObject, TrackOutput } from '../core/contract/markers'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { sha256Hex } from '../core/state/records'
import { withoutMedia } from '../media/mp4/fragment-tables'

/** From the segments themselves where no tables were kept. */
export async function* tablesOf(
  store: ObjectStore,
  output: Place,
  { tables, segments }: TrackOutput,
): AsyncGenerator<Uint8Array> {
  for (const object of tables ?? []) yield await readWhole(store, output, object)
  if (tables !== undefined) return
  for (const segment of segments) yield withoutMedia(await readWhole(store, output, segment))
}

/** Into memory of its known length: gathering chunks first would take several times as much for a while. */
export async function readWhole(
  store: ObjectStore,
  output: Place,
  { key, bytes, sha256 }: StoredObject,
): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafeSlow(bytes)
  let read = 0
  for await (const chunk of (await store.read(at(output, key))) as AsyncIterable<Uint8Array>) {
    whole.set(chunk.subarray(0, bytes - read), read)
    read += chunk.byteLength
    if (read > bytes) break
  }
  if (read === bytes && sha256Hex(whole) === sha256) return whole
  throw new GantryError('STORE_UNAVAILABLE', `the object '${key}' is not the one that was written`, { key })
}
