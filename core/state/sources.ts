/**
 * The newest object of each key that masters are put under (`sources/<hash>.json`): of two objects that follow each other
 * under one key the newer counts, whatever the order of their events.
 */
import { createHash } from 'node:crypto'
import { GantryError } from '../contract/errors'
import { at, stateKeys } from '../contract/keys'
import { compareSequencers } from '../contract/sequencer'
import type { ObjectAt, Place, SourceArrived } from '../contract/source'
import type { ObjectStore } from '../ports/object-store'
import { readPinned, RECORD_TRIES, replaceRecord } from './records'

export interface SourceRecord {
  v: 1
  bucket: string
  key: string
  assetId: string
  sequencer?: string
}

export interface Arrival {
  /** False when an object that came later is known already. */
  isNewest: boolean
  /** The asset that this one takes the place of, or that took its place; null when there is none. */
  other: string | null
}

/**
 * Notes that an asset's master is what is under its key now. Any number of times; late news change nothing.
 *
 * Without sequencers the last one told counts: such intakes look at the object when they tell of it.
 *
 * @param line Of assets that take each other's place; the same key sent to two destinations is in two.
 */
export async function noteArrival(
  store: ObjectStore,
  state: Place,
  { source, assetId, line }: { source: SourceArrived; assetId: string; line: string },
): Promise<Arrival> {
  const where = sourceAt(state, source, line)
  const { bucket, key, sequencer } = source
  const record: SourceRecord = { v: 1, bucket, key, assetId, ...(sequencer !== undefined && { sequencer }) }
  for (let tries = 0; tries < RECORD_TRIES; tries += 1) {
    const found = await readSource(store, where)
    if (found !== null && isLater(found.record.sequencer, sequencer)) {
      return { isNewest: found.record.assetId === assetId, other: found.record.assetId }
    }
    const other = found === null || found.record.assetId === assetId ? null : found.record.assetId
    if (found !== null && other === null && found.record.sequencer === sequencer) return { isNewest: true, other }
    if (await replaceRecord(store, where, record, found?.etag ?? null)) return { isNewest: true, other }
  }
  throw new GantryError('STORE_UNAVAILABLE', `the record of '${key}' is written to by too many at once`, { key })
}

/** The asset of the object that is under a key by all that is known; null for a key without a record. */
export async function newestAssetOf(
  store: ObjectStore,
  state: Place,
  source: ObjectAt,
  line: string,
): Promise<string | null> {
  return (await readSource(store, sourceAt(state, source, line)))?.record.assetId ?? null
}

function isLater(known: string | undefined, told: string | undefined): boolean {
  return known !== undefined && told !== undefined && compareSequencers(known, told) > 0
}

function sourceAt(state: Place, { bucket, key }: ObjectAt, line: string): ObjectAt {
  const hash = createHash('sha256')
  for (const field of [bucket, key, line]) hash.update(`${Buffer.byteLength(field)}:${field}`)
  return at(state, stateKeys.source(hash.digest('hex').slice(0, 40)))
}

async function readSource(store: ObjectStore, where: ObjectAt): Promise<{ record: SourceRecord; etag: string } | null> {
  const found = await readPinned(store, where)
  return found === null ? null : { record: JSON.parse(found.body) as SourceRecord, etag: found.etag }
}
