/** The records of one run in the state: plan, markers, failures, the last word. Both services read them here. */
import type { FinalRecord, Intent } from '../contract/intent'
import { at, runKeys, stateKeys } from '../contract/keys'
import type { FailureMarker, Marker } from '../contract/markers'
import type { Place } from '../contract/source'
import type { ObjectStore } from '../ports/object-store'
import { readRecord, writeRecordOnce } from './records'

/** `<state>/assets/<assetId>/runs/<n>` */
export function runPlace(state: Place, assetId: string, run: number): Place {
  return { bucket: state.bucket, prefix: at(state, stateKeys.run(assetId, run)).key }
}

export function readIntent(store: ObjectStore, run: Place): Promise<Intent | null> {
  return readRecord<Intent>(store, at(run, runKeys.intent))
}

export function readFinal(store: ObjectStore, run: Place): Promise<FinalRecord | null> {
  return readRecord<FinalRecord>(store, at(run, runKeys.final))
}

/** The first marker of a part counts. @returns The one that counts. */
export async function writeMarker<T extends Marker>(store: ObjectStore, run: Place, marker: T): Promise<T> {
  const { record } = await writeRecordOnce<T>(store, at(run, runKeys.done(marker.part)), marker)
  return record
}

export function readMarker<T extends Marker>(store: ObjectStore, run: Place, part: string): Promise<T | null> {
  return readRecord<T>(store, at(run, runKeys.done(part)))
}

/** Parts that are done, by listing; nothing is read. */
export async function doneParts(store: ObjectStore, run: Place): Promise<Set<string>> {
  return new Set(await recordNames(store, run, runKeys.donePrefix))
}

export async function writeFailure(store: ObjectStore, run: Place, failure: FailureMarker): Promise<void> {
  await writeRecordOnce(store, at(run, runKeys.failed(failure.part)), failure)
}

/** What failed for good in this run, in part order; empty as long as the run can go on. */
export async function readFailures(store: ObjectStore, run: Place): Promise<FailureMarker[]> {
  const failures: FailureMarker[] = []
  for (const part of await recordNames(store, run, runKeys.failedPrefix)) {
    const failure = await readRecord<FailureMarker>(store, at(run, runKeys.failed(part)))
    if (failure !== null) failures.push(failure)
  }
  return failures
}

/** Number of the newest run of an asset that has a record; 0 when there is none. */
export async function newestRun(store: ObjectStore, state: Place, assetId: string): Promise<number> {
  const prefix = at(state, stateKeys.runsPrefix(assetId)).key
  let newest = 0
  for await (const { key } of store.list({ bucket: state.bucket, prefix })) {
    const run = Number.parseInt(key.slice(prefix.length), 10)
    if (run > newest) newest = run
  }
  return newest
}

/** Whether a later run of the asset says that it is deleted; what an earlier one would make public stays away then. */
export async function isDeletedSince(store: ObjectStore, run: Place): Promise<boolean> {
  const cut = run.prefix.lastIndexOf('/') + 1
  const number = Number(run.prefix.slice(cut))
  for await (const { key } of store.list({ bucket: run.bucket, prefix: run.prefix.slice(0, cut) })) {
    const [later = '', record] = key.slice(cut).split('/')
    if (Number(later) <= number || record !== runKeys.final) continue
    if ((await readRecord<FinalRecord>(store, { bucket: run.bucket, key }))?.status === 'deleted') return true
  }
  return false
}

/** The last word of another run of the same asset. @param run Place of any of its runs. */
export function readLaterFinal(store: ObjectStore, run: Place, number: number): Promise<FinalRecord | null> {
  const runs = run.prefix.slice(0, run.prefix.lastIndexOf('/') + 1)
  return readFinal(store, { bucket: run.bucket, prefix: `${runs}${number}` })
}

/** `done/audio.json` gives `audio`. */
async function recordNames(store: ObjectStore, run: Place, folder: string): Promise<string[]> {
  const prefix = at(run, folder).key
  const names: string[] = []
  for await (const { key } of store.list({ bucket: run.bucket, prefix })) {
    if (key.endsWith('.json')) names.push(key.slice(prefix.length, -'.json'.length))
  }
  return names
}
