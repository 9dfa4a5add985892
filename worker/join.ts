/** Checks that the pieces make one timeline, then lets MP4s and thumbnails begin. */
import type { JoinJob } from '../core/contract/job'
import type { JoinMarker } from '../core/contract/markers'
import { nextJobs } from '../core/contract/next-jobs'
import { doneParts, readIntent, writeMarker } from '../core/state/run-records'
import { attemptName, markerBase, required } from './attempt'
import type { WorkerContext } from './context'
import { viewRun } from './run-view'
import { summary } from './timeline'

/**
 * The check is cheap and pure, so it is made again when the job runs twice; children that are in the queue stay as
 * they are. A join whose pieces are not all there comes when one of them has failed for good: that failure ends the
 * run, and this job has none of its own to tell.
 */
export async function handleJoin(context: WorkerContext, job: JoinJob): Promise<void> {
  const plan = required(await readIntent(context.store, job.state), 'intent')
  const done = await doneParts(context.store, job.state)
  const next = nextJobs(plan, done).map(({ part }) => part)
  if (!done.has(job.part) && !next.includes(job.part)) {
    context.log.info({ parts: next }, 'join came early')
    return
  }
  const { intent, timeline } = await viewRun(context.store, job)
  const marker: JoinMarker = {
    ...markerBase(job, attemptName(), context.workerId, context.now()),
    playbackSeconds: timeline.playbackSeconds,
    renditions: timeline.tracks.map(summary),
    warnings: timeline.warnings,
  }
  await writeMarker<JoinMarker>(context.store, job.state, marker)
  const publish = intent.jobs.find((candidate) => candidate.kind === 'publish')
  if (publish === undefined) return
  const children = nextJobs(intent, await doneParts(context.store, job.state)).filter((next) => next.kind !== 'publish')
  if (children.length > 0) await context.queue.addChildren(publish, children)
}
