/** The same work once more: the plan of a run as the plan of the next. Pure. */
import type { Intent, RunOrigin } from '../../core/contract/intent'
import { jobId } from '../../core/contract/ids'
import type { Job } from '../../core/contract/job'
import { below, homeKeys } from '../../core/contract/keys'
import type { Place } from '../../core/contract/source'
import { runPlace } from '../../core/state/run-records'

/** What a run was to take over is no matter of the next one. */
export function withoutReuse<T extends Job>(job: T): T {
  const rest = { ...job }
  delete rest.reuse
  return rest
}

export function nextRun(old: Intent, { state, origin, at }: { state: Place; origin: RunOrigin; at: string }): Intent {
  const run = old.run + 1
  const place = runPlace(state, old.assetId, run)
  const output = below(old.home, homeKeys.run(run))
  const jobs = old.jobs.map((job) => {
    const { assetId, kind, part } = job
    return { ...withoutReuse(job), jobId: jobId({ assetId, run, kind, part }), run, output, state: place }
  })
  return { ...old, run, jobs, origin, at }
}
