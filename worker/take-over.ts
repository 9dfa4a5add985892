/** Takes over what an earlier run of the asset has made of the same numbers: objects by copies in the store, then the marker. */
import { asGantryError } from '../core/contract/errors'
import type { AudioJob, CaptionsJob, VideoPieceJob } from '../core/contract/job'
import { at } from '../core/contract/keys'
import { objectsOf } from '../core/contract/marked-objects'
import type { AudioMarker, CaptionsMarker, StoredObject, VideoPieceMarker } from '../core/contract/markers'
import { readMarker, writeMarker } from '../core/state/run-records'
import { attemptName } from './attempt'
import type { WorkerContext } from './context'
import { progressReporter } from './progress-events'

type Context = Pick<WorkerContext, 'store' | 'sink' | 'log' | 'ffmpegBuild' | 'now'>

type EncodedMarker = VideoPieceMarker | AudioMarker | CaptionsMarker

/** Copies at once; each is a small request to a store that does the work itself. */
const COPIES_AT_ONCE = 16

/**
 * Any number of times: the same bytes go to the same keys. The earlier run may be removed afterwards.
 *
 * @returns False where it is not there any more, or not as it was: then the part is to be made anew. What was copied
 * until then is garbage that no marker names.
 */
export async function takeOver(
  context: Context,
  job: VideoPieceJob | AudioJob | CaptionsJob,
  signal: AbortSignal,
): Promise<boolean> {
  const { reuse } = job
  if (reuse === undefined) return false
  const earlier = await readMarker<EncodedMarker>(context.store, reuse.state, reuse.part)
  const taken = earlier === null ? null : wantedOf(job, earlier)
  const build = taken?.receipt?.ffmpegBuild ?? context.ffmpegBuild
  const isUsable = taken !== null && (reuse.anyBuild || build === context.ffmpegBuild)
  if (!isUsable || !(await copyAll(context, job, objectsOf(taken), signal))) {
    context.log.info({ part: job.part, earlierRun: reuse.run }, 'not taken over; it is made anew')
    return false
  }
  const { takenFrom = reuse.run } = taken
  await writeMarker(context.store, job.state, { ...taken, part: job.part, takenFrom })
  if (job.kind !== 'captions') await tellDone(context, job, taken)
  context.log.info({ part: job.part, earlierRun: reuse.run }, 'taken over')
  return true
}

/** The marker as this job would leave it, or null where something is missing in it. Pure. */
export function wantedOf(job: VideoPieceJob | AudioJob | CaptionsJob, earlier: EncodedMarker): EncodedMarker | null {
  if (job.kind !== earlier.kind) return null
  if (earlier.kind !== 'video-piece' || job.kind !== 'video-piece') return earlier
  // Of a master that could not be copied the first piece has all; another has nothing, and that is taken over, too.
  if (earlier.tracks.length === 0) return earlier
  const tracks = job.rungs.map(({ id }) => earlier.tracks.find((track) => track.id === id))
  const found = tracks.filter((track) => track !== undefined)
  return found.length < tracks.length ? null : { ...earlier, tracks: found, leftOut: null }
}

/** @returns False when one is not there, or has another length than was written. */
async function copyAll(
  { store }: Context,
  { reuse, output }: VideoPieceJob | AudioJob | CaptionsJob,
  objects: readonly StoredObject[],
  signal: AbortSignal,
): Promise<boolean> {
  if (reuse === undefined) return false
  const copyOne = async ({ key, bytes }: StoredObject): Promise<boolean> => {
    signal.throwIfAborted()
    try {
      const copied = await store.copy(at(reuse.output, key), at(output, key), { caching: 'immutable', signal })
      return copied.bytes === bytes
    } catch (thrown) {
      const { code } = asGantryError(thrown)
      if (code === 'STORE_NOT_FOUND' || code === 'SOURCE_CHANGED') return false
      throw thrown
    }
  }
  for (let from = 0; from < objects.length; from += COPIES_AT_ONCE) {
    const copied = await Promise.all(objects.slice(from, from + COPIES_AT_ONCE).map(copyOne))
    if (copied.includes(false)) return false
  }
  return true
}

async function tellDone(context: Context, job: VideoPieceJob | AudioJob, marker: EncodedMarker): Promise<void> {
  const report = progressReporter(context, job, attemptName())
  const tracks = marker.kind === 'video-piece' ? marker.tracks : marker.kind === 'audio' ? [marker.track] : []
  for (const track of tracks) if (track !== null) await report.done(track)
}
