import { joinTimeline } from '../../worker/timeline'
import { pieceMarker, segment, sourceFacts, track } from '../support/builders'

const silent = sourceFacts({ audio: null })
const two = [segment(0), segment(1)]

describe('joinTimeline', () => {
  it('gives the length and the segments of all pieces in order', () => {
    const pieces = [
      pieceMarker([track('360p', [segment(0)]), track('720p', [segment(0)])]),
      pieceMarker([track('360p', [segment(1)]), track('720p', [segment(1)])]),
    ]
    const { tracks, playbackSeconds, warnings } = joinTimeline(pieces, null, silent)
    expect(playbackSeconds).toBe(8)
    expect(tracks.map(({ id, segments }) => [id, segments.map(({ number }) => number)])).toEqual([
      ['360p', [0, 1]],
      ['720p', [0, 1]],
    ])
    expect(warnings).toEqual([])
  })

  it.each([
    [
      'a rung off the common grid',
      [track('360p', two), track('720p', [segment(0), segment(1, { startTicks: 1 + 14 * 90_000 })])],
    ],
    ['a rung that lacks a segment', [track('360p', two), track('720p', [segment(0)])]],
    ['a rung with more segments', [track('360p', [segment(0)]), track('720p', two)]],
    ['a segment without a keyframe', [track('360p', [segment(0), segment(1, { startsWithKeyframe: false })])]],
    ['segments out of order', [track('360p', [segment(1), segment(0)])]],
    ['two segments that start together', [track('360p', [segment(0), segment(1, { startTicks: 10 * 90_000 })])]],
    ['an empty segment', [track('360p', [segment(0, { samples: 0 })])]],
    ['a rendition without segments', [track('360p', [])]],
  ])('refuses %s', (_, tracks) => {
    expect(() => joinTimeline([pieceMarker(tracks)], null, silent)).toThrow(
      expect.objectContaining({ code: 'FFMPEG_OUTPUT_INVALID' }),
    )
  })

  it.each([
    ['init segment', { init: { key: 'k', bytes: 1, sha256: '2' } }],
    ['codec', { codec: 'avc1.640020' }],
    ['time scale', { timescaleHz: 30_000 }],
  ])('refuses pieces that differ in their %s', (_, other) => {
    const pieces = [pieceMarker([track('360p', [segment(0)])]), pieceMarker([track('360p', [segment(1)], other)])]
    expect(() => joinTimeline(pieces, null, silent)).toThrow(/differ/)
  })

  it('refuses a run with neither picture nor sound', () => {
    expect(() => joinTimeline([], null, silent)).toThrow(/neither/)
  })

  it('warns of a picture that is shorter than the master says, and of damage', () => {
    const receipt = { ...pieceMarker([]).receipt, decodeWarnings: 3 }
    const { warnings } = joinTimeline([pieceMarker([track('360p', [segment(0)])], { receipt })], null, silent)
    expect(warnings).toEqual([expect.stringMatching(/4\.00 s of 8\.00 s/), expect.stringMatching(/damage.*3 lines/)])
  })
})
