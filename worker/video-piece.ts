/** Encodes a time slice of the master to all its rungs with one decode. */
import { asGantryError, GantryError } from '../core/contract/errors'
import type { VideoPieceJob } from '../core/contract/job'
import type { VideoPieceMarker } from '../core/contract/markers'
import type { Attempt } from '../core/ports/job-queue'
import { readMarker, writeMarker } from '../core/state/run-records'
import { attemptName, markerBase } from './attempt'
import type { WorkerContext } from './context'
import { encode, sameSamples, type Encoded } from './encode'
import { videoPieceCommand } from './ffmpeg/video-args'
import { reorderedPictures } from './ffmpeg/video-encoders'

/** Twice is once: a piece that has a marker is done, and of two attempts at the same time the first marker counts. */
export async function handleVideoPiece(context: WorkerContext, job: VideoPieceJob, lease: Attempt): Promise<void> {
  if ((await readMarker<VideoPieceMarker>(context.store, job.state, job.part)) !== null) return
  const all = attemptName()
  try {
    await store(context, job, all, await encodeRungs(context, job, all, lease), null)
  } catch (thrown) {
    const error = asGantryError(thrown)
    const rungs = job.rungs.filter(({ isRequired }) => isRequired)
    if (rungs.length === job.rungs.length || !mayGoWithout(error, lease)) throw error
    const rungIds = job.rungs.filter(({ isRequired }) => !isRequired).map(({ id }) => id)
    context.log.warn({ code: error.code, err: error, rungIds }, 'encoding without the optional rungs')
    const some = attemptName()
    const encoded = await encodeRungs(context, { ...job, rungs }, some, lease)
    await store(context, job, some, encoded, { rungIds, code: error.code, message: error.message })
  }
}

/** What another attempt may mend is tried again with all rungs first; what is wrong with the master is so for all. */
function mayGoWithout({ code, retryable }: GantryError, { isLast, signal }: Attempt): boolean {
  return code.startsWith('FFMPEG_') && (isLast || !retryable) && !signal.aborted
}

function encodeRungs(context: WorkerContext, job: VideoPieceJob, attempt: string, lease: Attempt): Promise<Encoded> {
  const frameSeconds = job.grid.fps.den / job.grid.fps.num
  const plan = {
    ...{ job, attempt, startSeconds: job.slice.startTicks / job.grid.timescaleHz },
    command: (input: Parameters<typeof videoPieceCommand>[1]) => videoPieceCommand(job, input, context.encoderThreads),
    tracks: job.rungs.map((rung) => ({
      kind: 'video' as const,
      id: rung.id,
      folder: `${String(job.slice.index).padStart(4, '0')}-${attempt}`,
      segmentSeconds: job.grid.gopFrames * job.grid.gopsPerSegment * frameSeconds,
      picture: { shownSeconds: frameSeconds * rung.frameStep, reorderedPictures: reorderedPictures(rung) },
      slackSeconds: frameSeconds / 2,
    })),
  }
  return encode(context, plan, lease)
}

async function store(
  context: WorkerContext,
  job: VideoPieceJob,
  attempt: string,
  { tracks, receipt }: Encoded,
  leftOut: VideoPieceMarker['leftOut'],
): Promise<void> {
  const steps = tracks.map(({ id }) => job.rungs.find((rung) => rung.id === id)?.frameStep ?? 1)
  const frames = sameSamples(tracks, steps)
  checkPictures(job, frames, receipt.decodeWarnings)
  const base = markerBase(job, attempt, context.workerId, context.now())
  await writeMarker<VideoPieceMarker>(context.store, job.state, { ...base, frames, tracks, leftOut, receipt })
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
