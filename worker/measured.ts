/** Counts what a worker's jobs come to. */
import { asGantryError } from '../core/contract/errors'
import type { JobHandler } from '../core/ports/job-queue'
import type { Metrics } from '../core/service/metrics'

export function measured({ jobs, jobSeconds }: Metrics, handle: JobHandler): JobHandler {
  return async (job, lease) => {
    const startedMs = performance.now()
    try {
      await handle(job, lease)
      jobs.inc({ kind: job.kind, outcome: 'done' })
      jobSeconds.observe({ kind: job.kind }, (performance.now() - startedMs) / 1_000)
    } catch (thrown) {
      jobs.inc({ kind: job.kind, outcome: asGantryError(thrown).code })
      throw thrown
    }
  }
}
