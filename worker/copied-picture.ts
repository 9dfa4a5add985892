/** What a piece reads where the master's pictures were copied: the copy, the master itself, or nothing. */
import type { TimeSlice, VideoPieceJob } from '../core/contract/job'
import { at } from '../core/contract/keys'
import type { PictureCopy, RemuxMarker } from '../core/contract/markers'
import type { ServedResource } from '../core/ports/media-gateway'
import { readIntent, readMarker } from '../core/state/run-records'
import { required } from './attempt'
import type { WorkerContext } from './context'

export interface PieceReading {
  /** As it is encoded. */
  job: VideoPieceJob
  copy?: ServedResource
  /** Seconds to seek in turn, while earlier ones give more pictures. */
  seeks: readonly number[]
  /** Pictures that the copy has for the piece; null where nobody knows. */
  pictures: number | null
}

/**
 * @returns Null where there is nothing to encode for the piece.
 * @throws STORE_NOT_FOUND when the copy is not made yet.
 */
export async function pieceReading(context: WorkerContext, job: VideoPieceJob): Promise<PieceReading | null> {
  const { copiedBy } = job
  if (copiedBy === undefined) return { job, seeks: [job.slice.seekSeconds], pictures: null }
  const { copy } = required(await readMarker<RemuxMarker>(context.store, job.state, copiedBy), copiedBy)
  if (copy === null) return job.slice.index === 0 ? wholeMaster(context, job) : null
  const pictures = copy.pictures[job.slice.index] ?? null
  if (pictures === 0) return null
  const parts = copy.objects.map(({ key, bytes, etag }) => ({ at: at(job.state, key), bytes, etag }))
  return {
    job: fromCopy(job, copy),
    copy: context.serve.concat(parts),
    seeks: seeksIn(copy, job.slice),
    pictures: isCounted(job) ? pictures : null,
  }
}

/** The first piece takes all of a master that could not be copied. */
async function wholeMaster({ store }: WorkerContext, job: VideoPieceJob): Promise<PieceReading> {
  const jobs = (await readIntent(store, job.state))?.jobs ?? []
  const last = jobs.filter((one): one is VideoPieceJob => one.kind === 'video-piece').at(-1)
  const limits = jobs.find((one) => one.kind === 'remux')?.limits ?? job.limits
  const slice: TimeSlice = { ...job.slice, endTicks: last?.slice.endTicks ?? null, pictures: null }
  return { job: { ...job, slice, limits, firstPicture: null }, seeks: [slice.seekSeconds], pictures: null }
}

function fromCopy(job: VideoPieceJob, { firstTicks, timescaleHz }: PictureCopy): VideoPieceJob {
  const startSeconds = { num: firstTicks, den: timescaleHz }
  return {
    ...job,
    source: { ...job.source, container: 'mp4', trackIndexes: [0], pictureLeadSeconds: 0, startSeconds },
    ...{ streamIndex: 0, firstPicture: startSeconds },
  }
}

/** Where pictures become whole only some time after a keyframe, so much earlier will do. */
const FURTHER_BACK_SECONDS = 15

/** The plan knows the second from which the slice can be decoded, but neither the copy's keyframes nor its end. */
export function seeksIn(
  { firstTicks, blindTicks, lastSeekTicks, timescaleHz }: PictureCopy,
  slice: TimeSlice,
): number[] {
  const needed = slice.seekSeconds - (firstTicks + blindTicks) / timescaleHz
  const seek = Math.max(0, Math.floor(Math.min(needed, lastSeekTicks / timescaleHz)))
  return [...new Set([seek, Math.max(0, seek - FURTHER_BACK_SECONDS), 0])]
}

/** The first piece is read as the whole master would be; a constant rate makes its own number of pictures. */
function isCounted({ slice, picture, rungs }: VideoPieceJob): boolean {
  return slice.index > 0 && !picture.constantRate && rungs.some(({ frameStep }) => frameStep === 1)
}
