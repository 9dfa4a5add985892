import type { EventSink } from '../core/ports/event-sink'
import type { JobQueue } from '../core/ports/job-queue'
import type { MediaGateway } from '../core/ports/media-gateway'
import type { ObjectStore } from '../core/ports/object-store'
import type { ProcessLauncher, ProcessLimits } from '../core/ports/process-launcher'
import type { ServedResource } from '../core/ports/media-gateway'
import type { ObjectAt } from '../core/contract/source'
import type { Logger } from '../core/service/logger'

/** What every handler works with; built once in `main.ts`. */
export interface WorkerContext {
  workerId: string
  /** As the job at hand sees it. */
  store: ObjectStore
  queue: JobQueue
  sink: EventSink
  launcher: ProcessLauncher
  gateway: MediaGateway
  /** Makes stored bytes readable for the gateway. */
  serve: ServeObjects
  log: Logger
  /** Folder below which each attempt gets its own. */
  scratch: string
  ffmpegBuild: string
  /** Encoder threads per rung; null: x264 decides. */
  encoderThreads: number | null
  memoryBytes: number
  /** A hint to whoever looks after the asset; it may get lost. */
  tellChanged: (assetId: string) => void
  now: () => Date
}

export interface ServeObjects {
  /** One object, pinned by its etag. */
  object(at: ObjectAt & { etag: string }, bytes: number): ServedResource
  /** Several objects in order, as one; each pinned where its etag is given. */
  concat(parts: readonly { at: ObjectAt; bytes: number; etag?: string }[]): ServedResource
}

/** CPU seconds a process may burn for each second of media; a five-rung 1080p ladder takes about 3. */
const CPU_SECONDS_PER_MEDIA_SECOND = 120
const LEAST_CPU_SECONDS = 600
/** Only pictures are written to scratch; encodes leave by pipes, MP4s are streamed. */
const SCRATCH_FILE_BYTES = 2 ** 30

export function processLimits(context: WorkerContext, mediaSeconds: number | null): ProcessLimits {
  return {
    memoryBytes: context.memoryBytes,
    cpuSeconds: Math.ceil(LEAST_CPU_SECONDS + (mediaSeconds ?? 0) * CPU_SECONDS_PER_MEDIA_SECOND),
    fileBytes: SCRATCH_FILE_BYTES,
  }
}
