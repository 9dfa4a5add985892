/** What a worker of a fleet on one machine is told. */
import type { Settings } from '../../core/service/settings'

/** What it reads of the command's settings; the rest follows from where it runs. */
const WORKER_SETTINGS = [
  ...(['GANTRY_FFMPEG', 'GANTRY_FFPROBE', 'GANTRY_LOG_LEVEL', 'GANTRY_SLOTS', 'GANTRY_ENCODER_THREADS'] as const),
  ...(['GANTRY_QUEUE_PREFIX', 'GANTRY_LOCK_MS', 'GANTRY_STALL_CHECK_MS', 'GANTRY_ATTEMPTS'] as const),
  ...(['GANTRY_RETRY_DELAY_MS', 'GANTRY_POISON_LIMIT', 'GANTRY_FFMPEG_MEMORY_BYTES'] as const),
] as const

/** Complete: workers inherit nothing, so that no secret of the caller's shell is in their environment. */
export function workerEnvironment(
  settings: Pick<Settings, (typeof WORKER_SETTINGS)[number]>,
  run: { searchPath: string; stateUrl: string; outputUrl: string; redisUrl: string; scratch: string },
): Record<string, string> {
  return {
    PATH: run.searchPath,
    ...Object.fromEntries(WORKER_SETTINGS.map((name) => [name, String(settings[name])])),
    GANTRY_REDIS_URL: run.redisUrl,
    // Whoever stops the command does not want to wait for a piece; it is kept for the next time.
    GANTRY_DRAIN_SECONDS: '0',
    GANTRY_STATE: run.stateUrl,
    GANTRY_OUTPUT: run.outputUrl,
    GANTRY_SCRATCH: run.scratch,
  }
}
