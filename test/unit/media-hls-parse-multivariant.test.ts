import { parseMultivariantPlaylist } from '../../media/hls/parse-multivariant'
import { faultAt, playlistText } from '../support/playlist-text'

describe('parseMultivariantPlaylist', () => {
  const VARIANT = '#EXT-X-STREAM-INF:BANDWIDTH=1'
  const SOUND = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="n"'

  it('reads the smallest playlist there is', () => {
    expect(parseMultivariantPlaylist(playlistText(VARIANT, 'v.m3u8'))).toEqual({
      version: 1,
      areSegmentsIndependent: false,
      renditions: [],
      variants: [{ uri: 'v.m3u8', bandwidthBps: 1, codecs: [] }],
      iFrames: [],
    })
  })

  it('reads what playlists of others have', () => {
    const text = playlistText(
      '#EXT-X-VERSION:4',
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="Français",LANGUAGE="fr",AUTOSELECT=YES,FORCED=NO,URI="fr.m3u8"',
      '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",NAME="CC1",INSTREAM-ID="CC1"',
      `${SOUND},CHANNELS="16/JOC",DEFAULT=YES`,
      '#EXT-X-STREAM-INF:BANDWIDTH=900,CODECS="avc1.42c00b, mp4a.40.2",RESOLUTION=320x180' +
        ',FRAME-RATE=29.97,SCORE=1.5,AUDIO="a"',
      '# a comment may stand here',
      'https://cdn.example/low.m3u8?a=b,c',
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100,CLOSED-CAPTIONS=NONE,URI="i.m3u8"',
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
          isForced: false,
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
      iFrames: [{ uri: 'i.m3u8', bandwidthBps: 100, codecs: [] }],
    })
  })

  it('reads a name with a line separator of Unicode, which ends no line of a playlist', () => {
    const sound = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="one\u2028two"'
    expect(parseMultivariantPlaylist(playlistText(sound, VARIANT, 'v')).renditions).toMatchObject([
      { name: 'one\u2028two' },
    ])
  })

  it('finds a group that stands below the variant that names it', () => {
    expect(parseMultivariantPlaylist(playlistText(`${VARIANT},AUDIO="a"`, 'v', SOUND)).variants).toHaveLength(1)
  })

  it.each([
    [1, 'no variant', playlistText(SOUND)],
    [2, 'I-frames without a URI', playlistText('#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1', VARIANT, 'v')],
    [2, 'a variant without bandwidth', playlistText('#EXT-X-STREAM-INF:CODECS="x"', 'v')],
    [2, 'no attributes', playlistText('#EXT-X-STREAM-INF', 'v')],
    [2, 'empty attributes', playlistText('#EXT-X-STREAM-INF:', 'v')],
    [2, 'a comma at the end', playlistText(`${VARIANT},`, 'v')],
    [2, 'two commas', playlistText(`${VARIANT},,AUDIO="a"`, 'v')],
    [2, 'a space between attributes', playlistText(`${VARIANT}, AUDIO="a"`, 'v')],
    [2, 'an attribute without value', playlistText(`${VARIANT},AUDIO=`, 'v')],
    [2, 'a name in small letters', playlistText(`${VARIANT},audio="a"`, 'v')],
    [2, 'an attribute twice', playlistText(`${VARIANT},BANDWIDTH=2`, 'v')],
    [2, 'a string that does not end', playlistText(`${VARIANT},CODECS="avc1`, 'v')],
    [2, 'letters behind a string', playlistText(`${VARIANT},CODECS="avc1"x`, 'v')],
    [2, 'a quoted number', playlistText('#EXT-X-STREAM-INF:BANDWIDTH="1"', 'v')],
    [2, 'a number with a sign', playlistText('#EXT-X-STREAM-INF:BANDWIDTH=-1', 'v')],
    [2, 'a string without quotes', playlistText(`${VARIANT},CODECS=avc1`, 'v')],
    [2, 'a size of one number', playlistText(`${VARIANT},RESOLUTION=1280`, 'v')],
    [2, 'a size of three numbers', playlistText(`${VARIANT},RESOLUTION=1x2x3`, 'v')],
    [2, 'an unknown range', playlistText(`${VARIANT},VIDEO-RANGE=HDR`, 'v')],
    [3, 'a variant of an unknown group', playlistText(SOUND, `${VARIANT},AUDIO="b"`, 'v')],
    [3, 'a variant without URI', playlistText(VARIANT, VARIANT, 'v')],
    [2, 'a variant without URI at the end', playlistText(VARIANT)],
    [2, 'a URI without variant', playlistText('v')],
    [2, 'an unknown kind of rendition', playlistText('#EXT-X-MEDIA:TYPE=SMELL,GROUP-ID="a",NAME="n"')],
    [2, 'a rendition without name', playlistText('#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a"')],
    [2, 'a default that is neither YES nor NO', playlistText(`${SOUND},DEFAULT=TRUE`)],
    [2, 'channels that are no number', playlistText(`${SOUND},CHANNELS="many"`)],
    [3, 'a tag twice', playlistText('#EXT-X-VERSION:7', '#EXT-X-VERSION:7')],
    [2, 'a media playlist', playlistText('#EXT-X-TARGETDURATION:6', '#EXTINF:6,', 'a')],
    [2, 'variables', playlistText('#EXT-X-DEFINE:NAME="a",VALUE="b"')],
  ])('refuses, at line %i, %s', (line, _, text) => {
    expect(() => parseMultivariantPlaylist(text)).toThrow(faultAt(line))
  })

  it('reads a long list of attributes in linear time', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `X-${index}="${'y'.repeat(20)}"`).join(',')
    expect(parseMultivariantPlaylist(playlistText(`${VARIANT},${many}`, 'v')).variants).toHaveLength(1)
    expect(() => parseMultivariantPlaylist(playlistText(`${VARIANT},X="${'='.repeat(500_000)}`, 'v'))).toThrow(
      faultAt(2),
    )
    expect(() => parseMultivariantPlaylist(playlistText(`${VARIANT},${'A'.repeat(500_000)}`, 'v'))).toThrow(faultAt(2))
  })
})
