/** Encodes one sound track whole. */
import { GantryError } from '../core/contract/errors'
import type { AudioJob } from '../core/contract/job'
import type { AudioMarker } from '../core/contract/markers'
import { toNumber } from '../core/contract/rational'
import type { Attempt } from '../core/ports/job-queue'
import { readMarker, writeMarker } from '../core/state/run-records'
import { attemptName, markerBase } from './attempt'
import type { WorkerContext } from './context'
import { encode } from './encode'
import { AUDIO_FRAGMENT_SECONDS, audioCommand, NO_GAIN } from './ffmpeg/audio-args'
import { gainFor, measureLoudness } from './loudness'

export async function handleAudio(context: WorkerContext, job: AudioJob, lease: Attempt): Promise<void> {
  if ((await readMarker<AudioMarker>(context.store, job.state, job.part)) !== null) return
  const attempt = attemptName()
  const { loudnessLufs } = job.encode
  const gain =
    loudnessLufs === null ? NO_GAIN : gainFor(await measureLoudness(context, job, attempt, lease), loudnessLufs)
  const { tracks, receipt } = await encode(
    context,
    {
      job,
      attempt,
      startSeconds: 0,
      command: (input) => audioCommand(job, input, gain),
      tracks: [
        {
          kind: 'audio',
          id: job.encode.id,
          folder: `whole-${attempt}`,
          segmentSeconds: toNumber(job.segmentSeconds),
          picture: null,
          slackSeconds: AUDIO_FRAGMENT_SECONDS / 2,
        },
      ],
    },
    lease,
  )
  const [track] = tracks
  if (track === undefined) throw new GantryError('FFMPEG_NO_OUTPUT', `no sound came out of part '${job.part}'`)
  const base = markerBase(job, attempt, context.workerId, context.now())
  await writeMarker<AudioMarker>(context.store, job.state, { ...base, track, receipt })
}
