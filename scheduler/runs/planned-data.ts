/** What the world is told of a plan. Pure. */
import type { EventData } from '../../core/contract/event'
import type { Intent } from '../../core/contract/intent'
import type { AudioEncode } from '../../core/contract/job'

const LAYOUTS: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo', 6: '5.1' }

function soundLabel({ id, channels }: AudioEncode): string {
  return `${id} (${LAYOUTS[channels] ?? `${channels} channels`})`
}

export function plannedData(intent: Intent): EventData['asset.planned'] {
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
