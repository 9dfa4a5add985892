/** What a finishing job knows of its run: the plan and the markers of all encodes. */
import { GantryError } from '../core/contract/errors'
import type { Intent } from '../core/contract/intent'
import type { Job } from '../core/contract/job'
import type { AudioMarker, CaptionsMarker, RemuxMarker, VideoPieceMarker } from '../core/contract/markers'
import type { ObjectStore } from '../core/ports/object-store'
import { readIntent, readMarker } from '../core/state/run-records'
import { required } from './attempt'
import { joinGroups } from './slice-groups'
import { joinTimeline, type JoinedTrack, type Timeline } from './timeline'

export interface RunView {
  intent: Intent
  /** Null where the master itself is read. */
  copy: RemuxMarker | null
  pieces: readonly VideoPieceMarker[]
  sounds: readonly AudioMarker[]
  /** One where the plan has text tracks. */
  captions: readonly CaptionsMarker[]
  timeline: Timeline
}

/** @throws STORE_NOT_FOUND when the job came before its time; FFMPEG_OUTPUT_INVALID when the pieces do not join. */
export async function viewRun(store: ObjectStore, job: Job): Promise<RunView> {
  const intent = await readIntent(store, job.state)
  if (intent === null) throw new GantryError('STORE_NOT_FOUND', `the plan of ${job.assetId} run ${job.run} is gone`)
  const pieces: VideoPieceMarker[] = []
  const sounds: AudioMarker[] = []
  const captions: CaptionsMarker[] = []
  let copy: RemuxMarker | null = null
  for (const { kind, part } of intent.jobs) {
    if (kind === 'remux') copy = required(await readMarker<RemuxMarker>(store, job.state, part), part)
    if (kind === 'video-piece') pieces.push(required(await readMarker<VideoPieceMarker>(store, job.state, part), part))
    if (kind === 'audio') sounds.push(required(await readMarker<AudioMarker>(store, job.state, part), part))
    if (kind === 'captions') {
      captions.push(required(await readMarker<CaptionsMarker>(store, job.state, part), part))
    }
  }
  const timeline = joinTimeline(joinGroups(withPictures(pieces), intent), sounds, intent)
  return { intent, copy, pieces, sounds, captions, timeline }
}

/** Without those that had nothing to encode: the master has no picture there, or the first piece has taken all of it. */
function withPictures(pieces: readonly VideoPieceMarker[]): VideoPieceMarker[] {
  return pieces.filter(({ tracks }) => tracks.length > 0)
}

/** Init segment and all media segments of a rendition, in order: together one fragmented MP4. */
export function objectsOf(track: JoinedTrack): { key: string; bytes: number }[] {
  const init = track.pieces[0]?.init
  return [...(init === undefined ? [] : [init]), ...track.segments].map(({ key, bytes }) => ({ key, bytes }))
}
