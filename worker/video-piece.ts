/** Encodes a time slice of the master to all its rungs with one decode. */
import type { VideoPieceJob } from '../core/contract/job'
import type { VideoPieceMarker } from '../core/contract/markers'
import type { Attempt } from '../core/ports/job-queue'
import { readMarker, writeMarker } from '../core/state/run-records'
import { attemptName, markerBase } from './attempt'
import type { WorkerContext } from './context'
import { encode, sameSamples } from './encode'
import { videoPieceCommand } from './ffmpeg/video-args'

/** Twice is once: a piece that has a marker is done, and of two attempts at the same time the first marker counts. */
export async function handleVideoPiece(context: WorkerContext, job: VideoPieceJob, lease: Attempt): Promise<void> {
  if ((await readMarker<VideoPieceMarker>(context.store, job.state, job.part)) !== null) return
  const attempt = attemptName()
  const frameSeconds = job.grid.fps.den / job.grid.fps.num
  const { tracks, receipt } = await encode(
    context,
    {
      job,
      attempt,
      command: (input) => videoPieceCommand(job, input, context.encoderThreads),
      tracks: job.rungs.map(({ id, frameStep }) => ({
        kind: 'video',
        id,
        folder: `${String(job.slice.index).padStart(4, '0')}-${attempt}`,
        segmentSeconds: job.grid.gopFrames * job.grid.gopsPerSegment * frameSeconds,
        pictureSeconds: frameSeconds * frameStep,
        slackSeconds: frameSeconds / 2,
      })),
    },
    lease,
  )
  const steps = job.rungs.map(({ frameStep }) => frameStep)
  const frames = sameSamples(tracks, steps)
  const base = markerBase(job, attempt, context.workerId, context.now())
  await writeMarker<VideoPieceMarker>(context.store, job.state, { ...base, frames, tracks, receipt })
}
