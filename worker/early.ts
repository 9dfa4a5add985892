/**
 * Plays while it is encoded: after each piece, playlists that are public already grow by what follows without a gap, and
 * once each rendition has a beginning `early.m3u8` is shown and told. The playlists themselves are the record of what was
 * listed; every write is on condition of what was looked at, so any number of workers may do this at once.
 */
import { GantryError } from '../core/contract/errors'
import type { Intent } from '../core/contract/intent'
import type { AudioJob, Job, VideoPieceJob } from '../core/contract/job'
import { at, runKeys } from '../core/contract/keys'
import type { AudioMarker, VideoPieceMarker } from '../core/contract/markers'
import type { ObjectStore } from '../core/ports/object-store'
import { isConflict, readRecord, RECORD_TRIES, writeRecord } from '../core/state/records'
import { readFinal, readIntent, readMarker } from '../core/state/run-records'
import { endsWhereNextBegins, grow, lastListedPiece, NOTHING_LISTED, type MadeTrack } from './early-growth'
import { checkStored, createLists } from './early-lists'
import { earlyMultivariant, earlyPlanOf, type EarlyPlan } from './early-plan'
import { showEarly, type EarlyContext } from './early-shown'
import { joinGroups } from './slice-groups'
import { joinPictures, type JoinedTrack } from './timeline'
import type { StoredSoFar } from './track-sink'

type EncodeJob = VideoPieceJob | AudioJob

/** @returns The plan where its ladder asks for this, else null. */
export async function readEarlyIntent(store: ObjectStore, job: Job): Promise<Intent | null> {
  const intent = await readIntent(store, job.state)
  return intent?.packaging?.early === true ? intent : null
}

/** After a part is done. What goes wrong here is made up for after the next part, and at the latest by the publication. */
export async function growAfter(context: EarlyContext, job: EncodeJob, signal: AbortSignal): Promise<void> {
  try {
    const intent = await readEarlyIntent(context.store, job)
    if (intent !== null) await growThrough(context, job, intent, signal)
  } catch (error) {
    if (signal.aborted) return
    context.log.warn({ err: error, part: job.part }, 'early playlists not grown')
  }
}

/** Of workers that meet one is through; the others look again, since they may know of more. */
async function growThrough(context: EarlyContext, job: EncodeJob, intent: Intent, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await growEarly(context, job, intent, signal)
      return
    } catch (error) {
      if (!isConflict(error) || tries === RECORD_TRIES) throw error
    }
  }
}

/**
 * Of a sound that is being encoded: what is stored so far is recorded each time that it has doubled, so that a long one costs a
 * dozen records.
 */
export function soundSoFar(context: EarlyContext, job: AudioJob, intent: Intent, signal: AbortSignal) {
  let recorded = 0
  return async (soFar: StoredSoFar): Promise<void> => {
    if (soFar.segments.length < Math.max(FIRST_SOUND_SEGMENTS, 2 * recorded)) return
    recorded = soFar.segments.length
    try {
      await writeRecord(context.store, at(job.state, runKeys.early(job.part)), { v: 1, track: soFar })
      await growThrough(context, job, intent, signal)
    } catch (error) {
      if (signal.aborted) throw error
      context.log.warn({ err: error, part: job.part }, 'early playlists not grown')
    }
  }
}

/** As many as the first piece of the picture has, and the one behind them, by which it is known how long they last. */
const FIRST_SOUND_SEGMENTS = 3

async function growEarly(
  context: EarlyContext,
  { output, state }: EncodeJob,
  intent: Intent,
  signal: AbortSignal,
): Promise<void> {
  const { store } = context
  if ((await readFinal(store, state)) !== null) return
  const plan = earlyPlanOf(intent)
  const sounds = await madeSounds(store, { state }, plan)
  if (sounds === null) return
  const lists = createLists(store, output)
  const from = Math.min(
    ...(await Promise.all(plan.rungs.map(({ id }) => lists.read('video', id)))).map(lastListedPiece),
  )
  const pictures = await madePictures(store, { state }, intent, plan, from)
  const made = [...pictures, ...sounds]
  if (made.length < plan.rungs.length + sounds.length || made.length === 0) return
  const listed = await Promise.all(made.map(({ kind, id }) => lists.read(kind, id)))
  const lines = made.map((track, index) => grow(listed[index] ?? NOTHING_LISTED, track, plan.targetSeconds))
  // Nothing is public before each rendition has something to play.
  if (lines.some((one, index) => one === null && listed[index]?.entries.length === 0)) return
  const grown = lines.filter((one) => one !== null)
  await checkStored(store, output, grown)
  await allOf(grown.map((one) => lists.write(one, signal)))
  const codecs = new Map(made.map(({ id, codec }) => [id, codec]))
  await showEarly(context, { state }, intent, earlyMultivariant(intent, plan, codecs), signal)
}

/** Waits for all, also where one fails: none goes on behind the caller's back. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

type Made = MadeTrack & { codec: string }

/** @returns Null as long as one of the sounds has nothing to play, and may still get it. */
async function madeSounds(
  store: ObjectStore,
  { state }: Pick<Job, 'state'>,
  { sounds }: EarlyPlan,
): Promise<Made[] | null> {
  const made: Made[] = []
  for (const { part } of sounds) {
    const marker = await readMarker<AudioMarker>(store, state, part)
    if (marker !== null && marker.track === null) continue
    const record =
      marker === null ? await readRecord<{ track: StoredSoFar }>(store, at(state, runKeys.early(part))) : marker
    if (record === null || record.track === null) return null
    made.push({ ...record.track, kind: 'audio', endIsKnown: marker !== null })
  }
  return made
}

/**
 * Rungs from a piece on to the first that is missing.
 *
 * @throws FFMPEG_OUTPUT_INVALID when pieces do not join, which the join says too.
 */
async function madePictures(
  store: ObjectStore,
  { state }: Pick<Job, 'state'>,
  intent: Intent,
  { slices, rungs }: EarlyPlan,
  from: number,
): Promise<Made[]> {
  const markers: VideoPieceMarker[] = []
  let endIsKnown = true
  for (const jobs of slices.filter(([job]) => (job?.slice.index ?? 0) >= from)) {
    const found = await Promise.all(jobs.map(({ part }) => readMarker<VideoPieceMarker>(store, state, part)))
    const done = found.filter((marker) => marker !== null)
    if (done.length < jobs.length) break
    markers.push(...done)
    endIsKnown = jobs.every(({ slice, picture }) => endsWhereNextBegins(slice, picture))
  }
  const offered = joinGroups(markers, intent)
    .filter(({ tracks }) => tracks.length > 0)
    .map((piece) => ({ ...piece, tracks: piece.tracks.filter(({ id }) => rungs.some((rung) => rung.id === id)) }))
  return joinPictures(offered).map((track) => ({ ...madeOf(track), endIsKnown }))
}

function madeOf({ id, kind, pieces, segments, timescaleHz }: JoinedTrack): Omit<Made, 'endIsKnown'> {
  const [first] = pieces
  if (first === undefined) throw new GantryError('QUEUE_INTERNAL', `rendition '${id}' has no piece`)
  return { id, kind, init: first.init, codec: first.codec, timescaleHz, segments }
}
