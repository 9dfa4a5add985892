/** The first two events of a run, which its plan alone makes: whoever finds the plan can tell them. */
import type { EventData } from '../core/contract/event'
import type { Intent } from '../core/contract/intent'
import type { AudioEncode } from '../core/contract/job'
import { at, runKeys } from '../core/contract/keys'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { claimEvent } from '../core/state/outbox'

/** Puts what a plan tells into the outbox, in the order of the story; again after a crash behind the plan. */
export async function claimPlan(store: ObjectStore, run: Place, intent: Intent): Promise<void> {
  const { bucket, key, bytes } = intent.source
  // The last of the two is there: so is the first.
  if ((await store.head(at(run, runKeys.event('asset.planned')))) !== null) return
  await claimEvent(store, run, 'asset.accepted', intent, { source: { bucket, key, bytes }, name: intent.name })
  await claimEvent(store, run, 'asset.planned', intent, plannedData(intent))
}

const LAYOUTS: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo', 6: '5.1' }

function soundLabel({ id, channels }: AudioEncode): string {
  return `${id} (${LAYOUTS[channels] ?? `${channels} channels`})`
}

function plannedData(intent: Intent): EventData['asset.planned'] {
  const video = intent.variants.flatMap(({ rungId, widthPx, heightPx }) =>
    rungId === null ? [] : [{ id: rungId, kind: 'video' as const, label: `${rungId} (${widthPx}x${heightPx})` }],
  )
  const audio = intent.jobs.flatMap((job) =>
    job.kind === 'audio'
      ? [
          {
            id: job.encode.id,
            kind: 'audio' as const,
            label: soundLabel(job.encode),
          },
        ]
      : [],
  )
  return {
    durationSeconds: intent.facts.durationSeconds,
    renditions: [...video, ...audio],
    decisions: intent.decisions,
    jobs: intent.jobs.length,
  }
}
