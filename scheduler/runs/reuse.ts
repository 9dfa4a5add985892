/**
 * What a new run may take over from an earlier one of the same asset, part by part. Pure.
 *
 * Parts are compared by their resolved numbers, never by the name of a ladder: a rung is the same when its encode, the
 * grid, the treatment of the picture and the bytes of the master are.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Intent } from '../../core/contract/intent'
import { jobId } from '../../core/contract/ids'
import { withoutReuse } from './next-run'
import type { AudioJob, CaptionsJob, Job, RemuxJob, VideoEncode, VideoPieceJob } from '../../core/contract/job'
import type { Reuse } from '../../core/contract/reuse'

export interface Earlier {
  intent: Intent
  /** Parts with a marker. */
  done: ReadonlySet<string>
  /** Rungs that are not to be taken over, whatever is there. */
  unwanted: (rungId: string) => boolean
  /** Whether what another ffmpeg made counts too. */
  anyBuild: boolean
}

/** The plan with a word at each part that is there already; pictures keep the slices of the earlier run where a rung does. */
export function withReuse(next: Intent, earlier: Earlier): Intent {
  const planned = next.jobs.filter((job) => job.kind === 'video-piece')
  const others = next.jobs.filter((job) => job.kind !== 'video-piece')
  const kept = keptSlices(planned, earlier)
  const jobs = others.map((job) => (job.kind === 'remux' ? cutAlike(job, kept, earlier) : reusing(job, earlier)))
  return { ...next, jobs: inOrder(jobs, kept ?? planned) }
}

/** The copy that pieces are read from is made anew, in case one cannot be taken over; it is cut where they are. */
function cutAlike(job: RemuxJob, kept: readonly VideoPieceJob[] | null, { intent }: Earlier): RemuxJob {
  const before = intent.jobs.find((old) => old.kind === 'remux')
  return kept === null || before === undefined ? job : { ...job, lines: before.lines }
}

/** Pieces after the copy that they are read from, before all else. */
function inOrder(others: readonly Job[], pieces: readonly VideoPieceJob[]): Job[] {
  const copies = others.filter(({ kind }) => kind === 'remux')
  return [...copies, ...pieces, ...others.filter(({ kind }) => kind !== 'remux')]
}

function reusing(job: Exclude<Job, VideoPieceJob | RemuxJob>, earlier: Earlier): Job {
  if (job.kind !== 'audio' && job.kind !== 'captions') return job
  const same = earlier.intent.jobs.find((old) => isSame(job, old))
  const reuse = same === undefined ? null : reuseOf(same, earlier)
  return reuse === null ? job : { ...job, reuse }
}

function isSame(job: AudioJob | CaptionsJob, old: Job): boolean {
  if (job.kind === 'captions') return old.kind === 'captions' && isDeepStrictEqual(job.from, old.from)
  if (old.kind !== 'audio') return false
  const numbers = ({ source, streamIndexes, encode, segmentSeconds }: AudioJob) =>
    ({ source, streamIndexes, encode, segmentSeconds }) as const
  return isDeepStrictEqual(numbers(job), numbers(old))
}

/** A part that the earlier run was itself to take over, and did not come to, is where that would have taken it from. */
function reuseOf(old: Job, { done, anyBuild }: Earlier): Reuse | null {
  const { run, part, output, state } = old
  return done.has(part) ? { run, part, output, state, anyBuild } : (old.reuse ?? null)
}

/** @returns Null where nothing of the picture is kept: then the plan's own slices are the better ones. */
function keptSlices(planned: readonly VideoPieceJob[], earlier: Earlier): VideoPieceJob[] | null {
  const before = earlier.intent.jobs.filter((job) => job.kind === 'video-piece')
  const [first] = planned
  if (first === undefined || before[0] === undefined || !isSamePicture(first, before[0])) return null
  const wanted = planned.filter(({ slice }) => slice.index === first.slice.index).map(({ rungs }) => rungs)
  const indexes = [...new Set(before.map(({ slice }) => slice.index))]
  const pieces = indexes.flatMap((index) => {
    const jobs = before.filter(({ slice }) => slice.index === index)
    return slicePieces(jobs, wanted, { first, earlier })
  })
  return pieces.some(({ reuse }) => reuse !== undefined) ? pieces : null
}

function isSamePicture(one: VideoPieceJob, other: VideoPieceJob): boolean {
  const numbers = ({ source, streamIndex, grid, picture, copiedBy }: VideoPieceJob) =>
    ({ source, streamIndex, grid, picture, copiedBy }) as const
  return isDeepStrictEqual(numbers(one), numbers(other))
}

/**
 * The jobs of one slice: what is kept of each earlier one, then what is new.
 *
 * @param wanted Rungs of the plan, in groups that one process has room for.
 */
function slicePieces(
  before: readonly VideoPieceJob[],
  wanted: readonly (readonly VideoEncode[])[],
  { first, earlier }: { first: VideoPieceJob; earlier: Earlier },
): VideoPieceJob[] {
  const rungs = wanted.flat()
  const kept = before.flatMap((old) => {
    const reuse = reuseOf(old, earlier)
    const same = rungs.filter((rung) => !earlier.unwanted(rung.id) && old.rungs.some((one) => isSameRung(rung, one)))
    return reuse === null || same.length === 0 ? [] : [{ old, rungs: same, reuse }]
  })
  const keptIds = new Set(kept.flatMap((job) => job.rungs.map(({ id }) => id)))
  const fresh = wanted
    .map((group) => group.filter(({ id }) => !keptIds.has(id)))
    .filter((group) => group.length > 0)
    .map((group) => ({ old: before[0], rungs: group, reuse: undefined }))
  return [...kept, ...fresh].map(({ old = first, rungs: own, reuse }, index) => {
    const part = `video-${String(old.slice.index).padStart(4, '0')}${index === 0 ? '' : `-${letter(index)}`}`
    const { slice, firstPicture, limits } = old
    const base = withoutReuse(first)
    const id = jobId({ assetId: first.assetId, run: first.run, kind: 'video-piece', part })
    return { ...base, jobId: id, part, slice, firstPicture, limits, rungs: own, ...(reuse !== undefined && { reuse }) }
  })
}

/** Whether the asset could do without it is no matter of its pictures. */
function isSameRung(one: VideoEncode, other: VideoEncode): boolean {
  return isDeepStrictEqual({ ...one, isRequired: true }, { ...other, isRequired: true })
}

/** `b` for the second: a slice has no more jobs than rungs, and a ladder fewer rungs than letters. */
function letter(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index)
}
