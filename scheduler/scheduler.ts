/** The scheduler's life: takes submissions, hears of finished jobs, and sweeps what was missed. */
import { asGantryError } from '../core/contract/errors'
import type { ReconcileParts } from './reconcile'
import { openAssets, reconcileAsset, type AssetStanding } from './reconcile'
import { submit, type Submission, type Submitted, type SubmitParts } from './submit'

export interface SchedulerOptions extends SubmitParts {
  /** How often all open assets are looked at; events make it rarely needed. */
  sweepMs: number
  /** Which open assets this scheduler works on; a command works on what it was given, a service on all. */
  owns: (assetId: string) => boolean
  onClosed: (assetId: string, standing: AssetStanding) => void
  onError: (error: Error, assetId: string | null) => void
}

export interface Scheduler {
  submit(submission: Submission, signal: AbortSignal): Promise<Submitted>
  /** Looks at an asset now; looks at the same one wait for each other. */
  poke(assetId: string): Promise<void>
  close(): Promise<void>
}

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
  const sweep = async (): Promise<void> => {
    try {
      for await (const assetId of openAssets(options.store, options.state)) await look(assetId)
    } catch (error) {
      options.onError(asGantryError(error), null)
    }
    if (!closed) timer = setTimeout(() => void sweep(), options.sweepMs)
  }
  let timer = setTimeout(() => void sweep(), options.sweepMs)
  options.queue.onSettled((jobId) => void look(jobId.split('.')[0] ?? ''))

  return {
    submit: async (submission, signal) => {
      const submitted = await submit(options, submission, signal)
      await look(submitted.assetId)
      return submitted
    },
    poke: look,
    close: async () => {
      closed = true
      clearTimeout(timer)
      await turns.idle()
    },
  }
}

/** One at a time per key, in order of asking; different keys do not wait for each other. */
function createTurns() {
  const last = new Map<string, Promise<void>>()
  return {
    take: (key: string, work: () => Promise<void>): Promise<void> => {
      const turn = (last.get(key) ?? Promise.resolve()).then(work)
      last.set(key, turn)
      void turn.finally(() => last.get(key) === turn && last.delete(key))
      return turn
    },
    idle: async (): Promise<void> => void (await Promise.all(last.values())),
  }
}
