/** The picture that each fragment begins with, from the kept tables: what a player needs to show it alone. */
import { fragmentsOf } from './fragment-tables'
import type { SampleDefaults } from './init'
import { eachSample, type Sample } from './sample-runs'

export interface FirstPicture {
  /** Of the whole fragment. */
  fragmentBytes: number
  /** From the fragment's first byte to the end of its first sample, which is where its media begins. */
  bytes: number
  presentationTicks: number
  isSync: boolean
}

/**
 * @param defaults Of the track's init segment.
 * @param editTicks What its edit list takes off (init.ts).
 * @throws FFMPEG_OUTPUT_INVALID as `fragmentsOf` and `eachSample`; nothing for a fragment without a sample.
 */
export function* firstPictures(
  tables: Uint8Array,
  { defaults, editTicks }: { defaults: SampleDefaults; editTicks: number },
): Generator<FirstPicture> {
  for (const { moof, bytes: fragmentBytes, mediaStart } of fragmentsOf(tables)) {
    const samples: Sample[] = []
    eachSample(tables, moof, defaults, (sample) => void (samples.length === 0 && samples.push(sample)))
    const [first] = samples
    if (first === undefined) continue
    const { bytes, presentationTicks, isSync } = first
    yield { fragmentBytes, bytes: mediaStart + bytes, presentationTicks: presentationTicks - editTicks, isSync }
  }
}
