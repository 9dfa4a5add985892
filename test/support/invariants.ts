/** What must hold after every run, whatever was broken in it: found from the records, the outputs and the events alone. */
import { text } from 'node:stream/consumers'
import type { AnyEvent } from '../../core/contract/event'
import { isFailureCode } from '../../core/contract/errors'
import type { DeletedRecord, FinalRecord } from '../../core/contract/intent'
import { at, homeKeys, runKeys, stateKeys } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { readFinal, readIntent, runPlace } from '../../core/state/run-records'
import { brokenEarly, brokenPublication } from './invariants-published'

export interface Traces {
  store: ObjectStore
  state: Place
  /** Of the lifecycle, as a consumer got them, repeats included. */
  events: readonly AnyEvent[]
  /** What should have gone: jobs, uploads, processes, files of a scratch folder; each by a name. */
  left: readonly string[]
}

const LAST_WORDS = ['asset.published', 'asset.failed', 'asset.superseded', 'asset.cancelled', 'asset.deleted'] as const

/** @returns A line for each breach; none where all is as promised. */
export async function brokenInvariants(traces: Traces): Promise<string[]> {
  const { store, state, events, left } = traces
  const runs = await runsIn(store, state)
  const broken: string[] = left.map((name) => `left behind: ${name}`)
  for (const name of await namesBelow(store, state, stateKeys.openPrefix)) broken.push(`still open: ${name}`)
  for (const assetId of await admittedAssets(store, state)) {
    if (!runs.some((run) => run.assetId === assetId)) broken.push(`lost: ${assetId} was admitted and has no run`)
  }
  broken.push(...brokenIds(events))
  for (const { assetId, run } of events) {
    const isKnown = runs.some((one) => one.assetId === assetId && one.run === run)
    if (!isKnown) broken.push(`told of ${assetId}.${run}, which has no record`)
  }
  const deleted = await deletions(traces, runs)
  for (const one of runs) {
    const isDeleted = deleted.some(({ assetId, run }) => assetId === one.assetId && run > one.run)
    broken.push(...(await brokenRun(traces, one, isDeleted)))
  }
  for (const one of deleted) broken.push(...(await brokenDeletion(store, one, runs)))
  return [...new Set(broken)]
}

interface RunName {
  assetId: string
  run: number
}

/** @param isDeleted Whether a later run is the asset's deletion. */
async function brokenRun(
  { store, state, events }: Traces,
  { assetId, run }: RunName,
  isDeleted: boolean,
): Promise<string[]> {
  const place = runPlace(state, assetId, run)
  const name = `${assetId}.${run}`
  const [intent, final] = await Promise.all([readIntent(store, place), readFinal(store, place)])
  if (final === null) return [`${name} has no last word`]
  const told = events.filter((event) => event.assetId === assetId && event.run === run).map(({ type }) => type)
  const broken = brokenLastWord(name, final, told)
  for (const type of LAST_WORDS.filter((word) => word !== `asset.${final.status}`)) {
    if ((await store.head(at(place, runKeys.event(type)))) !== null)
      broken.push(`${name} has a second last word: ${type}`)
  }
  if (intent !== null) {
    for (const type of ['asset.accepted', 'asset.planned'] as const) {
      if (!told.includes(type)) broken.push(`${name} was not told: ${type}`)
    }
  }
  if (final.status === 'published' && !isDeleted) {
    if (intent === null) broken.push(`${name} is published without a plan`)
    else broken.push(...(await brokenPublication(store, place, intent, final)))
  }
  if (final.status !== 'published' && intent !== null) broken.push(...(await brokenEarly(store, intent)))
  return broken
}

async function deletions({ store, state }: Traces, runs: readonly RunName[]): Promise<DeletedRecord[]> {
  const finals = await Promise.all(runs.map(({ assetId, run }) => readFinal(store, runPlace(state, assetId, run))))
  return finals.filter((final) => final?.status === 'deleted')
}

/** Of a deleted asset nothing is stored; what a submission after it has made is of a later run. */
async function brokenDeletion(
  store: ObjectStore,
  { assetId, run, homes }: DeletedRecord,
  runs: readonly RunName[],
): Promise<string[]> {
  const isNewest = !runs.some((other) => other.assetId === assetId && other.run > run)
  const broken: string[] = []
  for (const { home } of homes) {
    const prefix = at(home, '').key
    for await (const { key } of store.list({ bucket: home.bucket, prefix })) {
      const name = key.slice(prefix.length)
      const ofRun = /^r(\d+)\//.exec(name)?.[1]
      const isPublic = Object.values(homeKeys).some((key) => key === name)
      if ((ofRun !== undefined && Number(ofRun) <= run) || (isPublic && isNewest)) {
        broken.push(`${assetId}.${run} is deleted, and ${name} is there`)
      }
    }
  }
  return broken
}

function brokenLastWord(name: string, final: FinalRecord, told: readonly string[]): string[] {
  const broken: string[] = []
  if (final.status === 'failed' && !isFailureCode(final.code)) broken.push(`${name} failed without a code of the table`)
  const words = [...new Set(told.filter((type) => LAST_WORDS.some((word) => word === type)))]
  const expected = `asset.${final.status}`
  if (words.length !== 1 || words[0] !== expected) {
    broken.push(`${name} was told to end as '${words.join(', ')}', its record says ${expected}`)
  }
  return broken
}

/** A repeat has the same id and the same bytes. */
function brokenIds(events: readonly AnyEvent[]): string[] {
  const known = new Map<string, string>()
  const broken: string[] = []
  for (const event of events) {
    const bytes = JSON.stringify(event)
    if ((known.get(event.id) ?? bytes) !== bytes) broken.push(`two events with the id ${event.id}`)
    known.set(event.id, bytes)
  }
  return broken
}

async function runsIn(store: ObjectStore, state: Place): Promise<RunName[]> {
  const names = new Set<string>()
  for (const key of await namesBelow(store, state, 'assets/')) {
    const [, assetId, run] = /^([^/]+)\/runs\/(\d+)\//.exec(key) ?? []
    if (assetId !== undefined) names.add(`${assetId}.${String(run)}`)
  }
  return [...names].map((name) => {
    const [assetId = '', run] = name.split('.')
    return { assetId, run: Number(run) }
  })
}

/** Assets that are what their key holds now; of those that others replaced the events tell. */
async function admittedAssets(store: ObjectStore, state: Place): Promise<string[]> {
  const keys = await namesBelow(store, state, 'sources/')
  const texts = await Promise.all(keys.map(async (key) => text(await store.read(at(state, `sources/${key}`)))))
  return texts.map((body) => (JSON.parse(body) as { assetId: string }).assetId)
}

async function namesBelow(store: ObjectStore, state: Place, folder: string): Promise<string[]> {
  const prefix = at(state, folder).key
  const names: string[] = []
  for await (const { key } of store.list({ bucket: state.bucket, prefix })) names.push(key.slice(prefix.length))
  return names
}
