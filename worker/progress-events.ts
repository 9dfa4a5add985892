/** Progress of a job as events: at most one a second and rendition, never backwards. */
import type { GantryEvent } from '../core/contract/event'
import type { AudioJob, VideoPieceJob } from '../core/contract/job'
import type { TrackOutput } from '../core/contract/markers'
import type { WorkerContext } from './context'

const LEAST_PAUSE_MS = 1_000

export interface ProgressReporter {
  /** Position reached by a rendition, in seconds of the timeline. */
  advance(rendition: string, outSeconds: number): void
  speed(value: number | null): void
  done(track: TrackOutput): Promise<void>
}

export function progressReporter(
  context: Pick<WorkerContext, 'sink' | 'now'>,
  job: VideoPieceJob | AudioJob,
  attempt: string,
): ProgressReporter {
  const kind = job.kind === 'audio' ? 'audio' : 'video'
  const reached = new Map<string, { outSeconds: number; toldMs: number }>()
  let speed: number | null = null
  let count = 0
  const common = (): EventBase => eventBase(context, job, `${job.jobId}:${attempt}:${(count += 1)}`)

  return {
    advance: (rendition, outSeconds) => {
      const nowMs = performance.now()
      const before = reached.get(rendition)
      if (before !== undefined && (outSeconds <= before.outSeconds || nowMs - before.toldMs < LEAST_PAUSE_MS)) return
      reached.set(rendition, { outSeconds, toldMs: nowMs })
      const { durationSeconds } = job.limits
      const data = { rendition, kind, outSeconds: round(outSeconds), durationSeconds, speed } as const
      void context.sink.emit({ ...common(), type: 'rendition.progress', data })
    },
    speed: (value) => {
      speed = value ?? speed
    },
    done: (track) => {
      const data = {
        rendition: track.id,
        kind,
        segments: track.segments.length,
        bytes: track.segments.reduce((sum, segment) => sum + segment.bytes, 0),
        samples: track.segments.reduce((sum, segment) => sum + segment.samples, 0),
      } as const
      return context.sink.emit({ ...common(), type: 'rendition.done', data })
    },
  }
}

type EventBase = Omit<GantryEvent, 'type' | 'data'>

function eventBase(
  { now }: Pick<WorkerContext, 'now'>,
  { assetId, run, jobId }: VideoPieceJob | AudioJob,
  id: string,
): EventBase {
  return { v: 1, id, at: now().toISOString(), assetId, run, jobId }
}

function round(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000
}
