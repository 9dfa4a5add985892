/** Events as the product makes them, with only what a test looks at filled in. */
import { lifecycleEvent, type AnyEvent } from '../../core/contract/event'

export function accepted(assetId: string): AnyEvent {
  const source = { bucket: 'file', key: '/films/\u001b[31m\u2028\n.mov', bytes: 1 }
  return lifecycleEvent('asset.accepted', { assetId, run: 1, at: '2026-01-01T00:00:00.000Z' }, { source, name: 'film' })
}

export function progress(assetId: string, outSeconds: number): AnyEvent {
  return {
    ...{ v: 1, id: `${assetId}:1:progress:${outSeconds}`, type: 'rendition.progress', assetId, run: 1 },
    at: '2026-01-01T00:00:00.000Z',
    data: { rendition: '720p', kind: 'video', outSeconds, durationSeconds: null, speed: null },
  }
}
