/** The machines that encode, one record for all that are alike: workers write them, the planner reads them. */
import { createHash } from 'node:crypto'
import { isCounted, isMachineRecord, type MachineKind, type MachineRecord } from '../contract/fleet'
import { at, stateKeys } from '../contract/keys'
import type { ObjectAt, Place } from '../contract/source'
import type { ObjectStore } from '../ports/object-store'
import { readPinned, replaceRecord } from './records'

export interface FoundMachine {
  /** Null for what is no such record. */
  record: MachineRecord | null
  etag: string
}

export function findMachine(store: ObjectStore, state: Place, kind: MachineKind): Promise<FoundMachine | null> {
  return readMachine(store, at(state, stateKeys.machine(nameOf(kind))))
}

/**
 * Any number of workers of one kind that start at once leave one record: of those that found the same, the first counts.
 *
 * @param found What `findMachine` gave.
 */
export async function noteMachine(
  store: ObjectStore,
  state: Place,
  record: MachineRecord,
  found: FoundMachine | null,
): Promise<void> {
  await replaceRecord(store, at(state, stateKeys.machine(nameOf(record))), record, found?.etag ?? null)
}

/** More kinds than any fleet has; what is beyond is not looked at. */
const MAX_MACHINES = 32

/** Records in the order of their keys, and the keys of those that are none. */
export async function readMachines(
  store: ObjectStore,
  state: Place,
): Promise<{ records: MachineRecord[]; broken: string[] }> {
  const keys = await machineKeys(store, state)
  const found = await Promise.all(keys.map((key) => readMachine(store, { bucket: state.bucket, key })))
  return {
    records: found.flatMap((one) => (one === null || one.record === null ? [] : [one.record])),
    broken: keys.filter((_, index) => found[index]?.record === null),
  }
}

/** Removes what does not count any more, so that the records stay few. */
export async function dropOldMachines(store: ObjectStore, state: Place, now: Date): Promise<void> {
  for (const key of await machineKeys(store, state)) {
    const found = await readMachine(store, { bucket: state.bucket, key })
    const isOld = found !== null && (found.record === null || !isCounted(found.record, now))
    if (isOld) await store.remove({ bucket: state.bucket, key })
  }
}

async function machineKeys(store: ObjectStore, state: Place): Promise<string[]> {
  const keys: string[] = []
  const prefix = at(state, stateKeys.machinesPrefix).key
  for await (const { key } of store.list({ bucket: state.bucket, prefix })) {
    keys.push(key)
    if (keys.length === MAX_MACHINES) break
  }
  return keys
}

async function readMachine(store: ObjectStore, where: ObjectAt): Promise<FoundMachine | null> {
  const found = await readPinned(store, where)
  if (found === null) return null
  return { record: machineIn(found.body), etag: found.etag }
}

function machineIn(body: string): MachineRecord | null {
  try {
    const value: unknown = JSON.parse(body)
    return isMachineRecord(value) ? value : null
  } catch {
    return null
  }
}

function nameOf({ cpu, arch, ffmpegBuild, encoderThreads }: MachineKind): string {
  const words = JSON.stringify([cpu, arch, ffmpegBuild, encoderThreads])
  return createHash('sha256').update(words).digest('hex').slice(0, 20)
}
