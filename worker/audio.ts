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
import { readEarlyIntent, soundSoFar } from './early'
import { encode, type Encoded, type EncodePlan, type PlannedTrack } from './encode'
import { AUDIO_FRAGMENT_SECONDS, audioCommand } from './ffmpeg/audio-args'
import { gainFor, type Gain } from './gain'
import { measureLoudness, readMeter } from './loudness'
import { takeOver } from './take-over'

export async function handleAudio(context: WorkerContext, job: AudioJob, lease: Attempt): Promise<void> {
  if ((await readMarker<AudioMarker>(context.store, job.state, job.part)) !== null) return
  if (await takeOver(context, job, lease.signal)) return
  const attempt = attemptName()
  const made = await encodeSound(context, job, attempt, lease).catch((error: unknown) => {
    if (job.isRequired || !hasNothing(error)) throw error
    context.log.warn({ part: job.part }, 'there is nothing in this sound track')
    return { track: null, loudness: null, receipt: null }
  })
  const base = markerBase(job, attempt, context.workerId, context.now())
  await writeMarker<AudioMarker>(context.store, job.state, { ...base, ...made })
}

/** A track whose packets are there and cannot be decoded ends otherwise: damage is no silence. */
function hasNothing(error: unknown): boolean {
  return error instanceof GantryError && error.code === 'FFMPEG_NO_OUTPUT'
}

async function encodeSound(
  context: WorkerContext,
  job: AudioJob,
  attempt: string,
  lease: Attempt,
): Promise<Pick<AudioMarker, 'track' | 'loudness' | 'receipt'>> {
  const { encoded, loudness } = await encodeLoud(context, job, attempt, lease)
  const [track] = encoded.tracks
  if (track === undefined) throw new GantryError('FFMPEG_NO_OUTPUT', `no sound came out of part '${job.part}'`)
  return { track, loudness, receipt: encoded.receipt }
}

async function encodeLoud(
  context: WorkerContext,
  job: AudioJob,
  attempt: string,
  lease: Attempt,
): Promise<{ encoded: Encoded; loudness: SoundLoudness | null }> {
  const targetLufs = job.encode.loudnessLufs
  const intent = await readEarlyIntent(context.store, job)
  const onStored = intent === null ? undefined : soundSoFar(context, job, intent, lease.signal)
  if (targetLufs === null) {
    return { encoded: await encode(context, encodePlan(job, attempt, null, onStored), lease), loudness: null }
  }
  const before = await measureLoudness(context, job, attempt, lease)
  const gain = gainFor(before, targetLufs)
  let afterLufs: number | null = null
  const meter = async (pipe: Readable): Promise<void> => void (afterLufs = (await readMeter(pipe)).integratedLufs)
  const encoded = await encode(context, { ...encodePlan(job, attempt, gain, onStored), meter }, lease)
  return { encoded, loudness: { targetLufs, beforeLufs: before.integratedLufs, afterLufs, gainDb: gain.decibels } }
}

function encodePlan(job: AudioJob, attempt: string, gain: Gain | null, onStored: PlannedTrack['onStored']): EncodePlan {
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
        ...(onStored !== undefined && { onStored }),
      },
    ],
  }
}
