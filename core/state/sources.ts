/**
 * The newest object of each key that masters are put under (`sources/<hash>.json`): of two objects that follow each other
 * under one key the newer counts, whatever the order of their events.
 */
import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { GantryError } from '../contract/errors'
import { at, stateKeys } from '../contract/keys'
import { compareSequencers } from '../contract/sequencer'
import type { ObjectAt, Place, SourceArrived } from '../contract/source'
import type { ObjectStore } from '../ports/object-store'

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

/** Writers of one key that meet; each try is a look and a conditional write. */
const TRIES = 20

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
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await readPinned(store, where)
    if (found !== null && isLater(found.record.sequencer, sequencer)) {
      return { isNewest: found.record.assetId === assetId, other: found.record.assetId }
    }
    const other = found === null || found.record.assetId === assetId ? null : found.record.assetId
    if (found !== null && other === null && found.record.sequencer === sequencer) return { isNewest: true, other }
    const condition = found === null ? ({ absent: true } as const) : { etag: found.etag }
    try {
      const body = Buffer.from(`${JSON.stringify(record, null, 2)}\n`)
      await store.write(where, body, { contentType: 'application/json', condition })
      return { isNewest: true, other }
    } catch (error) {
      if (!(error instanceof GantryError) || error.code !== 'STORE_CONFLICT') throw error
    }
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
  return (await readPinned(store, sourceAt(state, source, line)))?.record.assetId ?? null
}

function isLater(known: string | undefined, told: string | undefined): boolean {
  return known !== undefined && told !== undefined && compareSequencers(known, told) > 0
}

function sourceAt(state: Place, { bucket, key }: ObjectAt, line: string): ObjectAt {
  const hash = createHash('sha256')
  for (const field of [bucket, key, line]) hash.update(`${Buffer.byteLength(field)}:${field}`)
  return at(state, stateKeys.source(hash.digest('hex').slice(0, 40)))
}

/** The record and the etag of just these bytes. */
async function readPinned(store: ObjectStore, where: ObjectAt): Promise<{ record: SourceRecord; etag: string } | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await store.head(where)
    if (found === null) return null
    try {
      const body = await text(await store.read({ ...where, etag: found.etag }))
      return { record: JSON.parse(body) as SourceRecord, etag: found.etag }
    } catch (error) {
      const isReplaced = error instanceof GantryError && ['SOURCE_CHANGED', 'STORE_NOT_FOUND'].includes(error.code)
      if (!isReplaced) throw error
    }
  }
  throw new GantryError('STORE_UNAVAILABLE', `the record ${where.key} changes all the time`, { key: where.key })
}
