/** Facts of masters that ladders are held against. */
import type { AudioFacts, CaptionFacts, SourceFacts, VideoFacts } from '../../core/contract/source'
import { audioFacts, videoFacts } from './facts'

export function master(tracks: {
  video?: VideoFacts | null
  audio?: AudioFacts | null
  otherAudio?: readonly AudioFacts[]
  captions?: readonly CaptionFacts[]
}): SourceFacts {
  const { video = videoFacts(), audio = audioFacts() } = tracks
  const facts = { container: 'mp4', durationSeconds: 10, video, audio, dropped: [], notes: [] } as const
  return { ...facts, bytes: 1_000_000_000, otherAudio: tracks.otherAudio ?? [], captions: tracks.captions ?? [] }
}

/** A silent master of square pixels, shown at this size. */
export function pictureMaster(
  size: { widthPx: number; heightPx: number },
  more: Partial<VideoFacts> = {},
): SourceFacts {
  const { widthPx, heightPx } = size
  const coded = { codedWidthPx: widthPx, codedHeightPx: heightPx }
  return master({
    video: videoFacts({ ...coded, displayWidthPx: widthPx, displayHeightPx: heightPx, ...more }),
    audio: null,
  })
}
