/** Pure: the gain that brings a sound to the loudness that a ladder asks for, and what is told of one that stays away. */
import type { SoundLoudness } from '../core/contract/markers'

/** As EBU R128 measures it over the whole sound. */
export interface Loudness {
  /** Null where nothing was above the gate: silence, or less than one of its blocks of 0.4 s. */
  integratedLufs: number | null
  /** 1 is full scale. */
  truePeak: number
}

export interface Gain {
  decibels: number
  /** Peaks are held under it, 1 being full scale; null where none would pass it. */
  ceiling: number | null
}

/** Nobody wants hiss as loud as speech. */
export const MAX_GAIN_DB = 30
/** Full scale less 1.5 dB: room for the overshoot of the codecs. Source: EBU R128, 2020, for distribution. */
export const CEILING = 0.841

export function gainFor({ integratedLufs, truePeak }: Loudness, targetLufs: number): Gain {
  if (integratedLufs === null) return { decibels: 0, ceiling: null }
  const wanted = Math.min(MAX_GAIN_DB, targetLufs - integratedLufs)
  const decibels = Math.round(wanted * 100) / 100
  return { decibels, ceiling: truePeak * 10 ** (decibels / 20) > CEILING ? CEILING : null }
}

/** Under it nobody hears the difference. */
const NEAR_LU = 1

/** @returns One sentence, or none where the loudness was reached. */
export function loudnessWarnings(trackId: string, loudness: SoundLoudness | null): string[] {
  if (loudness === null) return []
  const { targetLufs, beforeLufs, afterLufs, gainDb } = loudness
  if (beforeLufs === null) {
    return [`the sound ${trackId} is silent or under 0.4 s long, so it has no loudness and is left as it is`]
  }
  if (afterLufs !== null && Math.abs(afterLufs - targetLufs) <= NEAR_LU) return []
  const reason =
    gainDb >= MAX_GAIN_DB ? `it is raised by ${MAX_GAIN_DB} dB at most` : 'its peaks leave no room for more'
  const reached = afterLufs === null ? 'below what can be measured' : `at ${afterLufs.toFixed(1)} LUFS`
  return [`the sound ${trackId} is ${reached}, not at ${targetLufs}: ${reason}`]
}
