import type { StoredSegment } from '../../core/contract/markers'
import {
  playlistSegments,
  targetDurationSeconds,
  writeMediaPlaylist,
  type PlaylistEntry,
} from '../../media/hls/media-playlist'

const MISUSE = expect.objectContaining({ code: 'QUEUE_INTERNAL' })

const entry = (durationSeconds: number, more: Partial<PlaylistEntry> = {}): PlaylistEntry => ({
  uri: '0000-k3x7/00000.m4s',
  durationSeconds,
  ...more,
})

function stored(number: number, startTicks: number, endTicks: number): StoredSegment {
  const object = { key: `video/720p/0000-k3x7/${number}.m4s`, bytes: 1_000 + number, sha256: 'aa' }
  return { ...object, number, startTicks, endTicks, samples: 50, startsWithKeyframe: true }
}

describe('playlistSegments', () => {
  it('lets a segment last until the next begins, and the last until its own end', () => {
    const segments = [stored(0, 900_000, 1_260_180), stored(1, 1_260_360, 1_440_000), stored(3, 1_530_000, 1_571_000)]
    expect(playlistSegments(segments, 90_000)).toEqual([
      { uri: 'video/720p/0000-k3x7/0.m4s', bytes: 1_000, durationSeconds: 4.004 },
      { uri: 'video/720p/0000-k3x7/1.m4s', bytes: 1_001, durationSeconds: 2.996 },
      { uri: 'video/720p/0000-k3x7/3.m4s', bytes: 1_003, durationSeconds: 0.455556 },
    ])
  })

  it('gives nothing for nothing', () => {
    expect(playlistSegments([], 90_000)).toEqual([])
  })

  it.each([
    [90_000, 180_181],
    [44_100, 89_111],
    [30_000, 59_999],
    [48_000, 1_024],
  ])('does not add up rounding: 2,000 segments at %i Hz end within a microsecond', (timescaleHz, length) => {
    const start = 10 * timescaleHz
    const segments = Array.from({ length: 2_000 }, (_, i) => stored(i, start + i * length, start + (i + 1) * length))
    const written = playlistSegments(segments, timescaleHz).map(({ durationSeconds }) => durationSeconds.toFixed(6))
    const microseconds = written.reduce((sum, seconds) => sum + BigInt(seconds.replace('.', '')), 0n)
    expect(Math.abs(Number(microseconds) - (2_000 * length * 1e6) / timescaleHz)).toBeLessThanOrEqual(1)
  })
})

describe('targetDurationSeconds', () => {
  it.each([
    [[4.004, 2], 4],
    [[4.499999, 2], 4],
    [[4.5], 5],
    [[4.4999996], 5],
    [[6, 6.6, 0.1], 7],
    [[0.2], 1],
    [[], 1],
  ])('of %j is %i', (durations, expected) => {
    expect(targetDurationSeconds(durations.map((seconds) => entry(seconds)))).toBe(expected)
  })
})

describe('writeMediaPlaylist', () => {
  it('writes a finished playlist', () => {
    const segments = [entry(4.004), entry(3.003, { uri: '0001-bq22/00001.m4s' })]
    expect(writeMediaPlaylist({ init: 'init-0a1b2c.mp4', segments })).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:7',
        '#EXT-X-TARGETDURATION:4',
        '#EXT-X-MEDIA-SEQUENCE:0',
        '#EXT-X-PLAYLIST-TYPE:VOD',
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-MAP:URI="init-0a1b2c.mp4"',
        '#EXTINF:4.004000,',
        '0000-k3x7/00000.m4s',
        '#EXTINF:3.003000,',
        '0001-bq22/00001.m4s',
        '#EXT-X-ENDLIST',
        '',
      ].join('\n'),
    )
  })

  it('names another init segment where it changes, and once', () => {
    const other = { init: 'init-b.mp4' }
    const segments = [entry(2, { init: 'init-a.mp4' }), entry(2, other), entry(2, other), entry(2)]
    const lines = writeMediaPlaylist({ init: 'init-a.mp4', segments }).split('\n')
    expect(lines.flatMap((line, at) => (line.startsWith('#EXT-X-MAP') ? [[at, line]] : []))).toEqual([
      [6, '#EXT-X-MAP:URI="init-a.mp4"'],
      [9, '#EXT-X-MAP:URI="init-b.mp4"'],
    ])
    expect(lines).not.toContain('#EXT-X-DISCONTINUITY')
  })

  it('writes pictures of segments as an I-frame playlist', () => {
    const picture = (offset: number) => entry(2, { range: { bytes: 4_208, offset } })
    const text = writeMediaPlaylist({ init: 'i.mp4', segments: [picture(0), picture(32_025)], isIFramesOnly: true })
    expect(text).toBe(
      [
        ...['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:2', '#EXT-X-MEDIA-SEQUENCE:0'],
        ...['#EXT-X-PLAYLIST-TYPE:VOD', '#EXT-X-I-FRAMES-ONLY', '#EXT-X-INDEPENDENT-SEGMENTS'],
        '#EXT-X-MAP:URI="i.mp4"',
        ...['#EXTINF:2.000000,', '#EXT-X-BYTERANGE:4208@0', '0000-k3x7/00000.m4s'],
        ...['#EXTINF:2.000000,', '#EXT-X-BYTERANGE:4208@32025', '0000-k3x7/00000.m4s'],
        ...['#EXT-X-ENDLIST', ''],
      ].join('\n'),
    )
  })

  it.each([
    { bytes: 0, offset: 0 },
    { bytes: 1.5, offset: 0 },
    { bytes: 1, offset: -1 },
  ])('refuses the range $bytes@$offset', (range) => {
    expect(() => writeMediaPlaylist({ init: 'i.mp4', segments: [entry(2, { range })] })).toThrow(MISUSE)
  })

  it('writes a discontinuity where it is asked for', () => {
    const text = writeMediaPlaylist({ init: 'i.mp4', segments: [entry(2), entry(2, { discontinuity: true })] })
    expect(text.split('\n').slice(8, 11)).toEqual(['0000-k3x7/00000.m4s', '#EXT-X-DISCONTINUITY', '#EXTINF:2.000000,'])
  })

  it.each([
    'a\nb.m4s',
    'a\r.m4s',
    'a".m4s',
    'a b.m4s',
    '',
    '/abs.m4s',
    '//host/a.m4s',
    'https://host/a.m4s',
    'data:,x',
    '../a.m4s',
    'a/../b.m4s',
    './a.m4s',
    'a//b.m4s',
    'a/',
    'a\\b',
    '#a',
    'a?b',
    'a%2fb',
    'ü.m4s',
    'a.m4s\n',
  ])('refuses the URI %j, of a segment and of an init segment', (uri) => {
    expect(() => writeMediaPlaylist({ init: 'i.mp4', segments: [entry(2, { uri })] })).toThrow(MISUSE)
    expect(() => writeMediaPlaylist({ init: uri, segments: [entry(2)] })).toThrow(MISUSE)
    expect(() => writeMediaPlaylist({ init: 'i.mp4', segments: [entry(2), entry(2, { init: uri })] })).toThrow(MISUSE)
  })

  it.each([0, -1, 1e-7, NaN, Infinity, 1e10])('refuses a duration of %d s', (seconds) => {
    expect(() => writeMediaPlaylist({ init: 'i.mp4', segments: [entry(seconds)] })).toThrow(MISUSE)
  })

  it('refuses a list without segments', () => {
    expect(() => writeMediaPlaylist({ init: 'i.mp4', segments: [] })).toThrow(MISUSE)
  })
})
