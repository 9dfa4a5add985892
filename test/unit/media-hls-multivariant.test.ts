import {
  writeMultivariantPlaylist,
  type AudioRendition,
  type CaptionsRendition,
  type Variant,
} from '../../media/hls/multivariant'

const MISUSE = expect.objectContaining({ code: 'QUEUE_INTERNAL' })

const variant = (more: Partial<Variant> = {}): Variant => ({
  uri: 'r1/video/720p/playlist.m3u8',
  bandwidthBps: 3_200_001,
  averageBandwidthBps: 2_000_000,
  codecs: ['avc1.64001f', 'mp4a.40.2'],
  ...more,
})
const sound = (more: Partial<AudioRendition> = {}): AudioRendition => ({
  groupId: 'audio',
  name: 'Main',
  isDefault: true,
  channels: 2,
  uri: 'r1/audio/main/playlist.m3u8',
  ...more,
})

const text = (more: Partial<CaptionsRendition> = {}): CaptionsRendition => ({
  ...{ groupId: 't', name: 'Text', isForced: false, isForDeaf: false, uri: 'r1/captions/t/playlist.m3u8' },
  ...more,
})

describe('writeMultivariantPlaylist', () => {
  it('writes I-frame playlists below the variants, without what is not defined for them', () => {
    const resolution = { widthPx: 1280, heightPx: 720 }
    const stream = variant({ uri: 'r1/video/720p/iframes.m3u8', codecs: ['avc1.64001f'], resolution, videoRange: 'PQ' })
    const odd = { ...stream, frameRate: { num: 25, den: 1 }, audioGroup: 'audio', captionsGroup: 't' }
    const lines = writeMultivariantPlaylist({ audio: [], variants: [variant()], iFrames: [odd] }).split('\n')
    expect(lines.slice(-3)).toEqual([
      'r1/video/720p/playlist.m3u8',
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3200001,AVERAGE-BANDWIDTH=2000000,CODECS="avc1.64001f",' +
        'RESOLUTION=1280x720,VIDEO-RANGE=PQ,URI="r1/video/720p/iframes.m3u8"',
      '',
    ])
    const outside = { ...stream, uri: '../a.m3u8' }
    expect(() => writeMultivariantPlaylist({ audio: [], variants: [variant()], iFrames: [outside] })).toThrow(MISUSE)
  })

  it('writes picture and sound, in the order given', () => {
    const picture = { resolution: { widthPx: 1280, heightPx: 720 }, frameRate: { num: 30_000, den: 1_001 } }
    const small = { uri: 'r1/video/240p/playlist.m3u8', resolution: { widthPx: 426, heightPx: 240 } }
    const playlist = {
      audio: [sound({ language: 'pt-BR' }), sound({ name: 'Comentário', isDefault: false, channels: 6 })],
      variants: [
        variant({ ...picture, videoRange: 'PQ', audioGroup: 'audio' }),
        variant({ ...picture, ...small, bandwidthBps: 400_000, audioGroup: 'audio' }),
      ],
    }
    const mediaTail = (channels: number): string =>
      `,AUTOSELECT=YES,CHANNELS="${channels}",URI="r1/audio/main/playlist.m3u8"`
    expect(writeMultivariantPlaylist(playlist)).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:7',
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Main",LANGUAGE="pt-BR",DEFAULT=YES' + mediaTail(2),
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Comentário",DEFAULT=NO' + mediaTail(6),
        '#EXT-X-STREAM-INF:BANDWIDTH=3200001,AVERAGE-BANDWIDTH=2000000,CODECS="avc1.64001f,mp4a.40.2"' +
          ',RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=PQ,AUDIO="audio"',
        'r1/video/720p/playlist.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=400000,AVERAGE-BANDWIDTH=2000000,CODECS="avc1.64001f,mp4a.40.2"' +
          ',RESOLUTION=426x240,FRAME-RATE=29.970,AUDIO="audio"',
        'r1/video/240p/playlist.m3u8',
        '',
      ].join('\n'),
    )
  })

  it('writes texts, none of them the default', () => {
    const captions = [
      text({ language: 'en' }),
      text({ name: 'Signs', isForced: true }),
      text({ name: 'SDH', isForDeaf: true }),
    ]
    const written = writeMultivariantPlaylist({ audio: [], captions, variants: [variant({ captionsGroup: 't' })] })
    const tail = 'URI="r1/captions/t/playlist.m3u8"'
    expect(written.split('\n').slice(3, 7)).toEqual([
      `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="Text",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,${tail}`,
      `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="Signs",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,${tail}`,
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="SDH",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS=' +
        `"public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound",${tail}`,
      expect.stringMatching(/^#EXT-X-STREAM-INF:.*,SUBTITLES="t"$/),
    ])
  })

  it('writes an asset of sound alone as variants, without a group', () => {
    const only = variant({ uri: 'r1/audio/main/playlist.m3u8', codecs: ['mp4a.40.2'] })
    expect(
      writeMultivariantPlaylist({ audio: [], variants: [only] })
        .split('\n')
        .slice(3),
    ).toEqual([
      '#EXT-X-STREAM-INF:BANDWIDTH=3200001,AVERAGE-BANDWIDTH=2000000,CODECS="mp4a.40.2"',
      'r1/audio/main/playlist.m3u8',
      '',
    ])
  })

  it.each([
    [{ num: 25, den: 1 }, '25.000'],
    [{ num: 24_000, den: 1_001 }, '23.976'],
    [{ num: 60_000, den: 1_001 }, '59.940'],
    [{ num: 1, den: 3 }, '0.333'],
  ])('rounds the rate %j to %s', (frameRate, text) => {
    expect(writeMultivariantPlaylist({ audio: [], variants: [variant({ frameRate })] })).toContain(
      `FRAME-RATE=${text}\n`,
    )
  })

  it.each(['Director"s cut', 'two\nlines', 'a\rb', 'tab\there', '\u0000', '\u0085', '\ud800', '\u2028', ''])(
    'refuses the name %j',
    (name) => {
      expect(() => writeMultivariantPlaylist({ audio: [sound({ name })], variants: [variant()] })).toThrow(MISUSE)
      expect(() => writeMultivariantPlaylist({ audio: [sound({ groupId: name })], variants: [variant()] })).toThrow(
        MISUSE,
      )
      expect(() => writeMultivariantPlaylist({ audio: [sound({ language: name })], variants: [variant()] })).toThrow(
        MISUSE,
      )
    },
  )

  it.each(["Director's cut", 'a,b=c', '日本語', '👩‍🚀', '#EXT-X-ENDLIST', ' '])('writes the name %j as it is', (name) => {
    const text = writeMultivariantPlaylist({ audio: [sound({ name })], variants: [variant()] })
    expect(text).toContain(`,NAME="${name}",`)
  })

  it.each([
    ['no variant', { audio: [sound()], variants: [] }],
    ['a group that nobody is in', { audio: [sound()], variants: [variant({ audioGroup: 'other' })] }],
    ['one name twice in a group', { audio: [sound(), sound({ isDefault: false })], variants: [variant()] }],
    ['a captions group that nobody is in', { audio: [], variants: [variant({ captionsGroup: 't' })] }],
    ['one name twice in a captions group', { audio: [], captions: [text(), text()], variants: [variant()] }],
    ['two defaults in a group', { audio: [sound(), sound({ name: 'Other' })], variants: [variant()] }],
    ['a line break in the URI of a variant', { audio: [], variants: [variant({ uri: 'a\n#EXT' })] }],
    ['a quote in the URI of a sound', { audio: [sound({ uri: 'a"b' })], variants: [variant()] }],
    ['no channels', { audio: [sound({ channels: 0 })], variants: [variant()] }],
    ['a bandwidth of 0', { audio: [], variants: [variant({ bandwidthBps: 0 })] }],
    ['a broken bandwidth', { audio: [], variants: [variant({ bandwidthBps: 1.5 })] }],
    ['a negative average', { audio: [], variants: [variant({ averageBandwidthBps: -1 })] }],
    ['a size of 0', { audio: [], variants: [variant({ resolution: { widthPx: 0, heightPx: 720 } })] }],
    ['a rate of 0', { audio: [], variants: [variant({ frameRate: { num: 0, den: 1 } })] }],
    ['a rate by 0', { audio: [], variants: [variant({ frameRate: { num: 25, den: 0 } })] }],
    ['a negative rate', { audio: [], variants: [variant({ frameRate: { num: -25, den: 1 } })] }],
    ['no codec', { audio: [], variants: [variant({ codecs: [] })] }],
    ['an empty codec', { audio: [], variants: [variant({ codecs: ['avc1.64001f', ''] })] }],
    ['a codec with a comma', { audio: [], variants: [variant({ codecs: ['avc1.64001f,mp4a.40.2'] })] }],
  ])('refuses %s', (_, playlist) => {
    expect(() => writeMultivariantPlaylist(playlist)).toThrow(MISUSE)
  })

  it('lets two groups have the same name and a default each', () => {
    const audio = [sound(), sound({ groupId: 'surround', channels: 6 })]
    const variants = [variant({ audioGroup: 'audio' }), variant({ audioGroup: 'surround' })]
    expect(writeMultivariantPlaylist({ audio, variants }).match(/DEFAULT=YES/g)).toHaveLength(2)
  })
})
