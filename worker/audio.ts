/** Encodes one sound track whole. */
import type { Readable } from 'node:stream'
import { GantryError } from '../core/contract/errors'
import type { AudioJob } from '../core/contract/job'
import type { AudioMarker, SoundLoudness } from '../core/contract/markers'
import { toNumber } from '../core/contract/rational'
import type { Attempt } from '../core/ports/job-queue'
import { readMarker, writeMarker } from '../core/state/run-records'
import { attemptName, markerBase } from './attempt'
import type { WorkerContext } from './context'
import { encode, type Encoded } from './encode'
import { AUDIO_FRAGMENT_SECONDS, audioCommand } from './ffmpeg/audio-args'
import { gainFor, type Gain } from './gain'
import { measureLoudness, readMeter } from './loudness'

export async function handleAudio(context: WorkerContext, job: AudioJob, lease: Attempt): Promise<void> {
  if ((await readMarker<AudioMarker>(context.store, job.state, job.part)) !== null) return
  const attempt = attemptName()
  const { encoded, loudness } = await encodeLoud(context, job, attempt, lease)
  const [track] = encoded.tracks
  if (track === undefined) throw new GantryError('FFMPEG_NO_OUTPUT', `no sound came out of part '${job.part}'`)
  const base = markerBase(job, attempt, context.workerId, context.now())
  const { receipt } = encoded
  await writeMarker<AudioMarker>(context.store, job.state, { ...base, track, loudness, receipt })
}

async function encodeLoud(
  context: WorkerContext,
  job: AudioJob,
  attempt: string,
  lease: Attempt,
): Promise<{ encoded: Encoded; loudness: SoundLoudness | null }> {
  const targetLufs = job.encode.loudnessLufs
  if (targetLufs === null) {
    return { encoded: await encode(context, encodePlan(job, attempt, null), lease), loudness: null }
  }
  const before = await measureLoudness(context, job, attempt, lease)
  const gain = gainFor(before, targetLufs)
  let afterLufs: number | null = null
  const meter = async (pipe: Readable): Promise<void> => void (afterLufs = (await readMeter(pipe)).integratedLufs)
  const encoded = await encode(context, { ...encodePlan(job, attempt, gain), meter }, lease)
  return { encoded, loudness: { targetLufs, beforeLufs: before.integratedLufs, afterLufs, gainDb: gain.decibels } }
}

function encodePlan(job: AudioJob, attempt: string, gain: Gain | null): Parameters<typeof encode>[1] {
  return {
    ...{ job, attempt, startSeconds: 0 },
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
  }
}
