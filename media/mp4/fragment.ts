/** Measures a fragment from its own boxes: when it is shown, how many samples it has, where its keyframes are. */
import { boxesAt, invalid } from './boxes'
import type { SampleDefaults } from './init'
import { eachSample, type Sample } from './sample-runs'

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
  decodeStartTicks: number
  decodeEndTicks: number
  samples: number
  /** Whether the first sample in decode order is a sync sample. */
  startsWithKeyframe: boolean
  /** Presentation times of the sync samples, rising. For sound every sample is one. */
  keyframeTicks: readonly number[]
}

const EMPTY_SPAN = {
  startTicks: Infinity,
  lastTicks: -Infinity,
  endTicks: -Infinity,
  decodeStartTicks: Infinity,
  decodeEndTicks: -Infinity,
}

/**
 * @param bytes moof and mdat, as the splitter gives them.
 * @param defaults Of the track's init segment.
 * @param editTicks What its edit list takes off (init.ts).
 * @throws FFMPEG_OUTPUT_INVALID when tables are cut, hold no sample or more bytes than the media has, or are of another
 * track.
 */
export function measureFragment(bytes: Uint8Array, defaults: SampleDefaults, editTicks = 0): FragmentMeasure {
  const [moof, ...others] = boxesAt(bytes, ['moof'])
  if (moof === undefined || others.length > 0)
    throw invalid(`one moof is expected, got ${moof ? 1 + others.length : 0}`)
  const span = { ...EMPTY_SPAN }
  const keyframeTicks: number[] = []
  let startsWithKeyframe = false
  let samples = 0
  let sampleBytes = 0
  eachSample(bytes, moof, defaults, (coded) => {
    const sample = { ...coded, presentationTicks: coded.presentationTicks - editTicks }
    if (samples === 0) startsWithKeyframe = sample.isSync
    if (sample.isSync) keyframeTicks.push(sample.presentationTicks)
    extend(span, sample)
    samples += 1
    sampleBytes += sample.bytes
  })
  if (samples === 0) throw invalid('a fragment has no sample')
  checkMediaBytes(bytes, sampleBytes)
  return { ...span, samples, startsWithKeyframe, keyframeTicks: keyframeTicks.sort((a, b) => a - b) }
}

function extend(span: typeof EMPTY_SPAN, { decodeTicks, presentationTicks, durationTicks }: Sample): void {
  span.startTicks = Math.min(span.startTicks, presentationTicks)
  span.lastTicks = Math.max(span.lastTicks, presentationTicks)
  span.endTicks = Math.max(span.endTicks, presentationTicks + durationTicks)
  span.decodeStartTicks = Math.min(span.decodeStartTicks, decodeTicks)
  span.decodeEndTicks = Math.max(span.decodeEndTicks, decodeTicks + durationTicks)
}

function checkMediaBytes(bytes: Uint8Array, sampleBytes: number): void {
  const mediaBytes = boxesAt(bytes, ['mdat']).reduce((sum, { payload, end }) => sum + end - payload, 0)
  if (sampleBytes > mediaBytes) {
    throw invalid(`the samples of a fragment take ${sampleBytes} bytes, its media has ${mediaBytes}`)
  }
}
