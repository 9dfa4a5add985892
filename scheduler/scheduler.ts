/** The scheduler's life: takes submissions, hears of finished jobs, and sweeps what was missed. */
import { createLooks, type LookOptions } from './looks'
import { createSweeps } from './turns'
import { submit, type Submission, type Submitted, type SubmitParts } from './submit'

export interface SchedulerOptions extends SubmitParts, LookOptions {
  /** How often what is open is listed; see due.ts for what is looked at then. Events make it rarely needed. */
  sweepMs: number
}

export interface Scheduler {
  submit(submission: Submission, signal: AbortSignal): Promise<Submitted>
  /** Looks at one asset now, if it is this scheduler's. */
  look(assetId: string): Promise<void>
  /** Looks at all open assets now, for one that has just become the leader. */
  sweep(): void
  close(): Promise<void>
}

export function startScheduler(options: SchedulerOptions): Scheduler {
  const looks = createLooks(options)
  const sweeps = createSweeps(() => looks.sweep(), options.sweepMs)
  const lookOrTell = async (assetId: string): Promise<void> => {
    if (options.owns(assetId)) await looks.at(assetId)
    else options.signals.tell('asset-changed', assetId)
  }
  options.queue.onSettled((jobId) => void looks.at(jobId.split('.')[0] ?? ''))
  options.signals.hear('asset-changed', (assetId) => void looks.at(assetId))

  return {
    submit: async (submission, signal) => {
      const submitted = await submit(options, submission, signal)
      if (submitted.outcome !== 'stale') await lookOrTell(submitted.assetId)
      if (submitted.replaced !== null) await lookOrTell(submitted.replaced)
      return submitted
    },
    look: (assetId) => looks.at(assetId),
    sweep: () => {
      looks.forget()
      sweeps.now()
    },
    close: async () => {
      await Promise.all([sweeps.close(), looks.close()])
    },
  }
}
