/** Measures a fragment from its own boxes: when it is shown, how many samples it has, where its keyframes are. */
import { boxAtPath, boxesAt, invalid, toSafe, viewOf, type Box } from './boxes'
import type { SampleDefaults } from './init'

/** Times in ticks of the track. */
export interface FragmentMeasure {
  /** Earliest presentation time. */
  startTicks: number
  /** When the sample shown last begins. */
  lastTicks: number
  /**
   * When the sample shown last is over. Exact for sound and at a constant rate; with B-frames at an irregular rate a
   * sample's duration counts to the next one decoded, so this may be late.
   */
  endTicks: number
  samples: number
  startsWithKeyframe: boolean
  keyframeTicks: readonly number[]
}

interface Sample {
  presentationTicks: number
  durationTicks: number
  isSync: boolean
}

/** Bits of `tfhd` (ISO/IEC 14496-12, 8.8.7), each announcing a field. */
const TFHD = { baseOffset: 0x1, description: 0x2, duration: 0x8, size: 0x10, flags: 0x20 } as const
/** Bits of `trun` (8.8.8). */
const TRUN = { offset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 } as const
/** `sample_is_non_sync_sample` in the sample flags (8.8.3). */
const NON_SYNC = 0x10000

/**
 * @param bytes moof and mdat.
 * @throws FFMPEG_OUTPUT_INVALID when tables are cut, hold no sample, or are of more than one track.
 */
export function measureFragment(bytes: Uint8Array, defaults: SampleDefaults): FragmentMeasure {
  const tracks = boxesAt(bytes, ['moof', 'traf'])
  const [track] = tracks
  if (track === undefined || tracks.length !== 1) throw invalid(`one track fragment is expected, got ${tracks.length}`)
  const samples = readSamples(bytes, track, defaults)
  const [first] = samples
  if (first === undefined) throw invalid('a fragment has no sample')
  let startTicks = Infinity
  let lastTicks = -Infinity
  let endTicks = -Infinity
  for (const { presentationTicks, durationTicks } of samples) {
    startTicks = Math.min(startTicks, presentationTicks)
    lastTicks = Math.max(lastTicks, presentationTicks)
    endTicks = Math.max(endTicks, presentationTicks + durationTicks)
  }
  return {
    startTicks,
    lastTicks,
    endTicks,
    samples: samples.length,
    startsWithKeyframe: first.isSync,
    keyframeTicks: samples.filter((sample) => sample.isSync).map((sample) => sample.presentationTicks),
  }
}

function readSamples(bytes: Uint8Array, track: Box, trex: SampleDefaults): Sample[] {
  const defaults = trackDefaults(bytes, track, trex)
  let decodeTicks = decodeTime(bytes, boxAtPath(bytes, ['tfdt'], track))
  const samples: Sample[] = []
  for (const run of boxesAt(bytes, ['trun'], track)) {
    decodeTicks = readRun(bytes, run, defaults, decodeTicks, samples)
  }
  return samples
}

function trackDefaults(bytes: Uint8Array, track: Box, trex: SampleDefaults): SampleDefaults {
  const tfhd = boxAtPath(bytes, ['tfhd'], track)
  const view = viewOf(bytes)
  const flags = view.getUint32(tfhd.payload) & 0xffffff
  let at = tfhd.payload + 8
  const field = (bit: number, fieldBytes: number): number | null => {
    if ((flags & bit) === 0) return null
    const value = fieldBytes === 4 ? view.getUint32(at) : 0
    at += fieldBytes
    return value
  }
  field(TFHD.baseOffset, 8)
  field(TFHD.description, 4)
  const durationTicks = field(TFHD.duration, 4) ?? trex.durationTicks
  field(TFHD.size, 4)
  return { durationTicks, flags: field(TFHD.flags, 4) ?? trex.flags }
}

function decodeTime(bytes: Uint8Array, tfdt: Box): number {
  const view = viewOf(bytes)
  return bytes[tfdt.payload] === 1 ? toSafe(view.getBigUint64(tfdt.payload + 4)) : view.getUint32(tfdt.payload + 4)
}

/** Appends the samples of one run; gives the decode time behind it. */
function readRun(bytes: Uint8Array, run: Box, defaults: SampleDefaults, decodeStart: number, into: Sample[]): number {
  const view = viewOf(bytes)
  const version = bytes[run.payload]
  const flags = view.getUint32(run.payload) & 0xffffff
  const count = view.getUint32(run.payload + 4)
  let at = run.payload + 8 + ((flags & TRUN.offset) !== 0 ? 4 : 0)
  const firstFlags = (flags & TRUN.firstFlags) !== 0 ? view.getUint32(at) : null
  if (firstFlags !== null) at += 4
  const fields = [TRUN.duration, TRUN.size, TRUN.flags, TRUN.composition].filter((bit) => (flags & bit) !== 0)
  if (at + count * fields.length * 4 > run.end) throw invalid(`a table of ${count} samples is longer than its box`)
  let decodeTicks = decodeStart
  for (let index = 0; index < count; index += 1) {
    const sample = { durationTicks: defaults.durationTicks, flags: defaults.flags, composition: 0 }
    for (const bit of fields) {
      if (bit === TRUN.duration) sample.durationTicks = view.getUint32(at)
      if (bit === TRUN.flags) sample.flags = view.getUint32(at)
      // Version 1 offsets are signed.
      if (bit === TRUN.composition) sample.composition = version === 0 ? view.getUint32(at) : view.getInt32(at)
      at += 4
    }
    if (index === 0 && firstFlags !== null) sample.flags = firstFlags
    into.push({
      presentationTicks: decodeTicks + sample.composition,
      durationTicks: sample.durationTicks,
      isSync: (sample.flags & NON_SYNC) === 0,
    })
    decodeTicks += sample.durationTicks
  }
  return decodeTicks
}
