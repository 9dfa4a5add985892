import { parseMediaPlaylist } from '../../media/hls/parse-media'
import { parseMultivariantPlaylist } from '../../media/hls/parse-multivariant'

/** An error of the reader that names this line. */
const faultAt = (line: number) =>
  expect.objectContaining({
    code: 'SOURCE_UNREADABLE',
    message: expect.stringMatching(new RegExp(`^playlist line ${line}: `)) as string,
    details: { line },
  })
const playlist = (...lines: string[]): string => ['#EXTM3U', ...lines, ''].join('\n')
const TARGET = '#EXT-X-TARGETDURATION:6'

describe('parseMediaPlaylist', () => {
  it('reads the smallest playlist there is', () => {
    expect(parseMediaPlaylist(playlist(TARGET, '#EXTINF:6,', 'a.ts'))).toEqual({
      version: 1,
      targetDurationSeconds: 6,
      mediaSequence: 0,
      type: null,
      areSegmentsIndependent: false,
      hasEnd: false,
      init: null,
      initRange: null,
      segments: [{ uri: 'a.ts', durationSeconds: 6 }],
    })
  })

  it('reads what playlists of others have: ranges, titles, dates, comments, CRLF, whole URLs', () => {
    const text = playlist(
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
    const read = parseMediaPlaylist(playlist(TARGET, map, '#EXTINF:6,', 'a', map, '#EXTINF:6,', 'b'))
    expect(read.segments[1]).toEqual({ uri: 'b', durationSeconds: 6 })
  })

  it('reads a title and a name that no line of ours would have', () => {
    expect(parseMediaPlaylist(playlist(TARGET, '#EXTINF:6,constructor', '__proto__')).segments).toEqual([
      { uri: '__proto__', durationSeconds: 6, title: 'constructor' },
    ])
    expect(parseMediaPlaylist(playlist(TARGET, '#EXT-X-TOSTRING:1', '#EXTINF:6,', 'a')).segments).toHaveLength(1)
  })

  it.each([
    [1, 'an empty text', ''],
    [1, 'a byte order mark', `\ufeff${playlist(TARGET)}`],
    [1, 'something in front', `\n${playlist(TARGET)}`],
    [1, 'more behind EXTM3U', playlist(TARGET).replace('#EXTM3U', '#EXTM3U8')],
    [1, 'no target duration', playlist('#EXTINF:6,', 'a')],
    [2, 'a target duration with a fraction', playlist('#EXT-X-TARGETDURATION:6.0')],
    [2, 'a target duration of no digits', playlist('#EXT-X-TARGETDURATION:')],
    [2, 'a target duration without value', playlist('#EXT-X-TARGETDURATION')],
    [2, 'a number beyond 2^53', playlist('#EXT-X-TARGETDURATION:9007199254740992')],
    [3, 'EXTM3U twice', playlist(TARGET, '#EXTM3U')],
    [3, 'a tag twice', playlist(TARGET, TARGET)],
    [3, 'an unknown type', playlist(TARGET, '#EXT-X-PLAYLIST-TYPE:LIVE')],
    [3, 'a value where none may be', playlist(TARGET, '#EXT-X-ENDLIST:1')],
    [3, 'a URI without EXTINF', playlist(TARGET, 'a.ts')],
    [3, 'a space in a URI', playlist(TARGET, 'a b.ts')],
    [4, 'a control character', playlist(TARGET, '#EXTINF:6,', 'a\u0000b')],
    [4, 'a control character in a comment', playlist(TARGET, '', '# \u009b')],
    [3, 'a lone carriage return', playlist(TARGET, '#EXTINF:6,\ra')],
    [3, 'an EXTINF without comma', playlist(TARGET, '#EXTINF:6', 'a')],
    [3, 'a negative duration', playlist(TARGET, '#EXTINF:-1,', 'a')],
    [3, 'a duration with an exponent', playlist(TARGET, '#EXTINF:1e3,', 'a')],
    [3, 'a duration of no digits', playlist(TARGET, '#EXTINF:,', 'a')],
    [4, 'an EXTINF after an EXTINF', playlist(TARGET, '#EXTINF:6,', '#EXTINF:6,', 'a')],
    [3, 'an EXTINF at the end', playlist(TARGET, '#EXTINF:6,')],
    [5, 'a segment that is longer than the target', playlist(TARGET, '#EXTINF:6,', 'a', '#EXTINF:6.5,', 'b')],
    [5, 'a sequence behind a segment', playlist(TARGET, '#EXTINF:6,', 'a', '#EXT-X-MEDIA-SEQUENCE:1')],
    [5, 'a range that follows nothing', playlist(TARGET, '#EXTINF:6,', '#EXT-X-BYTERANGE:5', 'a')],
    [3, 'a range of three parts', playlist(TARGET, '#EXT-X-BYTERANGE:5@1@2')],
    [3, 'a map without URI', playlist(TARGET, '#EXT-X-MAP:BYTERANGE="1@2"')],
    [3, 'a map whose URI is not quoted', playlist(TARGET, '#EXT-X-MAP:URI=i.mp4')],
    [3, 'encryption', playlist(TARGET, '#EXT-X-KEY:METHOD=AES-128,URI="k"')],
    [3, 'segments left out', playlist(TARGET, '#EXT-X-SKIP:SKIPPED-SEGMENTS=3')],
    [3, 'variables', playlist(TARGET, '#EXT-X-DEFINE:NAME="a",VALUE="b"')],
    [3, 'a multivariant playlist', playlist(TARGET, '#EXT-X-STREAM-INF:BANDWIDTH=1', 'a')],
    [2, 'a tag with a space in its name', playlist('#EXT-X TARGET:6')],
    [2, 'a tag in small letters', playlist('#EXTinf:6,')],
  ])('refuses, at line %i, %s', (line, _, text) => {
    expect(() => parseMediaPlaylist(text)).toThrow(faultAt(line))
  })

  it('shortens in its message what it received', () => {
    expect(() => parseMediaPlaylist(playlist(TARGET, '#EXTINF:6,', 'x '.repeat(1e6)))).toThrow(/^.{0,200}$/)
  })
})

describe('parseMultivariantPlaylist', () => {
  const VARIANT = '#EXT-X-STREAM-INF:BANDWIDTH=1'
  const SOUND = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="n"'

  it('reads the smallest playlist there is', () => {
    expect(parseMultivariantPlaylist(playlist(VARIANT, 'v.m3u8'))).toEqual({
      version: 1,
      areSegmentsIndependent: false,
      renditions: [],
      variants: [{ uri: 'v.m3u8', bandwidthBps: 1, codecs: [] }],
    })
  })

  it('reads what playlists of others have', () => {
    const text = playlist(
      '#EXT-X-VERSION:4',
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="Français",LANGUAGE="fr",AUTOSELECT=YES,FORCED=NO,URI="fr.m3u8"',
      '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",NAME="CC1",INSTREAM-ID="CC1"',
      `${SOUND},CHANNELS="16/JOC",DEFAULT=YES`,
      '#EXT-X-STREAM-INF:BANDWIDTH=900,CODECS="avc1.42c00b, mp4a.40.2",RESOLUTION=320x180' +
        ',FRAME-RATE=29.97,SCORE=1.5,AUDIO="a"',
      '# a comment may stand here',
      'https://cdn.example/low.m3u8?a=b,c',
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100,URI="i.m3u8"',
    )
    expect(parseMultivariantPlaylist(text)).toEqual({
      version: 4,
      areSegmentsIndependent: false,
      renditions: [
        {
          type: 'SUBTITLES',
          groupId: 's',
          name: 'Français',
          language: 'fr',
          isDefault: false,
          isAutoselect: true,
          uri: 'fr.m3u8',
        },
        { type: 'CLOSED-CAPTIONS', groupId: 'c', name: 'CC1', isDefault: false, isAutoselect: false },
        { type: 'AUDIO', groupId: 'a', name: 'n', isDefault: true, isAutoselect: false, channels: 16 },
      ],
      variants: [
        {
          uri: 'https://cdn.example/low.m3u8?a=b,c',
          bandwidthBps: 900,
          codecs: ['avc1.42c00b', 'mp4a.40.2'],
          resolution: { widthPx: 320, heightPx: 180 },
          frameRate: { num: 2997, den: 100 },
          audioGroup: 'a',
        },
      ],
    })
  })

  it('reads a name with a line separator of Unicode, which ends no line of a playlist', () => {
    const sound = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="one\u2028two"'
    expect(parseMultivariantPlaylist(playlist(sound, VARIANT, 'v')).renditions).toMatchObject([
      { name: 'one\u2028two' },
    ])
  })

  it('finds a group that stands below the variant that names it', () => {
    expect(parseMultivariantPlaylist(playlist(`${VARIANT},AUDIO="a"`, 'v', SOUND)).variants).toHaveLength(1)
  })

  it.each([
    [1, 'no variant', playlist(SOUND)],
    [2, 'a variant without bandwidth', playlist('#EXT-X-STREAM-INF:CODECS="x"', 'v')],
    [2, 'no attributes', playlist('#EXT-X-STREAM-INF', 'v')],
    [2, 'empty attributes', playlist('#EXT-X-STREAM-INF:', 'v')],
    [2, 'a comma at the end', playlist(`${VARIANT},`, 'v')],
    [2, 'two commas', playlist(`${VARIANT},,AUDIO="a"`, 'v')],
    [2, 'a space between attributes', playlist(`${VARIANT}, AUDIO="a"`, 'v')],
    [2, 'an attribute without value', playlist(`${VARIANT},AUDIO=`, 'v')],
    [2, 'a name in small letters', playlist(`${VARIANT},audio="a"`, 'v')],
    [2, 'an attribute twice', playlist(`${VARIANT},BANDWIDTH=2`, 'v')],
    [2, 'a string that does not end', playlist(`${VARIANT},CODECS="avc1`, 'v')],
    [2, 'letters behind a string', playlist(`${VARIANT},CODECS="avc1"x`, 'v')],
    [2, 'a quoted number', playlist('#EXT-X-STREAM-INF:BANDWIDTH="1"', 'v')],
    [2, 'a number with a sign', playlist('#EXT-X-STREAM-INF:BANDWIDTH=-1', 'v')],
    [2, 'a string without quotes', playlist(`${VARIANT},CODECS=avc1`, 'v')],
    [2, 'a size of one number', playlist(`${VARIANT},RESOLUTION=1280`, 'v')],
    [2, 'a size of three numbers', playlist(`${VARIANT},RESOLUTION=1x2x3`, 'v')],
    [2, 'an unknown range', playlist(`${VARIANT},VIDEO-RANGE=HDR`, 'v')],
    [3, 'a variant of an unknown group', playlist(SOUND, `${VARIANT},AUDIO="b"`, 'v')],
    [3, 'a variant without URI', playlist(VARIANT, VARIANT, 'v')],
    [2, 'a variant without URI at the end', playlist(VARIANT)],
    [2, 'a URI without variant', playlist('v')],
    [2, 'an unknown kind of rendition', playlist('#EXT-X-MEDIA:TYPE=SMELL,GROUP-ID="a",NAME="n"')],
    [2, 'a rendition without name', playlist('#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a"')],
    [2, 'a default that is neither YES nor NO', playlist(`${SOUND},DEFAULT=TRUE`)],
    [2, 'channels that are no number', playlist(`${SOUND},CHANNELS="many"`)],
    [3, 'a tag twice', playlist('#EXT-X-VERSION:7', '#EXT-X-VERSION:7')],
    [2, 'a media playlist', playlist(TARGET, '#EXTINF:6,', 'a')],
    [2, 'variables', playlist('#EXT-X-DEFINE:NAME="a",VALUE="b"')],
  ])('refuses, at line %i, %s', (line, _, text) => {
    expect(() => parseMultivariantPlaylist(text)).toThrow(faultAt(line))
  })

  it('reads a long list of attributes in linear time', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `X-${index}="${'y'.repeat(20)}"`).join(',')
    expect(parseMultivariantPlaylist(playlist(`${VARIANT},${many}`, 'v')).variants).toHaveLength(1)
    expect(() => parseMultivariantPlaylist(playlist(`${VARIANT},X="${'='.repeat(500_000)}`, 'v'))).toThrow(faultAt(2))
    expect(() => parseMultivariantPlaylist(playlist(`${VARIANT},${'A'.repeat(500_000)}`, 'v'))).toThrow(faultAt(2))
  })
})
