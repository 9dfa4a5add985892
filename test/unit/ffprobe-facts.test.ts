import { readProbeJson } from '../../core/adapters/ffprobe-json'
import { audio, codeOf, codeThrown, facts, picture, video, type Fields } from '../support/probed-streams'

describe('sourceFacts: which tracks', () => {
  const cover = video({
    codec_name: 'mjpeg',
    width: 4_000,
    height: 4_000,
    disposition: { default: 1, attached_pic: 1 },
  })
  const extra = { disposition: { default: 0 } }

  it('takes the default picture before a larger one', () => {
    const streams = [video({ width: 3_840, height: 2_160, ...extra }), video({ width: 640, height: 360 })]
    expect(facts(streams).video?.streamIndex).toBe(1)
  })

  it('takes the largest of the defaults, and the first of equals', () => {
    expect(facts([video({ width: 320 }), video(), video()]).video?.streamIndex).toBe(1)
  })

  it('never takes a cover for the picture', () => {
    expect(facts([cover, audio()])).toMatchObject({
      video: null,
      dropped: [{ streamIndex: 0, reason: expect.stringMatching(/cover/) }],
    })
    expect(facts([cover, video({ width: 100, height: 100 })]).video?.streamIndex).toBe(1)
  })

  it('takes the default sound, then the most channels, then the first', () => {
    expect(facts([audio({ channels: 8, ...extra }), audio({ channels: 1 })]).audio?.streamIndex).toBe(1)
    expect(facts([audio({ channels: 2 }), audio({ channels: 6 }), audio({ channels: 6 })]).audio?.streamIndex).toBe(1)
  })

  it('passes over tracks whose codec may not be decoded while another one may', () => {
    const found = facts([
      video({ codec_name: 'magicyuv' }),
      video({ width: 64, height: 64, ...extra }),
      audio({ codec_name: 'ac4' }),
      audio(extra),
    ])
    expect(found.video?.streamIndex).toBe(1)
    expect(found.audio?.streamIndex).toBe(3)
    expect(found.dropped.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("'magicyuv'"),
      expect.stringContaining("'ac4'"),
    ])
  })

  it('lists every other track with its kind, codec and reason', () => {
    const found = facts([
      video(),
      { codec_type: 'subtitle', codec_name: 'hdmv_pgs_subtitle' },
      { codec_type: 'data', codec_tag_string: 'tmcd' },
      { codec_type: 'attachment', codec_name: 'ttf' },
      { codec_tag_string: '[0][0][0][0]' },
      video(extra),
    ])
    expect(found.dropped.map(({ kind, codec }) => `${kind} ${codec}`)).toEqual([
      'subtitle hdmv_pgs_subtitle',
      'data tmcd',
      'attachment ttf',
      'data unknown',
      'video h264',
    ])
    expect(found.dropped.every(({ reason }) => reason !== '')).toBe(true)
  })

  it('takes every text track, with what it is for', () => {
    const text = (codec_name: string, more: Fields = {}): Fields => ({ codec_type: 'subtitle', codec_name, ...more })
    const found = facts([
      video({ closed_captions: 1 }),
      text('subrip', { tags: { language: 'eng' } }),
      text('dvb_subtitle'),
      text('ass', { disposition: { forced: 1 } }),
      text('webvtt', { disposition: { hearing_impaired: 1 }, tags: { language: 'x y' } }),
      text('eia_608'),
    ])
    expect(found.captions).toEqual([
      { streamIndex: 1, codec: 'subrip', language: 'eng', isForced: false, isForDeaf: false },
      { streamIndex: 3, codec: 'ass', language: null, isForced: true, isForDeaf: false },
      { streamIndex: 4, codec: 'webvtt', language: null, isForced: false, isForDeaf: true },
    ])
    expect(found.dropped.map(({ streamIndex, reason }) => [streamIndex, reason])).toEqual([
      [2, expect.stringContaining('pictures')],
      [5, expect.stringContaining("'eia_608'")],
    ])
    expect(found.notes).toEqual([expect.stringContaining('CEA-608')])
  })

  it.each([
    ['nothing at all', [], 'SOURCE_NO_STREAMS'],
    ['data only', [{ codec_type: 'data' }], 'SOURCE_NO_STREAMS'],
    ['a cover only', [cover], 'SOURCE_NO_STREAMS'],
    ['a barred picture beside sound', [video({ codec_name: 'magicyuv' }), audio()], 'SOURCE_CODEC_UNSUPPORTED'],
    ['an unknown picture', [video({ codec_name: undefined, codec_tag_string: 'ZZZZ' })], 'SOURCE_CODEC_UNSUPPORTED'],
    ['sound that nobody can decode', [video(), audio({ codec_name: 'ac4' })], 'SOURCE_CODEC_UNSUPPORTED'],
    ['a name of the prototype for a codec', [video({ codec_name: 'constructor' })], 'SOURCE_CODEC_UNSUPPORTED'],
    ['an encrypted picture', [video({ codec_tag_string: 'encv' }), audio()], 'SOURCE_ENCRYPTED'],
    ['encrypted sound', [video(), audio({ codec_tag_string: 'enca' })], 'SOURCE_ENCRYPTED'],
    ['a Matroska key id', [video({ tags: { enc_key_id: 'AAAA' } })], 'SOURCE_ENCRYPTED'],
    ['sound without channels', [audio({ channels: 0 })], 'SOURCE_UNREADABLE'],
    ['sound with 255 channels', [audio({ channels: 255 })], 'SOURCE_TOO_LARGE'],
    ['65 tracks', Array.from({ length: 65 }, () => audio()), 'SOURCE_TOO_LARGE'],
  ])('refuses %s', (_, streams, code) => {
    expect(codeOf(streams)).toBe(code)
  })
})

describe('sourceFacts: length and language', () => {
  it('keeps null for what is not said', () => {
    expect(facts([video({ duration: 'N/A' }), audio({ duration: undefined })], { duration: 'N/A' })).toMatchObject({
      durationSeconds: null,
      video: { durationSeconds: null },
      audio: { durationSeconds: null },
    })
  })

  it('reads the length of a Matroska track from its tag', () => {
    expect(picture({ duration: undefined, tags: { DURATION: '00:01:02.500000000' } })?.durationSeconds).toBe(62.5)
  })

  it.each(['-5.000000', '0.000000', '1e999', 'nan', '4294967.295000', '9223372036854.775807'])(
    'does not believe a container of %s s',
    (duration) => {
      expect(facts([video()], { duration }).durationSeconds).toBeNull()
    },
  )

  it('notes a length it does not believe, and drops it from a track', () => {
    const found = facts([video(), audio({ duration: '4294967.295000' })], { duration: '4294967.295000' })
    expect(found.notes).toEqual([expect.stringContaining('4294967.295')])
    expect(found.audio?.durationSeconds).toBeNull()
  })

  it('believes tracks that contradict a container over the limit', () => {
    // All ones at 90 kHz: 13 hours, which could be true.
    expect(facts([video(), audio()], { duration: '47721.858833' })).toMatchObject({ durationSeconds: null })
  })

  it.each([
    ['the container', [video({ duration: undefined })], '50000.0'],
    ['a track', [video({ duration: '50000.0' })], '60.0'],
  ])('refuses a master that lasts too long by %s', (_, streams, duration) => {
    expect(codeOf(streams, { duration })).toBe('SOURCE_TOO_LONG')
  })

  it.each([
    ['eng', 'eng'],
    ['pt-BR', 'pt-BR'],
    ['zh-Hant-TW', 'zh-Hant-TW'],
    ['und', null],
    ['mul', null],
    ['x', null],
    ['en"\n#EXT', null],
    ['english', null],
    ['', null],
  ])('takes the language %j for %j', (language, expected) => {
    expect(facts([audio({ tags: { language } })]).audio?.language).toBe(expected)
  })
})

describe('readProbeJson', () => {
  it.each(['', '{', '[]', '"x"', '{"streams": 3}', '{"streams": [{"index": -1}]}'])('refuses %j', (output) => {
    expect(codeThrown(() => readProbeJson(output))).toBe('SOURCE_UNREADABLE')
  })

  it('takes fields of the wrong type for absent ones', () => {
    const odd = { index: 0, codec_type: 7, width: 'wide', height: -3, tags: [], disposition: 'x', side_data_list: 1 }
    expect(readProbeJson(JSON.stringify({ streams: [odd] })).streams[0]).toMatchObject({
      kind: 'data',
      widthPx: 0,
      heightPx: 0,
      isDefault: false,
    })
  })

  it('keeps control characters and long texts out of names', () => {
    const names = ['a\u001b[31m', 'x'.repeat(41), 'two words', '../x'].map((codec_name, index) => ({
      index,
      codec_name,
    }))
    expect(readProbeJson(JSON.stringify({ streams: names })).streams.map(({ codec }) => codec)).toEqual(
      names.map(() => 'unknown'),
    )
  })
})

it('tells of a sound or a picture that cannot be used beside one that can', () => {
  const { notes, audio: sound } = facts([video(), audio({ codec_name: 'ac4' }), audio(), video({ codec_name: 'dxv' })])
  expect(sound?.streamIndex).toBe(2)
  expect(notes).toEqual([
    expect.stringMatching(/^left out: the sound of track 1 has the codec 'ac4'/),
    expect.stringMatching(/^left out: the picture of track 3 has the codec 'dxv'/),
  ])
  expect(facts([video(), audio(), audio({ tags: { language: 'fra' } })]).notes).toEqual([])
})
