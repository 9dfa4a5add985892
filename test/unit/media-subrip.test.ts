import { clipCaptions } from '../../media/captions'
import { decodeText, isText, parseSubRip } from '../../media/subrip'

describe('parseSubRip', () => {
  it('reads numbers, commas, several lines, and times that are written short', () => {
    const text = '\ufeff1\n00:00:01,500 --> 00:00:02,000\none\ntwo\n\n2\n0:1:2.5 --> 0:1:03,25  X1:10 Y1:20\nthree\n'
    expect(parseSubRip(text)).toEqual([
      { startMs: 1_500, endMs: 2_000, settings: '', lines: ['one', 'two'] },
      { startMs: 62_500, endMs: 63_250, settings: '', lines: ['three'] },
    ])
  })

  it('keeps a line that is only a number where it is said', () => {
    expect(parseSubRip('1\n00:00:01,000 --> 00:00:02,000\nHow many?\n42\n')[0]?.lines).toEqual(['How many?', '42'])
  })

  it('needs no blank line between cues', () => {
    const text = '1\n00:00:01,000 --> 00:00:02,000\na\n2\n00:00:03,000 --> 00:00:04,000\nb'
    expect(parseSubRip(text).map(({ lines }) => lines)).toEqual([['a'], ['b']])
  })

  it('takes fonts and places off, and keeps what WebVTT knows', () => {
    const line = String.raw`{\an8}<font color="red"><I>up</I></font> & <u>down</u>`
    expect(parseSubRip(`1\r\n00:00:01,000 --> 00:00:02,000\r\n${line}\r\n`)[0]?.lines).toEqual([
      '<i>up</i> &amp; <u>down</u>',
    ])
  })

  it.each(['', 'no captions at all', '1\n\n2\n', '99:99:99,999 --> x'])('finds nothing in %j', (text) => {
    expect(parseSubRip(text)).toEqual([])
  })
})

describe('decodeText', () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

  it.each([
    ['UTF-8', Buffer.from('Grüße €'), 'Grüße €'],
    ['UTF-8 with a mark', Buffer.from('\ufeffa'), 'a'],
    ['UTF-16 little-endian', Buffer.from('\ufeffGrüße', 'utf16le'), 'Grüße'],
    ['UTF-16 big-endian', bytes(0xfe, 0xff, 0x00, 0x61), 'a'],
    ['Windows-1252', bytes(0x47, 0x72, 0xfc, 0xdf, 0x65, 0x20, 0x80), 'Grüße €'],
  ])('reads %s', (_, given, text) => {
    expect(decodeText(given)).toBe(text)
  })
})

describe('clipCaptions', () => {
  it('takes what is shown in the part, on the timeline of the part', () => {
    const cue = (startMs: number, endMs: number) => ({ startMs, endMs, settings: '', lines: ['x'] })
    const cues = [cue(0, 5_000), cue(4_000, 6_000), cue(7_000, 8_000), cue(9_000, 20_000), cue(10_000, 11_000)]
    expect(clipCaptions(cues, { inMs: 5_000, outMs: 10_000 })).toEqual([
      cue(0, 1_000),
      cue(2_000, 3_000),
      cue(4_000, 5_000),
    ])
    expect(clipCaptions(cues, { inMs: 9_500, outMs: Infinity }).map(({ endMs }) => endMs)).toEqual([10_500, 1_500])
  })
})

it.each([
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), false],
  ['text', Buffer.from('1\n'), true],
  ['UTF-16', Buffer.from('\ufeff1\n', 'utf16le'), true],
  ['an old encoding', Buffer.from('f\xfcr', 'latin1'), true],
])('tells whether it is text: %s', (_, bytes, expected) => expect(isText(decodeText(bytes))).toBe(expected))
