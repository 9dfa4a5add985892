/** A progressive MP4 of one rung and the sound, from the stored segments, without encoding again and without a file. */
import type { Mp4Job } from '../core/contract/job'
import type { Intent } from '../core/contract/intent'
import { outputKeys } from '../core/contract/keys'
import type { Mp4Marker } from '../core/contract/markers'
import { storeOnce } from '../core/state/records'
import { readMarker, writeMarker } from '../core/state/run-records'
import { progressiveFile } from '../media/mp4/progressive-layout'
import { attemptName, markerBase } from './attempt'
import type { WorkerContext } from './context'
import { languageTag } from './language-names'
import { mp4Bytes } from './mp4-media'
import { readMp4Track, type Mp4Track } from './mp4-tracks'
import { viewRun } from './run-view'
import { endSeconds, type JoinedTrack } from './timeline'

/**
 * The same segments give the same bytes, so all attempts share a key and the first to be through counts. An attempt that
 * fails or is aborted leaves nothing.
 */
export async function handleMp4(
  context: Pick<WorkerContext, 'store' | 'workerId' | 'now'>,
  job: Mp4Job,
  signal: AbortSignal,
): Promise<void> {
  const { store } = context
  if ((await readMarker<Mp4Marker>(store, job.state, job.part)) !== null) return
  const { intent, timeline } = await viewRun(store, job)
  const base = markerBase(job, attemptName(), context.workerId, context.now())
  const picture = timeline.tracks.filter(({ id }) => id === job.rungId)
  if (job.rungId !== null && picture.length === 0) {
    await writeMarker<Mp4Marker>(store, job.state, { ...base, ...LEFT_OUT, rungId: job.rungId })
    return
  }
  const sounds = soundsOf(intent)
  const joined = [...picture, ...timeline.tracks.filter(({ id, kind }) => kind === 'audio' && sounds.has(id))]
  const tracks: Mp4Track[] = []
  for (const track of joined) tracks.push(await readMp4Track(store, job.output, track, shownAs(track, intent)))
  const file = progressiveFile(tracks.map(({ track }) => track))
  const target = { output: job.output, key: outputKeys.mp4(job.rungId), contentType: 'video/mp4' }
  const chunks = mp4Bytes({ store, output: job.output, signal }, tracks, file)
  const object = await storeOnce(store, target, { bytes: file.bytes, chunks }, signal)
  const durationSeconds = Math.max(...joined.map(endSeconds))
  await writeMarker<Mp4Marker>(store, job.state, { ...base, rungId: job.rungId, object, durationSeconds })
}

/** Of an optional rung that could not be encoded. */
const LEFT_OUT = { object: null, durationSeconds: 0 } as const

/** All languages, in the ladder's first form: programs that open MP4 files rarely choose between forms. */
function soundsOf({ sounds }: Intent): Set<string> {
  const form = sounds[0]?.groups[0] ?? ''
  return new Set(sounds.flatMap(({ trackId, groups }) => (groups.includes(form) ? [trackId] : [])))
}

function shownAs({ id, kind }: JoinedTrack, { sounds }: Intent): Pick<Mp4Track['track'], 'language' | 'isEnabled'> {
  const sound = sounds.find(({ trackId }) => trackId === id)
  return { language: languageTag(sound?.language ?? null), isEnabled: kind === 'video' || sound?.isDefault === true }
}
