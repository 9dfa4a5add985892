/** The samples of a fragment, from `tfhd`, `tfdt` and `trun` (ISO/IEC 14496-12, 8.8). */
import { boxAtPath, boxesAt, invalid, type Box } from './boxes'
import { fieldsOf, fullBoxHeader, type FieldReader } from './fields'
import type { SampleDefaults } from './init'

/** Times in ticks of the track. */
export interface Sample {
  decodeTicks: number
  presentationTicks: number
  durationTicks: number
  bytes: number
  /** Decodable without any other sample. */
  isSync: boolean
}

/** Bits of `tfhd` (8.8.7), each announcing a field. */
const TFHD = { baseOffset: 0x1, description: 0x2, duration: 0x8, size: 0x10, flags: 0x20 } as const
/** Bits of `trun` (8.8.8). */
const TRUN = { offset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 } as const
/** `sample_is_non_sync_sample` in the sample flags (8.8.3). */
const NON_SYNC = 0x10000
/** A run whose samples all take the defaults has no table, so its count alone could ask for 2^32 samples. */
const MAX_SAMPLES_IN_A_RUN = 1_000_000

/**
 * In decode order, over all track fragments and runs of one `moof`. Called with each and not iterated over: a long
 * film has a million of them.
 *
 * @param others What to do with fragments of other tracks than that of `defaults`.
 * @throws FFMPEG_OUTPUT_INVALID when a table is cut, a time is beyond 2^53, or a track is refused.
 */
export function eachSample(
  bytes: Uint8Array,
  moof: Box,
  defaults: SampleDefaults,
  take: (sample: Sample) => void,
  others: 'refuse' | 'skip' = 'refuse',
): void {
  let decodeTicks: number | null = null
  for (const track of boxesAt(bytes, ['traf'], moof)) {
    if (others === 'skip' && trackIdOf(bytes, track) !== defaults.trackId) continue
    const trackDefaults = readTrackDefaults(bytes, track, defaults)
    decodeTicks = readDecodeTime(bytes, track) ?? decodeTicks
    if (decodeTicks === null) throw invalid('the box moof/traf/tfdt is missing')
    for (const run of boxesAt(bytes, ['trun'], track)) {
      decodeTicks = eachSampleOfRun(fieldsOf(bytes, run, 'trun'), trackDefaults, decodeTicks, take)
    }
  }
}

function trackIdOf(bytes: Uint8Array, track: Box): number {
  const fields = fieldsOf(bytes, boxAtPath(bytes, ['tfhd'], track), 'tfhd')
  fields.skip(4)
  return fields.uint(4)
}

function readTrackDefaults(bytes: Uint8Array, track: Box, trex: SampleDefaults): SampleDefaults {
  const fields = fieldsOf(bytes, boxAtPath(bytes, ['tfhd'], track), 'tfhd')
  const { flags } = fullBoxHeader(fields)
  const trackId = fields.uint(4)
  if (trackId !== trex.trackId) throw invalid(`a fragment of track ${trex.trackId} is expected, got track ${trackId}`)
  if ((flags & TFHD.baseOffset) !== 0) fields.skip(8)
  if ((flags & TFHD.description) !== 0) fields.skip(4)
  return {
    trackId,
    durationTicks: (flags & TFHD.duration) !== 0 ? fields.uint(4) : trex.durationTicks,
    bytes: (flags & TFHD.size) !== 0 ? fields.uint(4) : trex.bytes,
    flags: (flags & TFHD.flags) !== 0 ? fields.uint(4) : trex.flags,
  }
}

/** Null where a later fragment of the track goes on from the one before. */
function readDecodeTime(bytes: Uint8Array, track: Box): number | null {
  const [tfdt] = boxesAt(bytes, ['tfdt'], track)
  if (tfdt === undefined) return null
  const fields = fieldsOf(bytes, tfdt, 'tfdt')
  return fullBoxHeader(fields).version === 0 ? fields.uint(4) : fields.uint64()
}

/** @returns When the last of them is over. */
function eachSampleOfRun(
  fields: FieldReader,
  defaults: SampleDefaults,
  fromTicks: number,
  take: (sample: Sample) => void,
): number {
  const { version, flags } = fullBoxHeader(fields)
  const count = fields.uint(4)
  if (count > MAX_SAMPLES_IN_A_RUN) throw invalid(`a run has ${count} samples, at most ${MAX_SAMPLES_IN_A_RUN} is read`)
  if ((flags & TRUN.offset) !== 0) fields.skip(4)
  const firstFlags = (flags & TRUN.firstFlags) !== 0 ? fields.uint(4) : null
  let decodeTicks = fromTicks
  for (let index = 0; index < count; index += 1) {
    const durationTicks = (flags & TRUN.duration) !== 0 ? fields.uint(4) : defaults.durationTicks
    const sampleBytes = (flags & TRUN.size) !== 0 ? fields.uint(4) : defaults.bytes
    const ownFlags = (flags & TRUN.flags) !== 0 ? fields.uint(4) : defaults.flags
    const composition = (flags & TRUN.composition) !== 0 ? compositionOffset(fields, version) : 0
    const sampleFlags = index === 0 && firstFlags !== null ? firstFlags : ownFlags
    const presentationTicks = decodeTicks + composition
    // The end of a sample is the largest number made of it; the earliest shown may be below 0, but never far.
    if (!Number.isSafeInteger(Math.max(decodeTicks, presentationTicks) + durationTicks)) {
      throw invalid(`a sample is at ${presentationTicks} ticks, at most 2^53-1 is believable`)
    }
    take({ decodeTicks, presentationTicks, durationTicks, bytes: sampleBytes, isSync: (sampleFlags & NON_SYNC) === 0 })
    decodeTicks += durationTicks
  }
  return decodeTicks
}

/** Unsigned in version 0, signed in version 1. */
function compositionOffset(fields: FieldReader, version: number): number {
  return version === 0 ? fields.uint(4) : fields.int32()
}
