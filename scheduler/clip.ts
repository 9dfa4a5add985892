/** Pure: what is asked for within a master's time, and the facts of a master of which only a part is wanted. */
import { GantryError } from '../core/contract/errors'
import type { Clip } from '../core/contract/request'
import type { SourceFacts } from '../core/contract/source'

/**
 * The same facts with the durations of the part. Bit rates stay those of the whole, and so does what depends on them.
 *
 * @throws API_REQUEST_INVALID for a clip that begins where the master has ended.
 */
export function clippedFacts(facts: SourceFacts, clip: Clip | null): SourceFacts {
  if (clip === null) return facts
  const { durationSeconds } = facts
  const { inSeconds } = clip
  if (durationSeconds !== null && inSeconds >= durationSeconds) {
    const what = `the clip begins at ${inSeconds} s, it must begin before the master ends (${durationSeconds} s)`
    throw new GantryError('API_REQUEST_INVALID', what)
  }
  const within = (seconds: number | null): number | null => {
    const outSeconds = Math.min(clip.outSeconds ?? Infinity, seconds ?? Infinity)
    return outSeconds === Infinity ? null : Math.max(0, outSeconds - inSeconds)
  }
  const { video, audio, otherAudio } = facts
  return {
    ...facts,
    durationSeconds: within(durationSeconds),
    video: video === null ? null : { ...video, durationSeconds: within(video.durationSeconds) },
    audio: audio === null ? null : { ...audio, durationSeconds: within(audio.durationSeconds) },
    otherAudio: otherAudio.map((track) => ({ ...track, durationSeconds: within(track.durationSeconds) })),
  }
}

/**
 * Of a master that does not tell its length the last picture is taken.
 *
 * @param facts Of what is made.
 * @throws API_REQUEST_INVALID for a poster from after the end.
 */
export function checkPoster(atSeconds: number | null, { durationSeconds }: SourceFacts): void {
  if (atSeconds === null || durationSeconds === null || atSeconds <= durationSeconds) return
  const what = `the poster is to be taken at ${atSeconds} s, it must be before the end (${durationSeconds} s)`
  throw new GantryError('API_REQUEST_INVALID', what)
}
