/** Takes the text tracks out of a master and stores each as WebVTT, whole and in segments. */
import type { Readable } from 'node:stream'
import { GantryError } from '../core/contract/errors'
import {
  CAPTION_SEGMENT_SECONDS,
  TIMELINE_OFFSET_SECONDS,
  type CaptionsJob,
  type CaptionTrack,
} from '../core/contract/job'
import { outputKeys } from '../core/contract/keys'
import type { CaptionsMarker, StoredCaptions, StoredObject } from '../core/contract/markers'
import type { Attempt } from '../core/ports/job-queue'
import { storeOnce } from '../core/state/records'
import { readMarker, writeMarker } from '../core/state/run-records'
import { cutCaptions, parseCaptions, writeCaptions, writeCaptionsSegment, type CaptionCue } from '../media/captions'
import { attemptName, markerBase } from './attempt'
import type { WorkerContext } from './context'
import { captionsCommand } from './ffmpeg/captions-args'
import { runOnMaster } from './on-master'

/** The text of the longest films has some 200 kB. */
const MAX_TEXT_BYTES = 16 * 2 ** 20
/** Cues beyond the end of any title are damage. */
const LEAST_END_SECONDS = 24 * 3_600

const TEXT_TYPE = 'text/vtt'

export async function handleCaptions(context: WorkerContext, job: CaptionsJob, lease: Attempt): Promise<void> {
  if ((await readMarker<CaptionsMarker>(context.store, job.state, job.part)) !== null) return
  const { source, limits, tracks } = job
  const { signal } = lease
  const attempt = attemptName()
  const texts = new Map<string, string>()
  const receipt = await runOnMaster(context, {
    ...{ source, limits, signal, folderName: attempt, isSparse: true },
    command: (input) => captionsCommand(job, input),
    consumers: tracks.map((track) => async (pipe) => void texts.set(track.id, await readText(pipe, track))),
  })
  const stored: StoredCaptions[] = []
  for (const { id } of tracks)
    stored.push(await storeCaptions(context, job, id, parseCaptions(texts.get(id) ?? ''), signal))
  const base = markerBase(job, attempt, context.workerId, context.now())
  await writeMarker<CaptionsMarker>(context.store, job.state, { ...base, tracks: stored, receipt })
}

/** @throws SOURCE_TOO_LARGE over the limit. */
async function readText(pipe: Readable, { streamIndex }: CaptionTrack): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of pipe as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > MAX_TEXT_BYTES) {
      const what = `the text of track ${streamIndex} has more than the ${MAX_TEXT_BYTES} bytes allowed`
      throw new GantryError('SOURCE_TOO_LARGE', what)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Segments without a cue are one object, however many there are. */
async function storeCaptions(
  { store }: WorkerContext,
  { output, limits }: CaptionsJob,
  id: string,
  cues: readonly CaptionCue[],
  signal: AbortSignal,
): Promise<StoredCaptions> {
  const put = (key: string, text: string): Promise<StoredObject> =>
    storeOnce(store, { output, key, contentType: TEXT_TYPE }, Buffer.from(text), signal)
  const untilSeconds = Math.max(LEAST_END_SECONDS, 2 * (limits.durationSeconds ?? 0))
  const file = await put(outputKeys.captionsFile(id), writeCaptions(cues))
  const none = await put(outputKeys.noCaptions(id), writeCaptionsSegment([], TIMELINE_OFFSET_SECONDS))
  const segments: StoredObject[] = []
  for (const [number, shown] of cutCaptions(cues, CAPTION_SEGMENT_SECONDS, untilSeconds).entries()) {
    const text = writeCaptionsSegment(shown, TIMELINE_OFFSET_SECONDS)
    segments.push(shown.length === 0 ? none : await put(outputKeys.captionsSegment(id, number), text))
  }
  const endMs = cues.reduce((latest, cue) => Math.max(latest, cue.endMs), 0)
  return { id, cues: cues.length, endSeconds: endMs / 1_000, file, segments, none }
}
