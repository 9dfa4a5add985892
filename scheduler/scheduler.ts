/** The scheduler's life: takes submissions, hears of finished jobs, and sweeps what was missed. */
import { asGantryError } from '../core/contract/errors'
import { createSweeps, createTurns, eachOf } from './turns'
import { openAssets, reconcileAsset, type AssetStanding, type ReconcileParts } from './reconcile'
import { submit, type Submission, type Submitted, type SubmitParts } from './submit'

export interface SchedulerOptions extends SubmitParts {
  /** How often all open assets are looked at; events make it rarely needed. */
  sweepMs: number
  /** Which open assets this scheduler brings on: a command those that it was given, a service all while it leads. */
  owns: (assetId: string) => boolean
  onClosed: (assetId: string, standing: AssetStanding) => void
  onError: (error: Error, assetId: string | null) => void
}

export interface Scheduler {
  submit(submission: Submission, signal: AbortSignal): Promise<Submitted>
  /** Looks at one asset now, if it is this scheduler's. */
  look(assetId: string): Promise<void>
  /** Looks at all open assets now, for one that has just become the leader. */
  sweep(): void
  close(): Promise<void>
}

/** Open assets that are looked at at once in a sweep; a look is some small requests to the store and to Redis. */
const LOOKS_AT_ONCE = 8

export function startScheduler(options: SchedulerOptions): Scheduler {
  const turns = createTurns()
  let closed = false

  const look = (assetId: string): Promise<void> =>
    turns.take(assetId, async () => {
      if (closed || !options.owns(assetId)) return
      try {
        const standing = await reconcileAsset(options satisfies ReconcileParts, assetId)
        if (standing.status === 'closed') options.onClosed(assetId, standing)
      } catch (error) {
        options.onError(asGantryError(error), assetId)
      }
    })
  const sweepAll = (): Promise<void> =>
    eachOf(openAssets(options.store, options.state), LOOKS_AT_ONCE, look).catch((error: unknown) => {
      options.onError(asGantryError(error), null)
    })
  const sweeps = createSweeps(sweepAll, options.sweepMs)
  const lookOrTell = async (assetId: string): Promise<void> => {
    if (options.owns(assetId)) await look(assetId)
    else options.signals.tell('asset-changed', assetId)
  }
  options.queue.onSettled((jobId) => void look(jobId.split('.')[0] ?? ''))
  options.signals.hear('asset-changed', (assetId) => void look(assetId))

  return {
    submit: async (submission, signal) => {
      const submitted = await submit(options, submission, signal)
      if (submitted.outcome !== 'stale') await lookOrTell(submitted.assetId)
      if (submitted.replaced !== null) await lookOrTell(submitted.replaced)
      return submitted
    },
    look,
    sweep: () => sweeps.now(),
    close: async () => {
      closed = true
      await sweeps.close()
      await turns.idle()
    },
  }
}
