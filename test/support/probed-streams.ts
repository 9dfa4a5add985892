/** What ffprobe prints of made-up tracks, and the facts that follow from it. */
import { sourceFacts, type FactContext } from '../../core/adapters/ffprobe-facts'
import { readProbeJson } from '../../core/adapters/ffprobe-json'
import { asGantryError } from '../../core/contract/errors'
import type { SourceFacts } from '../../core/contract/source'

export const CONTEXT: FactContext = {
  container: 'mp4',
  bytes: 1_000_000,
  limits: { maxPixels: 35_389_440, maxStreams: 64, maxDurationSeconds: 43_200 },
  isPictureTooLarge: false,
  notes: [],
}

export type Fields = Record<string, unknown>

export const video = (more: Fields = {}): Fields => ({
  codec_type: 'video',
  codec_name: 'h264',
  codec_tag_string: 'avc1',
  width: 1_920,
  height: 1_080,
  pix_fmt: 'yuv420p',
  r_frame_rate: '25/1',
  avg_frame_rate: '25/1',
  duration: '60.000000',
  disposition: { default: 1, attached_pic: 0 },
  ...more,
})

export const audio = (more: Fields = {}): Fields => ({
  codec_type: 'audio',
  codec_name: 'aac',
  codec_tag_string: 'mp4a',
  channels: 2,
  sample_rate: '48000',
  duration: '60.000000',
  disposition: { default: 1 },
  ...more,
})

export function facts(
  streams: readonly Fields[],
  format: Fields = { duration: '60.000000' },
  context = CONTEXT,
): SourceFacts {
  const indexed = streams.map((stream, index) => ({ index, ...stream }))
  return sourceFacts(readProbeJson(JSON.stringify({ streams: indexed, format })), context)
}

export const picture = (more: Fields = {}): SourceFacts['video'] => facts([video(more)]).video
/** The code of the error that `work` throws, or `accepted`. */
export function codeThrown(work: () => unknown): string {
  try {
    work()
    return 'accepted'
  } catch (thrown) {
    return asGantryError(thrown).code
  }
}

export const codeOf = (streams: readonly Fields[], format?: Fields, context?: FactContext): string =>
  codeThrown(() => facts(streams, format, context))
