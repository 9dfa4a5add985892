/** The early playlist at its stable address: of which run it is, and when it goes. */
import type { Intent } from '../core/contract/intent'
import type { Job, PublishJob } from '../core/contract/job'
import { at, homeKeys, outputKeys, runKeys, runOfEarly } from '../core/contract/keys'
import { GROWING } from '../core/contract/playlist-objects'
import type { ObjectStore } from '../core/ports/object-store'
import { claimEvent } from '../core/state/outbox'
import { changesAllTheTime, readPinned, RECORD_TRIES, replaceObject } from '../core/state/records'
import { isDeletedSince, readFinal } from '../core/state/run-records'
import { writeMediaPlaylist } from '../media/hls/media-playlist'
import type { WorkerContext } from './context'
import { earlyMultivariant, earlyPlanOf } from './early-plan'
import { listedFrom } from './publication'
import type { RunView } from './run-view'

export type EarlyContext = Pick<WorkerContext, 'store' | 'log' | 'now' | 'tellChanged'>

/** Shows the run, unless a newer one is shown or this one is over, and tells of it once. */
export async function showEarly(
  context: EarlyContext,
  { state }: Pick<Job, 'state'>,
  intent: Intent,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const { store } = context
  const placed = await placeEarly(store, intent, text, signal)
  if (placed === 'newer') return
  // Who closes a run takes its early playlist away; one that came after that does it itself.
  if (placed === 'now' && (await isOver(store, { state }))) {
    await store.remove(at(intent.home, homeKeys.early))
    return
  }
  await claimPlayable(context, state, intent, text)
}

/** @returns `newer` where a newer run is shown, which stays; `before` where this one was shown already. */
async function placeEarly(
  store: ObjectStore,
  intent: Intent,
  text: string,
  signal: AbortSignal,
): Promise<'newer' | 'before' | 'now'> {
  const where = at(intent.home, homeKeys.early)
  for (let tries = 0; tries < RECORD_TRIES; tries += 1) {
    const found = await readPinned(store, where)
    if (found !== null && runOfEarly(found.body) > intent.run) return 'newer'
    if (found?.body === text) return 'before'
    if (await replaceObject(store, where, Buffer.from(text), { ...GROWING, signal }, found?.etag ?? null)) return 'now'
  }
  throw changesAllTheTime(where)
}

async function claimPlayable(
  { store, now, tellChanged }: Pick<EarlyContext, 'store' | 'now' | 'tellChanged'>,
  state: Job['state'],
  intent: Intent,
  text: string,
): Promise<void> {
  if ((await store.head(at(state, runKeys.event('asset.playable')))) !== null) return
  const { assetId, run, home } = intent
  const plan = earlyPlanOf(intent)
  const ids = [...plan.rungs, ...plan.sounds.map(({ encode }) => encode)].map(({ id }) => id)
  await claimEvent(
    store,
    state,
    'asset.playable',
    { assetId, run, at: now().toISOString() },
    {
      early: store.locate(at(home, homeKeys.early)),
      renditions: ids.filter((id) => text.includes(`/${id}/early.m3u8`)),
    },
  )
  // In the middle of a long sound no job ends for a while, by which a scheduler would hear of it.
  tellChanged(assetId)
}

/**
 * At the publication: the playlists that grew get what they lack and their end, also where none was shown before. The early
 * playlist of a run before, where this one has none, goes: what it names is older than what is public.
 */
export async function endEarly(
  context: EarlyContext,
  { output, state }: PublishJob,
  { intent, timeline }: Pick<RunView, 'intent' | 'timeline'>,
  signal: AbortSignal,
): Promise<void> {
  const { store } = context
  if (intent.packaging?.early !== true) return removeEarlier(store, intent)
  const plan = earlyPlanOf(intent)
  const offered = new Set([...plan.rungs, ...plan.sounds.map(({ encode }) => encode)].map(({ id }) => id))
  const tracks = timeline.tracks.filter(({ id }) => offered.has(id))
  for (const track of tracks) {
    const key = outputKeys.earlyPlaylist(track.kind, track.id)
    const { targetSeconds } = plan
    const text = writeMediaPlaylist({ ...listedFrom(track), targetSeconds, growth: 'grown' })
    await store.write(at(output, key), Buffer.from(text), { ...GROWING, signal })
  }
  const codecs = new Map(tracks.map(({ id, pieces }) => [id, pieces[0]?.codec ?? '']))
  const text = earlyMultivariant(intent, plan, codecs)
  if ((await placeEarly(store, intent, text, signal)) !== 'newer') await claimPlayable(context, state, intent, text)
}

async function removeEarlier(store: ObjectStore, { home, run }: Intent): Promise<void> {
  const where = at(home, homeKeys.early)
  const found = await readPinned(store, where)
  if (found === null) return
  const of = runOfEarly(found.body)
  if (of > 0 && of < run) await store.remove(where)
}

/** A run that is published meanwhile keeps its early playlist, to which its publisher gives an end. */
async function isOver(store: ObjectStore, { state }: Pick<Job, 'state'>): Promise<boolean> {
  const final = await readFinal(store, state)
  return (final !== null && final.status !== 'published') || (await isDeletedSince(store, state))
}
