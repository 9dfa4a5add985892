import { parseMediaPlaylist } from '../../media/hls/parse-media'
import { faultAt, playlistText } from '../support/playlist-text'

const TARGET = '#EXT-X-TARGETDURATION:6'

describe('parseMediaPlaylist', () => {
  it('reads the smallest playlist there is', () => {
    expect(parseMediaPlaylist(playlistText(TARGET, '#EXTINF:6,', 'a.ts'))).toEqual({
      version: 1,
      targetDurationSeconds: 6,
      mediaSequence: 0,
      type: null,
      areSegmentsIndependent: false,
      isIFramesOnly: false,
      hasEnd: false,
      init: null,
      initRange: null,
      segments: [{ uri: 'a.ts', durationSeconds: 6 }],
    })
  })

  it('reads what playlists of others have: ranges, titles, dates, comments, CRLF, whole URLs', () => {
    const text = playlistText(
      '# made elsewhere',
      '#EXT-X-VERSION:6',
      TARGET,
      '#EXT-X-MEDIA-SEQUENCE:2680',
      '#EXT-X-PLAYLIST-TYPE:EVENT',
      '#EXT-X-KEY:METHOD=NONE',
      '#EXT-X-MAP:URI="all.mp4",BYTERANGE="720@0"',
      '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z',
      '#EXTINF:5.96,first, with a comma',
      '#EXT-X-BYTERANGE:1000@720',
      'all.mp4',
      '',
      '#EXTINF:6.4,',
      '#EXT-X-BYTERANGE:500',
      'all.mp4',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-MAP:URI="https://cdn.example/i.mp4?t=1",BYTERANGE="9"',
      '#EXT-X-VENDOR-THING',
      '#EXTINF:1,',
      'https://cdn.example/a%20b.m4s',
    ).replaceAll('\n', '\r\n')
    expect(parseMediaPlaylist(text)).toEqual({
      version: 6,
      targetDurationSeconds: 6,
      mediaSequence: 2680,
      type: 'EVENT',
      areSegmentsIndependent: false,
      isIFramesOnly: false,
      hasEnd: false,
      init: 'all.mp4',
      initRange: { bytes: 720, offset: 0 },
      segments: [
        { uri: 'all.mp4', durationSeconds: 5.96, title: 'first, with a comma', range: { bytes: 1000, offset: 720 } },
        { uri: 'all.mp4', durationSeconds: 6.4, range: { bytes: 500, offset: 1720 } },
        {
          uri: 'https://cdn.example/a%20b.m4s',
          durationSeconds: 1,
          discontinuity: true,
          init: 'https://cdn.example/i.mp4?t=1',
          initRange: { bytes: 9, offset: 0 },
        },
      ],
    })
  })

  it('does not call a repeated init segment a change', () => {
    const map = '#EXT-X-MAP:URI="i.mp4"'
    const read = parseMediaPlaylist(playlistText(TARGET, map, '#EXTINF:6,', 'a', map, '#EXTINF:6,', 'b'))
    expect(read.segments[1]).toEqual({ uri: 'b', durationSeconds: 6 })
  })

  it('calls another part of the same file another init segment', () => {
    const map = (range: string): string => `#EXT-X-MAP:URI="i.mp4",BYTERANGE="${range}"`
    const parts = [map('5@0'), '#EXTINF:6,', 'a', map('6@0'), '#EXTINF:6,', 'b', map('6@9'), '#EXTINF:6,', 'c']
    expect(parseMediaPlaylist(playlistText(TARGET, ...parts)).segments.map(({ initRange }) => initRange)).toEqual([
      undefined,
      { bytes: 6, offset: 0 },
      { bytes: 6, offset: 9 },
    ])
  })

  it('reads a title and a name that no line of ours would have', () => {
    expect(parseMediaPlaylist(playlistText(TARGET, '#EXTINF:6,constructor', '__proto__')).segments).toEqual([
      { uri: '__proto__', durationSeconds: 6, title: 'constructor' },
    ])
    expect(parseMediaPlaylist(playlistText(TARGET, '#EXT-X-TOSTRING:1', '#EXTINF:6,', 'a')).segments).toHaveLength(1)
  })

  it.each([
    [1, 'an empty text', ''],
    [1, 'a byte order mark', `\ufeff${playlistText(TARGET)}`],
    [1, 'something in front', `\n${playlistText(TARGET)}`],
    [1, 'more behind EXTM3U', playlistText(TARGET).replace('#EXTM3U', '#EXTM3U8')],
    [1, 'no target duration', playlistText('#EXTINF:6,', 'a')],
    [2, 'a target duration with a fraction', playlistText('#EXT-X-TARGETDURATION:6.0')],
    [2, 'a target duration of no digits', playlistText('#EXT-X-TARGETDURATION:')],
    [2, 'a target duration without value', playlistText('#EXT-X-TARGETDURATION')],
    [2, 'a number beyond 2^53', playlistText('#EXT-X-TARGETDURATION:9007199254740992')],
    [3, 'EXTM3U twice', playlistText(TARGET, '#EXTM3U')],
    [3, 'a tag twice', playlistText(TARGET, TARGET)],
    [3, 'an unknown type', playlistText(TARGET, '#EXT-X-PLAYLIST-TYPE:LIVE')],
    [3, 'a value where none may be', playlistText(TARGET, '#EXT-X-ENDLIST:1')],
    [3, 'a URI without EXTINF', playlistText(TARGET, 'a.ts')],
    [3, 'a space in a URI', playlistText(TARGET, 'a b.ts')],
    [4, 'a control character', playlistText(TARGET, '#EXTINF:6,', 'a\u0000b')],
    [4, 'a control character in a comment', playlistText(TARGET, '', '# \u009b')],
    [3, 'a lone carriage return', playlistText(TARGET, '#EXTINF:6,\ra')],
    [3, 'an EXTINF without comma', playlistText(TARGET, '#EXTINF:6', 'a')],
    [3, 'a negative duration', playlistText(TARGET, '#EXTINF:-1,', 'a')],
    [3, 'a duration with an exponent', playlistText(TARGET, '#EXTINF:1e3,', 'a')],
    [3, 'a duration of no digits', playlistText(TARGET, '#EXTINF:,', 'a')],
    [4, 'an EXTINF after an EXTINF', playlistText(TARGET, '#EXTINF:6,', '#EXTINF:6,', 'a')],
    [3, 'an EXTINF at the end', playlistText(TARGET, '#EXTINF:6,')],
    [5, 'a segment that is longer than the target', playlistText(TARGET, '#EXTINF:6,', 'a', '#EXTINF:6.5,', 'b')],
    [5, 'a sequence behind a segment', playlistText(TARGET, '#EXTINF:6,', 'a', '#EXT-X-MEDIA-SEQUENCE:1')],
    [5, 'a range that follows nothing', playlistText(TARGET, '#EXTINF:6,', '#EXT-X-BYTERANGE:5', 'a')],
    [
      8,
      'a range that follows one of another resource',
      playlistText(TARGET, '#EXTINF:6,', '#EXT-X-BYTERANGE:5@0', 'a', '#EXTINF:6,', '#EXT-X-BYTERANGE:5', 'b'),
    ],
    [3, 'a range of three parts', playlistText(TARGET, '#EXT-X-BYTERANGE:5@1@2')],
    [3, 'a map without URI', playlistText(TARGET, '#EXT-X-MAP:BYTERANGE="1@2"')],
    [3, 'a map whose URI is not quoted', playlistText(TARGET, '#EXT-X-MAP:URI=i.mp4')],
    [3, 'encryption', playlistText(TARGET, '#EXT-X-KEY:METHOD=AES-128,URI="k"')],
    [3, 'segments left out', playlistText(TARGET, '#EXT-X-SKIP:SKIPPED-SEGMENTS=3')],
    [3, 'variables', playlistText(TARGET, '#EXT-X-DEFINE:NAME="a",VALUE="b"')],
    [3, 'a multivariant playlist', playlistText(TARGET, '#EXT-X-STREAM-INF:BANDWIDTH=1', 'a')],
    [2, 'a tag with a space in its name', playlistText('#EXT-X TARGET:6')],
    [2, 'a tag in small letters', playlistText('#EXTinf:6,')],
  ])('refuses, at line %i, %s', (line, _, text) => {
    expect(() => parseMediaPlaylist(text)).toThrow(faultAt(line))
  })

  it('shortens in its message what it received', () => {
    expect(() => parseMediaPlaylist(playlistText(TARGET, '#EXTINF:6,', 'x '.repeat(1e6)))).toThrow(/^.{0,200}$/)
  })
})
