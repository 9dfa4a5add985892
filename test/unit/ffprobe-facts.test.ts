import { sourceFacts, type FactContext } from '../../core/adapters/ffprobe-facts'
import { readProbeJson } from '../../core/adapters/ffprobe-json'
import type { SourceFacts } from '../../core/contract/source'

const CONTEXT: FactContext = {
  container: 'mp4',
  bytes: 1_000_000,
  limits: { maxPixels: 35_389_440, maxStreams: 64, maxDurationSeconds: 43_200 },
  isPictureTooLarge: false,
  notes: [],
}

type Fields = Record<string, unknown>

const video = (more: Fields = {}): Fields => ({
  codec_type: 'video',
  codec_name: 'h264',
  codec_tag_string: 'avc1',
  width: 1_920,
  height: 1_080,
  pix_fmt: 'yuv420p',
  r_frame_rate: '25/1',
  avg_frame_rate: '25/1',
  duration: '60.000000',
  disposition: { default: 1, attached_pic: 0 },
  ...more,
})

const audio = (more: Fields = {}): Fields => ({
  codec_type: 'audio',
  codec_name: 'aac',
  codec_tag_string: 'mp4a',
  channels: 2,
  sample_rate: '48000',
  duration: '60.000000',
  disposition: { default: 1 },
  ...more,
})

function facts(streams: readonly Fields[], format: Fields = { duration: '60.000000' }, context = CONTEXT): SourceFacts {
  const indexed = streams.map((stream, index) => ({ index, ...stream }))
  return sourceFacts(readProbeJson(JSON.stringify({ streams: indexed, format })), context)
}

const picture = (more: Fields = {}): SourceFacts['video'] => facts([video(more)]).video
const codeOf = (streams: readonly Fields[], format?: Fields, context?: FactContext): string => {
  try {
    facts(streams, format, context)
    return 'accepted'
  } catch (thrown) {
    return (thrown as { code: string }).code
  }
}

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
      { codec_type: 'subtitle', codec_name: 'mov_text' },
      { codec_type: 'data', codec_tag_string: 'tmcd' },
      { codec_type: 'attachment', codec_name: 'ttf' },
      { codec_tag_string: '[0][0][0][0]' },
      video(extra),
    ])
    expect(found.dropped.map(({ kind, codec }) => `${kind} ${codec}`)).toEqual([
      'subtitle mov_text',
      'data tmcd',
      'attachment ttf',
      'data unknown',
      'video h264',
    ])
    expect(found.dropped.every(({ reason }) => reason !== '')).toBe(true)
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

describe('sourceFacts: the picture', () => {
  it.each([
    ['square', { sample_aspect_ratio: '1:1' }, 1_920, 1_080],
    ['anamorphic', { width: 1_440, sample_aspect_ratio: '4:3' }, 1_920, 1_080],
    ['PAL at 16:9', { width: 720, height: 576, sample_aspect_ratio: '64:45' }, 1_024, 576],
    ['without a ratio', { sample_aspect_ratio: '0:1' }, 1_920, 1_080],
    ['with an absurd ratio', { sample_aspect_ratio: '1:1000000' }, 1_920, 1_080],
    ['of one pixel', { width: 1, height: 1 }, 2, 2],
  ])('gives the display size of a picture %s', (_, more, displayWidthPx, displayHeightPx) => {
    expect(picture(more)).toMatchObject({ displayWidthPx, displayHeightPx })
  })

  it.each([
    [-90, 90, 1_080, 1_920],
    [90, 270, 1_080, 1_920],
    [180, 180, 1_920, 1_080],
    [-180, 180, 1_920, 1_080],
    [0, 0, 1_920, 1_080],
    [-270, 270, 1_080, 1_920],
  ])('turns a display matrix of %i into %i clockwise', (rotation, rotationDegrees, displayWidthPx, displayHeightPx) => {
    const turned = picture({ side_data_list: [{ side_data_type: 'Other' }, { rotation }] })
    expect(turned).toMatchObject({ rotationDegrees, displayWidthPx, displayHeightPx })
  })

  it('reads the old rotate tag clockwise, and the matrix before it', () => {
    expect(picture({ tags: { rotate: '90' } })?.rotationDegrees).toBe(90)
    expect(picture({ tags: { rotate: '90' }, side_data_list: [{ rotation: 180 }] })?.rotationDegrees).toBe(180)
  })

  it('notes a turn that is no quarter', () => {
    const found = facts([video({ side_data_list: [{ rotation: -45 }] })])
    expect(found.notes).toEqual([expect.stringContaining('45')])
  })

  it.each([
    ['yuv420p', 8],
    ['yuv420p10le', 10],
    ['p010le', 10],
    ['nv20le', 10],
    ['yuv422p12be', 12],
    ['gbrp14le', 14],
    ['gray16le', 16],
    ['rgb48le', 16],
    ['rgb565le', 8],
    ['rgb24', 8],
    ['pal8', 8],
    [undefined, 8],
  ])('reads the bits of %s as %i', (pix_fmt, bitDepth) => {
    expect(picture({ pix_fmt })?.bitDepth).toBe(bitDepth)
  })

  it.each([
    [{ color_transfer: 'smpte2084' }, { transfer: 'pq' }],
    [{ color_transfer: 'arib-std-b67' }, { transfer: 'hlg' }],
    [{ color_transfer: 'bt709' }, { transfer: 'sdr' }],
    [{ color_range: 'pc' }, { fullRange: true }],
    [{ pix_fmt: 'yuvj420p' }, { fullRange: true }],
    [{ color_range: 'tv' }, { fullRange: false }],
    [{ field_order: 'tb' }, { interlaced: true }],
    [{ field_order: 'bb' }, { interlaced: true }],
    [{ field_order: 'progressive' }, { interlaced: false }],
    [{ field_order: 'unknown' }, { interlaced: false }],
    [{ bit_rate: 'N/A' }, { bitrateBps: null }],
    [{ bit_rate: '2500000' }, { bitrateBps: 2_500_000 }],
  ])('reads %j as %j', (more, expected) => {
    expect(picture(more)).toMatchObject(expected)
  })

  it.each([
    ['more pixels than allowed', { width: 8_193, height: 4_320 }, 'SOURCE_TOO_LARGE'],
    ['a side beyond 16 bits', { width: 32_768, height: 1_000 }, 'SOURCE_TOO_LARGE'],
    ['a line across', { width: 32_766, height: 2 }, 'SOURCE_TOO_LARGE'],
    ['a line down', { width: 2, height: 32_766 }, 'SOURCE_TOO_LARGE'],
    ['a line by its pixel ratio', { width: 2_000, height: 500, sample_aspect_ratio: '15:1' }, 'SOURCE_TOO_LARGE'],
    ['no size', { width: 0, height: 0 }, 'SOURCE_UNREADABLE'],
  ])('refuses %s', (_, more, code) => {
    expect(codeOf([video(more), audio()])).toBe(code)
  })

  it('takes a size of 0x0 for too large a picture when ffprobe said so', () => {
    const context = { ...CONTEXT, isPictureTooLarge: true }
    expect(codeOf([video({ width: 0, height: 0 })], undefined, context)).toBe('SOURCE_TOO_LARGE')
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
    expect(() => readProbeJson(output)).toThrow(expect.objectContaining({ code: 'SOURCE_UNREADABLE' }))
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
