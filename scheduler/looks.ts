/** Looks at open assets: at one that was heard of, and in a sweep at those that need it. */
import { asGantryError } from '../core/contract/errors'
import { isDue, type Look } from './due'
import { openAssets, reconcileAsset, type AssetStanding, type ReconcileParts } from './reconcile'
import { createTurns, eachOf } from './turns'

export interface LookOptions extends ReconcileParts {
  /** Which open assets are looked at: a command's those that it was given, a service's all while it leads. */
  owns: (assetId: string) => boolean
  onClosed: (assetId: string, standing: AssetStanding) => void
  onError: (error: Error, assetId: string | null) => void
}

export interface Looks {
  /** Looks at one asset now; after a look at it that is under way. */
  at(assetId: string): Promise<void>
  /** What is open is listed each time; who is looked at depends on what the queue says and on what is remembered. */
  sweep(): Promise<void>
  /** Nothing is known any more: another process may have looked last. */
  forget(): void
  close(): Promise<void>
}

/** Open assets that are looked at at once in a sweep; a look is some small requests to the store and to Redis. */
const LOOKS_AT_ONCE = 8

export function createLooks(options: LookOptions): Looks {
  const turns = createTurns()
  const last = new Map<string, Look>()
  let closed = false
  const at = (assetId: string): Promise<void> =>
    turns.take(assetId, async () => {
      if (!closed && options.owns(assetId)) await lookNow(options, last, assetId)
    })
  return {
    at,
    sweep: () => sweep(options, last, at),
    forget: () => last.clear(),
    close: async () => {
      closed = true
      await turns.idle()
    },
  }
}

async function lookNow(options: LookOptions, last: Map<string, Look>, assetId: string): Promise<void> {
  const look: Look = { atMs: performance.now(), isTroubled: false }
  last.set(assetId, look)
  const onRelayFailure: ReconcileParts['onRelayFailure'] = (error, of) => {
    look.isTroubled = true
    options.onRelayFailure(error, of)
  }
  try {
    const standing = await reconcileAsset({ ...options, onRelayFailure }, assetId)
    if (standing.status === 'closed') options.onClosed(assetId, standing)
  } catch (error) {
    look.isTroubled = true
    options.onError(asGantryError(error), assetId)
  }
}

/** Of an idle fleet, and of a scheduler that does not lead, it costs the listing alone. */
async function sweep(
  { store, state, queue, owns, onError }: LookOptions,
  last: Map<string, Look>,
  look: Looks['at'],
): Promise<void> {
  const tell = (error: unknown): void => onError(asGantryError(error), null)
  try {
    const open = new Set<string>()
    for await (const assetId of openAssets(store, state)) if (owns(assetId)) open.add(assetId)
    for (const assetId of last.keys()) if (!open.has(assetId)) last.delete(assetId)
    if (open.size === 0) return
    // Without an answer all count as at work: a look at each would ask the same queue.
    const atWork = await queue.assetsAtWork().catch((error: unknown) => {
      tell(error)
      return null
    })
    const nowMs = performance.now()
    const due = [...open].filter((assetId) => isDue(last.get(assetId), atWork?.has(assetId) ?? true, nowMs))
    await eachOf(due, LOOKS_AT_ONCE, look)
  } catch (error) {
    tell(error)
  }
}
