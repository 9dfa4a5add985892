import { joinTimeline, secondsOf, summary } from '../../worker/timeline'
import { audioMarker, pieceMarker, segment, sourceFacts, track } from '../support/builders'
import { videoFacts } from '../support/facts'

const planOf = (more: Parameters<typeof sourceFacts>[0] = {}) => ({
  facts: sourceFacts(more),
  sounds: [],
  variants: [],
})
const silent = planOf({ audio: null })
const two = [segment(0), segment(1)]

describe('joinTimeline', () => {
  it('gives the length and the segments of all pieces in order', () => {
    const pieces = [
      pieceMarker([track('360p', [segment(0)]), track('720p', [segment(0)])]),
      pieceMarker([track('360p', [segment(1)]), track('720p', [segment(1)])]),
    ]
    const { tracks, playbackSeconds, warnings } = joinTimeline(pieces, [], silent)
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
    expect(() => joinTimeline([pieceMarker(tracks)], [], silent)).toThrow(
      expect.objectContaining({ code: 'FFMPEG_OUTPUT_INVALID' }),
    )
  })

  it('goes without an optional rung that some piece could not encode, and says why', () => {
    const both = pieceMarker([track('360p', [segment(0)]), track('720p', [segment(0)])])
    const leftOut = { rungIds: ['720p'], code: 'FFMPEG_LIMIT', message: 'too much' } as const
    const one = pieceMarker([track('360p', [segment(1)])], { leftOut })
    const { tracks, warnings } = joinTimeline([both, one], [], silent)
    expect(tracks.map(({ id }) => id)).toEqual(['360p'])
    expect(warnings).toEqual(['the optional rung 720p is left out (FFMPEG_LIMIT: too much)'])
  })

  it.each([
    ['init segment', { init: { key: 'k', bytes: 1, sha256: '2' } }],
    ['codec', { codec: 'avc1.640020' }],
    ['time scale', { timescaleHz: 30_000 }],
  ])('refuses pieces that differ in their %s', (_, other) => {
    const pieces = [pieceMarker([track('360p', [segment(0)])]), pieceMarker([track('360p', [segment(1)], other)])]
    expect(() => joinTimeline(pieces, [], silent)).toThrow(/differ/)
  })

  it('refuses a run with neither picture nor sound', () => {
    expect(() => joinTimeline([], [], silent)).toThrow(/neither/)
  })

  it('warns of a picture that is shorter than the master says, and of damage', () => {
    const receipt = { ...pieceMarker([]).receipt, decodeWarnings: 3 }
    const { warnings } = joinTimeline([pieceMarker([track('360p', [segment(0)])], { receipt })], [], silent)
    expect(warnings).toEqual([expect.stringMatching(/4\.00 s of 8\.00 s/), expect.stringMatching(/damage.*3 lines/)])
  })

  it('refuses a piece that lacks a rung of the first', () => {
    const pieces = [pieceMarker([track('360p', [segment(0)])]), pieceMarker([track('720p', [segment(1)])])]
    expect(() => joinTimeline(pieces, [], silent)).toThrow(/'video-0000' has no rung '360p'/)
  })

  it('takes segments that skip numbers, where the master has no picture', () => {
    const { tracks } = joinTimeline([pieceMarker([track('360p', [segment(0), segment(9)])])], [], silent)
    expect(tracks[0]?.segments).toHaveLength(2)
  })

  it('takes a segment that ends after the next begins, as irregular pictures do', () => {
    const late = segment(0, { endTicks: 15 * 90_000 })
    expect(joinTimeline([pieceMarker([track('360p', [late, segment(1)])])], [], silent).playbackSeconds).toBe(8)
  })
})

describe('joinTimeline with sound', () => {
  const picture = [pieceMarker([track('360p', two)])]
  /** Sound on a clock of its own that begins with the picture and ends at a second of the timeline. */
  const sound = (endSeconds: number) => {
    const only = { startTicks: 480_000, endTicks: (10 + endSeconds) * 48_000, startsWithKeyframe: false }
    return audioMarker(track('audio', [segment(0, only)], { codec: 'mp4a.40.2', timescaleHz: 48_000 }))
  }

  it('has the sound after all rungs, and the length of the picture', () => {
    const { tracks, playbackSeconds, warnings } = joinTimeline(picture, [sound(8.5)], planOf())
    expect(tracks.map(({ id, kind }) => [id, kind])).toEqual([
      ['360p', 'video'],
      ['audio', 'audio'],
    ])
    expect(playbackSeconds).toBe(8)
    expect(warnings).toEqual([])
  })

  it('has the length of the sound where there is no picture, and wants no keyframes of it', () => {
    const { playbackSeconds, warnings } = joinTimeline([], [sound(7.75)], planOf({ video: null }))
    expect(playbackSeconds).toBe(7.75)
    expect(warnings).toEqual([])
  })

  it.each([
    [9.5, ['the sound ends 1.50 s after the picture']],
    [9, []],
    [7.65, []],
    [6.5, ['the sound is shorter than the master says: 6.50 s of 8.00 s', 'the sound ends 1.50 s before the picture']],
  ])('warns of sound that ends at %f s by %j', (end, expected) => {
    const { warnings } = joinTimeline(picture, [sound(end)], planOf())
    expect(warnings).toEqual(expected.map((text) => expect.stringContaining(text)))
  })

  it('counts the damage of all pieces and of the sound together', () => {
    const damaged = { receipt: { ...pieceMarker([]).receipt, decodeWarnings: 2 } }
    const piece = pieceMarker([track('360p', two)], damaged)
    const { warnings } = joinTimeline([piece], [{ ...sound(8), ...damaged }], planOf())
    expect(warnings).toEqual([expect.stringContaining('(4 lines; see the report)')])
  })
})

describe('the length that the master declares', () => {
  const made = [pieceMarker([track('360p', two)])]
  const declared = (durationSeconds: number | null, stream: number | null) =>
    joinTimeline(made, [], planOf({ audio: null, durationSeconds, video: videoFacts({ durationSeconds: stream }) }))
      .warnings

  it('is that of the track, and of the container where the track has none', () => {
    expect(declared(100, 8)).toEqual([])
    expect(declared(100, null)).toEqual([expect.stringContaining('8.00 s of 100.00 s')])
    expect(declared(8, 100)).toEqual([expect.stringContaining('8.00 s of 100.00 s')])
    expect(declared(null, null)).toEqual([])
  })

  it('may be missed by a twentieth', () => {
    expect(declared(null, 8 / 0.95 - 0.001)).toEqual([])
    expect(declared(null, 8 / 0.95 + 0.001)).toHaveLength(1)
  })

  it('must be half there where the decoder found damage, and only there', () => {
    const piece = pieceMarker([track('360p', two)])
    const damaged = { ...piece, receipt: { ...piece.receipt, decodeWarnings: 1 } }
    const joined = (part: typeof piece, container: number | null, stream: number | null) => () =>
      joinTimeline(
        [part],
        [],
        planOf({ audio: null, durationSeconds: container, video: videoFacts({ durationSeconds: stream }) }),
      )
    const truncated = expect.objectContaining({ code: 'SOURCE_TRUNCATED' })
    expect(joined(damaged, 16.1, 16.1)).toThrow(truncated)
    expect(joined(damaged, 16.1, null)).toThrow(truncated)
    expect(joined(damaged, null, 16.1)).toThrow(/only 8\.00 s of the 16\.10 s/)
    // The shorter of the two is believed: an edit list may show a part of a long track.
    for (const ok of [joined(damaged, 16, 100), joined(damaged, 100, 16), joined(damaged, null, null)]) ok()
    joined(piece, 100, 100)()
  })

  it('is held against the longest track where the picture says nothing of its own', () => {
    const damaged = { receipt: { ...pieceMarker([]).receipt, decodeWarnings: 1 } }
    const long = track('audio', [segment(0, { endTicks: 24 * 90_000 })])
    const join = (durationSeconds: number) =>
      joinTimeline(
        [pieceMarker([track('360p', two)], damaged)],
        [audioMarker(long)],
        planOf({ durationSeconds, video: videoFacts({ durationSeconds: null }) }),
      )
    expect(() => join(28.1)).toThrow(expect.objectContaining({ code: 'SOURCE_TRUNCATED' }))
    expect(join(27.9).warnings).not.toEqual([])
  })

  it('comes before what the probe noted', () => {
    const { warnings } = joinTimeline(made, [], planOf({ audio: null, notes: ['odd'], durationSeconds: 8 }))
    expect(warnings).toEqual(['odd'])
  })
})

describe('summary', () => {
  it('sums samples and bytes over all pieces', () => {
    const pieces = [
      pieceMarker([track('360p', [segment(0, { samples: 3, bytes: 10 })])]),
      pieceMarker([track('360p', [segment(1, { samples: 4, bytes: 20 })])]),
    ]
    const { tracks } = joinTimeline(pieces, [], silent)
    expect(tracks.map(summary)).toEqual([{ id: '360p', kind: 'video', frames: 7, segments: 2, bytes: 30 }])
  })
})

describe('secondsOf', () => {
  it('takes the offset of the timeline off', () => {
    expect(secondsOf(10 * 48_000, 48_000)).toBe(0)
    expect(secondsOf(10 * 30_000 + 1_001, 30_000)).toBeCloseTo(1_001 / 30_000, 12)
  })
})

describe('damaged pictures', () => {
  const join = (
    corruptPictures: number,
    lostPackets: number,
    plan: Parameters<typeof joinTimeline>[2] = planOf({ audio: null }),
  ) => {
    const receipt = { ...pieceMarker([]).receipt, decodeWarnings: 1, corruptPictures, lostPackets }
    return () => joinTimeline([pieceMarker([track('360p', two)], { frames: 200, receipt })], [], plan)
  }
  const refused = expect.objectContaining({ code: 'SOURCE_UNREADABLE' })

  it('are told of up to a half, and are no film above it', () => {
    expect(join(100, 0)().warnings).toEqual([expect.stringContaining('reported damage')])
    expect(join(101, 0)).toThrow(refused)
    // Lost ones are no pictures any more: 50 and 150 of 350.
    expect(join(50, 150)).toThrow(/200 of 350 pictures/)
    expect(join(10, 150)().warnings).toHaveLength(1)
  })

  it('are counted at the rate of the master, of which every rung may have a part', () => {
    const variant = { rungId: '360p', widthPx: 640, heightPx: 360, fps: { num: 25, den: 2 }, range: 'sdr' as const }
    const halved = { ...planOf({ audio: null }), variants: [variant] }
    expect(join(150, 0, halved)().warnings).toHaveLength(1)
    expect(join(201, 0, halved)).toThrow(refused)
  })
})

describe('sound tracks with nothing in them', () => {
  const planned = ['audio', 'audio-fra'].map((trackId, index) => {
    return { trackId, groups: ['audio'], language: null, channels: 2, isDefault: index === 0, durationSeconds: 8 }
  })
  const plan = { ...planOf(), sounds: planned }
  const picture = [pieceMarker([track('360p', two)])]
  const nothing = { ...audioMarker(track('audio', two)), track: null, receipt: null }

  it('are left out with a warning while others have something', () => {
    const { tracks, warnings } = joinTimeline(picture, [nothing, audioMarker(track('audio-fra', two))], plan)
    expect(tracks.map(({ id }) => id)).toEqual(['360p', 'audio-fra'])
    expect(warnings).toEqual([expect.stringContaining('nothing in the sound track for audio,')])
  })

  it('fail the asset when there is no other', () => {
    expect(() => joinTimeline(picture, [nothing, nothing], plan)).toThrow(
      expect.objectContaining({ code: 'FFMPEG_NO_OUTPUT' }),
    )
  })
})
