/** Limits on masters, from settings. */
import type { Settings } from '../core/service/settings'
import type { Place } from '../core/contract/source'
import type { PlanLimits } from './plan'

export const LIMIT_NAMES = [
  ...(['GANTRY_MAX_BYTES', 'GANTRY_MAX_DURATION_SECONDS', 'GANTRY_MAX_PIXELS', 'GANTRY_FFMPEG_STALL_SECONDS'] as const),
  ...(['GANTRY_PIECE_SECONDS', 'GANTRY_FFMPEG_MEMORY_BYTES'] as const),
] as const

export function planLimits(settings: Pick<Settings, (typeof LIMIT_NAMES)[number]>): PlanLimits {
  return {
    maxPixels: settings.GANTRY_MAX_PIXELS,
    stallSeconds: settings.GANTRY_FFMPEG_STALL_SECONDS,
    maxDurationSeconds: settings.GANTRY_MAX_DURATION_SECONDS,
    pieceSeconds: settings.GANTRY_PIECE_SECONDS ?? null,
    slotMemoryBytes: settings.GANTRY_FFMPEG_MEMORY_BYTES,
  }
}

/** `bucket` or `bucket/prefix`, as GANTRY_SOURCES names them. */
export function sourcePlaces(sources: readonly string[]): Place[] {
  return sources.map((source) => {
    const slash = source.indexOf('/')
    return slash < 0
      ? { bucket: source, prefix: '' }
      : { bucket: source.slice(0, slash), prefix: source.slice(slash + 1) }
  })
}
