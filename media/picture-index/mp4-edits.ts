/** Which part of a track is shown, and from when on. */
import { refused } from './refused'
import type { TrackTables } from './mp4-tables'

/** Times in ticks of the track. */
export interface ShownPart {
  /** Pause before the first picture. */
  pauseTicks: number
  /** Samples with composition times from here ... */
  fromTicks: number
  /** ... to before here are shown. */
  toTicks: number
}

const USUAL_SPEED = 0x10000

/**
 * Null without an edit list: everything is shown at its own time.
 *
 * One part that plays at the usual speed, perhaps after a pause: what cameras, encoders and trimmers write. ffmpeg shows
 * the pictures of other lists twice or out of order, so those masters are not cut.
 */
export function shownPart({ edits, timescaleHz, movieTimescaleHz }: TrackTables): ShownPart | null {
  if (edits.length === 0) return null
  const toTrack = (ticks: number): number => Math.round((ticks * timescaleHz) / movieTimescaleHz)
  const firstShown = edits.findIndex(({ mediaTicks }) => mediaTicks !== -1)
  const [part, ...others] = firstShown === -1 ? [] : edits.slice(firstShown)
  if (part === undefined) throw refused('its edit list shows nothing')
  if (others.length > 0) throw refused(`its edit list has ${others.length + 1} parts`)
  if (part.rate !== USUAL_SPEED) throw refused('its edit list changes the speed')
  if (part.mediaTicks < 0 || part.durationTicks === 0) throw refused('its edit list has a part without a time')
  const pauseTicks = edits.slice(0, firstShown).reduce((sum, { durationTicks }) => sum + toTrack(durationTicks), 0)
  const toTicks = part.mediaTicks + toTrack(part.durationTicks)
  if (!Number.isSafeInteger(pauseTicks + toTicks)) throw refused('its edit list has times beyond 2^53')
  return { pauseTicks, fromTicks: part.mediaTicks, toTicks }
}
