/** Pure: keyframes of the rungs to their I-frame playlists, and to what players are told of them. */
import type { PublishedRendition } from '../core/contract/intent'
import { outputKeys } from '../core/contract/keys'
import { averageBps, peakBps } from '../media/hls/bandwidth'
import {
  playlistSegments,
  targetDurationSeconds,
  writeMediaPlaylist,
  type PlaylistSegment,
} from '../media/hls/media-playlist'
import type { IFrameStream } from '../media/hls/multivariant'
import type { Keyframe, Keyframes } from './keyframes'
import { videoRangesOf, type OfferedTrack } from './publication-variants'
import type { JoinedTrack } from './timeline'

/** A rung as its variants have it. */
export interface OfferedRung extends OfferedTrack {
  track: JoinedTrack
}

export interface IFramesPublication {
  /** Keys relative to the run's output. */
  playlists: readonly { key: string; text: string }[]
  /** In the order of the rungs. */
  streams: readonly IFrameStream[]
  /** Of each rung that has one. */
  published: ReadonlyMap<string, Pick<PublishedRendition, 'iFrames'>>
}

/** @param folder Of the run, relative to the multivariant playlist. */
export function iFramesPublication(
  video: readonly OfferedRung[],
  keyframes: Keyframes,
  folder: string,
): IFramesPublication {
  const rangeOf = videoRangesOf(video)
  const made = video.flatMap((rung) => {
    const own = keyframes.get(rung.track.id) ?? []
    if (own.length === 0) return []
    const { text, stream } = iFramesOf(rung, own)
    const key = outputKeys.iFramePlaylist(rung.track.id)
    const uri = `${folder}/${key}`
    return [{ id: rung.track.id, key, text, uri, stream: { uri, ...stream, ...rangeOf(rung) } }]
  })
  return {
    playlists: made.map(({ key, text }) => ({ key, text })),
    streams: made.map(({ stream }) => stream),
    published: new Map(made.map(({ id, uri }) => [id, { iFrames: uri }])),
  }
}

/**
 * The playlist has a target duration of its own, so its rates are measured over as short times as its pictures last.
 * Source: RFC 8216, 6.2.4.
 */
function iFramesOf({ track, published }: OfferedRung, keyframes: readonly Keyframe[]) {
  const pictures = picturesOf(track, keyframes)
  const targetSeconds = targetDurationSeconds(pictures)
  const folder = outputKeys.trackFolder('video', track.id).length
  const segments = pictures.map((picture) => ({ ...picture, uri: picture.uri.slice(folder) }))
  const init = (track.pieces[0]?.init.key ?? '').slice(folder)
  const { codec, widthPx = 0, heightPx = 0 } = published
  return {
    text: writeMediaPlaylist({ init, segments, isIFramesOnly: true }),
    stream: {
      bandwidthBps: peakBps(pictures, targetSeconds),
      averageBandwidthBps: averageBps(pictures),
      codecs: [codec],
      resolution: { widthPx, heightPx },
    },
  }
}

/** Each is shown until the next one, the last one until the track ends. Source: RFC 8216, 4.3.3.6. */
function picturesOf({ segments, timescaleHz }: JoinedTrack, keyframes: readonly Keyframe[]): PlaylistSegment[] {
  const endTicks = segments.at(-1)?.endTicks ?? 0
  const timed = keyframes.map(({ key, range, startTicks }) => ({ key, bytes: range.bytes, startTicks, endTicks }))
  return playlistSegments(timed, timescaleHz).map((picture, index) => {
    const range = keyframes[index]?.range
    return range === undefined ? picture : { ...picture, range }
  })
}
