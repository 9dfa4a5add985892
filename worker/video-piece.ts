/** Encodes a time slice of the master to all its rungs with one decode. */
import { asGantryError, GantryError } from '../core/contract/errors'
import type { VideoPieceJob } from '../core/contract/job'
import type { EncodeReceipt, VideoPieceMarker } from '../core/contract/markers'
import type { Attempt } from '../core/ports/job-queue'
import { readMarker, writeMarker } from '../core/state/run-records'
import { attemptName, isSettled, markerBase } from './attempt'
import type { WorkerContext } from './context'
import { pieceReading, type PieceReading } from './copied-picture'
import { encode, sameSamples, type Encoded } from './encode'
import { videoPieceCommand } from './ffmpeg/video-args'
import { takeOver } from './take-over'
import { reorderedPictures } from './ffmpeg/video-encoders'

/** Twice is once: a piece that has a marker is done, and of two attempts at the same time the first marker counts. */
export async function handleVideoPiece(context: WorkerContext, planned: VideoPieceJob, lease: Attempt): Promise<void> {
  if ((await readMarker<VideoPieceMarker>(context.store, planned.state, planned.part)) !== null) return
  if (await takeOver(context, planned, lease.signal)) return
  const reading = await pieceReading(context, planned)
  if (reading === null) return leaveEmpty(context, planned)
  const { job } = reading
  try {
    await store(context, job, await encodeRungs(context, reading, job.rungs, lease), null)
  } catch (thrown) {
    const error = asGantryError(thrown)
    const rungs = job.rungs.filter(({ isRequired }) => isRequired)
    if (rungs.length === job.rungs.length || !mayGoWithout(error, lease)) throw error
    const rungIds = job.rungs.filter(({ isRequired }) => !isRequired).map(({ id }) => id)
    context.log.warn({ code: error.code, err: error, rungIds }, 'encoding without the optional rungs')
    const encoded = await encodeRungs(context, reading, rungs, lease)
    await store(context, job, encoded, { rungIds, code: error.code, message: error.message })
  }
}

/** What another attempt may mend is tried again with all rungs first; what is wrong with the master is so for all. */
function mayGoWithout(error: GantryError, lease: Attempt): boolean {
  return error.code.startsWith('FFMPEG_') && isSettled(error, lease)
}

interface EncodedPiece extends Encoded {
  attempt: string
  frames: number
}

/** Begins earlier as long as that gives more of the pictures that are there: a seek may land where some cannot be decoded. */
async function encodeRungs(
  context: WorkerContext,
  reading: PieceReading,
  rungs: VideoPieceJob['rungs'],
  lease: Attempt,
): Promise<EncodedPiece> {
  const { pictures, seeks } = reading
  let best: EncodedPiece | null = null
  for (const seekSeconds of seeks) {
    const slice = { ...reading.job.slice, seekSeconds }
    const job = { ...reading.job, rungs, slice }
    const encoded = await encodeOnce(context, job, reading.copy, lease).catch((error: unknown) => {
      if (seekSeconds === seeks.at(-1) || !isNothing(error)) throw error
      return null
    })
    if (best !== null && encoded !== null && encoded.frames <= best.frames) return best
    best = encoded ?? best
    if (best !== null && (pictures === null || hasAll(best, pictures))) return best
  }
  if (best === null) throw new GantryError('FFMPEG_NO_OUTPUT', `no picture came out of piece '${reading.job.part}'`)
  return best
}

/** Where fields are coded apart, two coded pictures are one. */
function hasAll({ frames }: EncodedPiece, coded: number): boolean {
  return frames === coded || 2 * frames === coded
}

function isNothing(error: unknown): boolean {
  return asGantryError(error).code === 'FFMPEG_NO_OUTPUT'
}

async function encodeOnce(
  context: WorkerContext,
  job: VideoPieceJob,
  copy: PieceReading['copy'],
  lease: Attempt,
): Promise<EncodedPiece> {
  const frameSeconds = job.grid.fps.den / job.grid.fps.num
  const attempt = attemptName()
  const encoded = await encode(
    context,
    {
      ...{ job, copy, attempt, startSeconds: job.slice.startTicks / job.grid.timescaleHz },
      command: (input) => videoPieceCommand(job, input, context.encoderThreads),
      tracks: job.rungs.map((rung) => ({
        kind: 'video' as const,
        id: rung.id,
        folder: `${String(job.slice.index).padStart(4, '0')}-${attempt}`,
        segmentSeconds: job.grid.gopFrames * job.grid.gopsPerSegment * frameSeconds,
        picture: { shownSeconds: frameSeconds * rung.frameStep, reorderedPictures: reorderedPictures(rung) },
        slackSeconds: frameSeconds / 2,
      })),
    },
    lease,
  )
  const steps = encoded.tracks.map(({ id }) => job.rungs.find((rung) => rung.id === id)?.frameStep ?? 1)
  return { ...encoded, attempt, frames: sameSamples(encoded.tracks, steps) }
}

async function store(
  context: WorkerContext,
  job: VideoPieceJob,
  { attempt, frames, tracks, receipt }: EncodedPiece,
  leftOut: VideoPieceMarker['leftOut'],
): Promise<void> {
  checkPictures(job, frames, receipt.decodeWarnings)
  const base = markerBase(job, attempt, context.workerId, context.now())
  await writeMarker<VideoPieceMarker>(context.store, job.state, { ...base, frames, tracks, leftOut, receipt })
}

const NOTHING_READ: Omit<EncodeReceipt, 'ffmpegBuild'> = {
  ...{ argv: [], wallSeconds: 0, cpuSeconds: 0, bytesRead: 0, stderrTail: [] },
  ...{ decodeWarnings: 0, corruptPictures: 0, lostPackets: 0, retimedPackets: 0 },
}

/** Of a slice in which the master has no picture, or that the first piece encodes with all others. */
async function leaveEmpty(context: WorkerContext, job: VideoPieceJob): Promise<void> {
  const base = markerBase(job, attemptName(), context.workerId, context.now())
  const receipt = { ...NOTHING_READ, ffmpegBuild: context.ffmpegBuild }
  const nothing = { frames: 0, tracks: [], leftOut: null, receipt }
  await writeMarker<VideoPieceMarker>(context.store, job.state, { ...base, ...nothing })
}

/** The master's index says how many pictures there are; only where the decoder found damage may some be missing. */
function checkPictures({ slice, picture, rungs }: VideoPieceJob, frames: number, decodeWarnings: number): void {
  const { pictures } = slice
  const hasAll = rungs.some(({ frameStep }) => frameStep === 1) && !picture.constantRate
  if (pictures === null || !hasAll || frames === pictures) return
  if (frames < pictures && decodeWarnings > 0) return
  const counts = `${frames} pictures came out of piece ${slice.index}, the master's index has ${pictures}`
  throw new GantryError('FFMPEG_OUTPUT_INVALID', counts)
}
