/** Takes texts out of a master, or from a file beside it, and stores each as WebVTT, whole and in segments. */
import type { Readable } from 'node:stream'
import { GantryError } from '../core/contract/errors'
import {
  CAPTION_SEGMENT_SECONDS,
  TIMELINE_OFFSET_SECONDS,
  type CaptionsJob,
  type CaptionSource,
} from '../core/contract/job'
import { outputKeys } from '../core/contract/keys'
import type { CaptionsMarker, EncodeReceipt, StoredCaptions, StoredObject } from '../core/contract/markers'
import { MAX_SIDECAR_BYTES, type Clip } from '../core/contract/request'
import type { Attempt } from '../core/ports/job-queue'
import { storeOnce } from '../core/state/records'
import { readMarker, writeMarker } from '../core/state/run-records'
import {
  clipCaptions,
  cutCaptions,
  parseCaptions,
  writeCaptions,
  writeCaptionsSegment,
  type CaptionCue,
} from '../media/captions'
import { decodeText, isText, parseSubRip } from '../media/subrip'
import { attemptName, markerBase } from './attempt'
import type { WorkerContext } from './context'
import { captionsCommand } from './ffmpeg/captions-args'
import { runOnMaster } from './on-master'
import { takeOver } from './take-over'

/** Cues beyond the end of any title are damage. */
const LEAST_END_SECONDS = 24 * 3_600

const TEXT_TYPE = 'text/vtt'

export async function handleCaptions(context: WorkerContext, job: CaptionsJob, lease: Attempt): Promise<void> {
  if ((await readMarker<CaptionsMarker>(context.store, job.state, job.part)) !== null) return
  if (await takeOver(context, job, lease.signal)) return
  const attempt = attemptName()
  const { texts, receipt } =
    'sidecar' in job.from
      ? { texts: [await sidecarText(context, job.from)], receipt: null }
      : await masterTexts(context, job, job.from, attempt, lease.signal)
  const tracks: StoredCaptions[] = []
  for (const { id, cues } of texts) tracks.push(await storeCaptions(context, job, id, cues, lease.signal))
  const base = markerBase(job, attempt, context.workerId, context.now())
  await writeMarker<CaptionsMarker>(context.store, job.state, { ...base, tracks, receipt })
}

interface Text {
  id: string
  cues: readonly CaptionCue[]
}

/** All of them in one reading of the master. */
async function masterTexts(
  context: WorkerContext,
  { limits }: CaptionsJob,
  { source, tracks }: Extract<CaptionSource, { tracks: unknown }>,
  attempt: string,
  signal: AbortSignal,
): Promise<{ texts: Text[]; receipt: EncodeReceipt }> {
  const texts: Text[] = []
  const receipt = await runOnMaster(context, {
    ...{ source, limits, signal, folderName: attempt, isSparse: true },
    command: (input) => captionsCommand(source, tracks, input),
    consumers: tracks.map(({ id, streamIndex }, index) => async (pipe) => {
      const bytes = await readBounded(pipe, `the text of track ${streamIndex}`)
      // ffmpeg lets cues pass that come after the end of a clip.
      const outMs = clipMs(source.clip).outMs - clipMs(source.clip).inMs
      texts[index] = { id, cues: clipCaptions(parseCaptions(bytes.toString('utf8')), { inMs: 0, outMs }) }
    }),
  })
  return { texts, receipt }
}

/** No ffmpeg: the format was told, the file is small, and its encoding may be any. */
async function sidecarText(
  { store }: WorkerContext,
  { sidecar, id, clip }: Extract<CaptionSource, { sidecar: unknown }>,
): Promise<Text> {
  const { ref, format } = sidecar
  const text = decodeText(await readBounded(await store.read(ref), `the captions '${ref.key}'`))
  if (!isText(text))
    throw new GantryError('API_REQUEST_INVALID', `the captions '${ref.key}' are no text`, { key: ref.key })
  const cues = format === 'srt' ? parseSubRip(text) : parseCaptions(text)
  return { id, cues: clipCaptions(cues, clipMs(clip)) }
}

function clipMs(clip: Clip | null): { inMs: number; outMs: number } {
  const { inSeconds, outSeconds } = clip ?? { inSeconds: 0, outSeconds: null }
  return { inMs: Math.round(inSeconds * 1_000), outMs: Math.round((outSeconds ?? Infinity) * 1_000) }
}

/** @throws SOURCE_TOO_LARGE over the limit. */
async function readBounded(pipe: Readable, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of pipe as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > MAX_SIDECAR_BYTES) {
      throw new GantryError('SOURCE_TOO_LARGE', `${what} has more than the ${MAX_SIDECAR_BYTES} bytes allowed`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
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
