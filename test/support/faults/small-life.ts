/** One life of the small fleet: it takes an event, does all work that there is, and ends when nothing is open. */
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { nextJobs } from '../../../core/contract/next-jobs'
import type { Job } from '../../../core/contract/job'
import { doneParts, runPlace } from '../../../core/state/run-records'
import { openAssets, reconcileAsset } from '../../../scheduler/reconcile'
import { submit, type Submission } from '../../../scheduler/submit'
import { handleJob } from '../../../worker/handlers'
import { STATE, type Ports, type SmallFleet } from './small-fleet'

/** Does a job; null: the handlers do all of it. */
export type DoJob = (ports: Ports, job: Job) => Promise<void>

/** Rounds of looks and work; a run needs one for each stage of its jobs. */
const MOST_ROUNDS = 12

const never = new AbortController().signal
const LEASE = { signal: never, isLast: false, tellRemaining: () => undefined }

/** What an intake brings, until it was acknowledged. */
export interface Mail {
  submission: Submission
  isAcknowledged: boolean
}

export async function live(fleet: SmallFleet, ports: Ports, mail: readonly Mail[], doJob: DoJob): Promise<void> {
  const parts = fleet.scheduler(ports)
  for (const letter of mail) {
    if (letter.isAcknowledged) continue
    await submit(parts, letter.submission, never)
    letter.isAcknowledged = true
  }
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const ids: string[] = []
    for await (const id of openAssets(ports.store, STATE)) ids.push(id)
    if (ids.length === 0) return
    for (const id of ids) {
      const standing = await reconcileAsset(parts, id)
      if (standing.status !== 'running') continue
      const { intent } = standing
      const done = await doneParts(ports.store, runPlace(STATE, id, intent.run))
      const jobs = nextJobs(intent, done)
      for (const job of jobs) if (!(await fleet.isQueued(job))) throw new Error(`${job.jobId} is not in the queue`)
      for (const job of jobs) await doJob(ports, job)
    }
  }
}

/** With ffmpeg, by the handlers of workers. */
export function byHandlers(fleet: SmallFleet): DoJob {
  return (ports, job) => handleJob(fleet.worker(ports), job, LEASE)
}

/**
 * As workers that are done already: what needs ffmpeg is copied from a run that was made before. Joins and publications
 * are made.
 *
 * @param made Store of a published run of the same master.
 * @param into Store of this life.
 */
export function byCopies(fleet: SmallFleet, made: string, into: string): DoJob {
  const really = byHandlers(fleet)
  const copy = (path: string): void => {
    const from = join(fleet.folder, made, path)
    const isPlaylist = (name: string): boolean => name.endsWith('.m3u8')
    if (!existsSync(from)) throw new Error(`no ${path} in the run to copy from`)
    cpSync(from, join(fleet.folder, into, path), { recursive: true, filter: (name) => !isPlaylist(name) })
  }
  return async (ports, job) => {
    if (job.kind === 'join' || job.kind === 'publish') return really(ports, job)
    copy(join('out', job.output.prefix))
    copy(join('state', job.state.prefix, 'done', `${job.part}.json`))
  }
}
