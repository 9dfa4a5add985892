/** How an asset stands, from its records alone. Pure. */
import type { FinalRecord, Intent } from '../../core/contract/intent'
import type { ObjectAt } from '../../core/contract/source'
import type { FailureMarker } from '../../core/contract/markers'
import { nextJobs } from '../../core/contract/next-jobs'

/** What the state holds of one run. */
export interface RunRecords {
  run: number
  /** Null for a master that was refused before there was a plan. */
  intent: Intent | null
  /** Parts with a marker. */
  done: ReadonlySet<string>
  failures: readonly FailureMarker[]
  final: FinalRecord | null
}

/** What the state holds of one asset. */
export interface AssetRecords {
  assetId: string
  /** Whether it is in `open/`: somebody still has something to do for it. */
  isOpen: boolean
  /** From the first on. */
  runs: readonly RunRecords[]
}

/**
 * `starting`: opened, without a plan yet. `ending`: a part failed for good and the run has no last word yet. Else the
 * stage of the work, or the last word.
 */
export type RunStatus =
  'starting' | 'encoding' | 'joining' | 'finishing' | 'publishing' | 'ending' | FinalRecord['status']

export interface RunStanding {
  run: number
  status: RunStatus
  /** When it was planned, or else ended; ISO 8601. Null as long as neither is known. */
  at: string | null
  parts: { done: number; total: number }
  /** Parts that can be made now: in the queue, or at a worker. */
  waiting: readonly string[]
  failures: readonly Pick<FailureMarker, 'part' | 'code' | 'message'>[]
  /** Why it ended, where that was not by publication. */
  code: string | null
  message: string | null
}

export interface AssetStanding {
  assetId: string
  isOpen: boolean
  /** Null as long as no record tells. */
  source: ObjectAt | null
  name: string | null
  /** Of the newest run. */
  status: RunStatus
  runs: readonly RunStanding[]
}

export function standingOf({ assetId, isOpen, runs }: AssetRecords): AssetStanding {
  const newest = runs.at(-1)
  const intent = runs.findLast((run) => run.intent !== null)?.intent ?? null
  const final = newest?.final ?? null
  return {
    ...{ assetId, isOpen, name: intent?.name ?? null },
    source: intent !== null ? { bucket: intent.source.bucket, key: intent.source.key } : sourceOf(final),
    status: newest === undefined ? 'starting' : statusOf(newest),
    runs: runs.map(runStanding),
  }
}

function runStanding(records: RunRecords): RunStanding {
  const { run, intent, done, failures, final } = records
  return {
    ...{ run, status: statusOf(records), at: intent?.at ?? final?.at ?? null },
    parts: {
      done: intent?.jobs.filter(({ part }) => done.has(part)).length ?? 0,
      total: intent?.jobs.length ?? 0,
    },
    waiting: intent === null || final !== null ? [] : nextJobs(intent, done).map(({ part }) => part),
    failures: failures.map(({ part, code, message }) => ({ part, code, message })),
    code: final?.status === 'failed' ? final.code : null,
    message: final?.status === 'failed' ? final.message : null,
  }
}

export function statusOf({ intent, done, failures, final }: RunRecords): RunStatus {
  if (final !== null) return final.status
  if (intent === null) return 'starting'
  if (failures.length > 0) return 'ending'
  switch (nextJobs(intent, done)[0]?.kind) {
    case 'remux':
    case 'video-piece':
    case 'audio':
    case 'captions':
      return 'encoding'
    case 'join':
      return 'joining'
    case 'mp4':
    case 'thumbnails':
      return 'finishing'
    case 'publish':
    case undefined:
      return 'publishing'
  }
}

function sourceOf(final: FinalRecord | null): ObjectAt | null {
  return final !== null && 'source' in final ? final.source : null
}
