/** Lifecycle events of assets, as many as a test wants. */
import { lifecycleEvent, type AnyEvent, type LifecycleType } from '../../core/contract/event'

const STORY: readonly LifecycleType[] = ['asset.accepted', 'asset.planned', 'asset.published', 'asset.failed']

/** The event with this index in the life of an asset, told from others by its id. Its data are of a failure always. */
export function step(assetId: string, index: number, message = 'it broke'): AnyEvent {
  const type = STORY[index % STORY.length] ?? 'asset.failed'
  const data = { code: 'SOURCE_TRUNCATED', message, remedy: 'upload it again', source: { bucket: 'b', key: 'k' } }
  const of = { assetId, run: 1 + Math.floor(index / STORY.length), at: '2026-01-01T00:00:00.000Z' }
  return lifecycleEvent(type, of, data as never) as AnyEvent
}
