import { cutCaptions, parseCaptions, writeCaptions, writeCaptionsSegment, type CaptionCue } from '../../media/captions'

const file = (...blocks: string[]): string => `WEBVTT\n\n${blocks.join('\n\n')}\n`
const cue = (startMs: number, endMs: number, ...lines: string[]): CaptionCue => ({
  ...{ startMs, endMs, settings: '' },
  lines: lines.length === 0 ? ['x'] : lines,
})

describe('parseCaptions', () => {
  it('reads times with and without hours, ids, settings and several lines', () => {
    const text = file(
      '00:01.500 --> 00:02.000\none\ntwo',
      'id 7\n01:00:03.000 --> 01:00:04.250 line:0 align:start region:bottom x:1\nthree',
    )
    expect(parseCaptions(text)).toEqual([
      { startMs: 1_500, endMs: 2_000, settings: '', lines: ['one', 'two'] },
      { startMs: 3_603_000, endMs: 3_604_250, settings: 'line:0 align:start', lines: ['three'] },
    ])
  })

  it.each(['\r\n', '\r'])('reads lines that end with %j', (end) => {
    expect(parseCaptions(file('00:01.000 --> 00:02.000\na\nb').replaceAll('\n', end))).toEqual([
      cue(1_000, 2_000, 'a', 'b'),
    ])
  })

  it('goes on after a blank line in a cue, which some tracks have', () => {
    expect(parseCaptions(file('00:01.000 --> 00:02.000\na', 'b', '00:03.000 --> 00:04.000\nc'))).toEqual([
      cue(1_000, 2_000, 'a', 'b'),
      cue(3_000, 4_000, 'c'),
    ])
  })

  it('leaves out notes, styles, regions and cues without words', () => {
    const text = file('STYLE\n::cue { color: red }', 'NOTE\nx', '00:01.000 --> 00:02.000', '00:03.000 --> 00:04.000\nc')
    expect(parseCaptions(text)).toEqual([cue(3_000, 4_000, 'c')])
    expect(parseCaptions(file('00:03.000 --> 00:04.000\nc', 'NOTE of the author\nx'))).toEqual([cue(3_000, 4_000, 'c')])
  })

  it('sorts by start, shows cues without an end for a while, and starts none before 0', () => {
    const text = file(
      '00:09.000 --> 00:09.000\nlast',
      '00:05.000 --> 00:05.000\nopen',
      '00:06.000 --> 00:07.000\nnext',
      '00:-1.-500 --> 00:01.000\nfirst',
    )
    expect(parseCaptions(text)).toEqual([
      cue(0, 1_000, 'first'),
      cue(5_000, 6_000, 'open'),
      cue(6_000, 7_000, 'next'),
      cue(9_000, 13_000, 'last'),
    ])
  })

  it.each([
    ['Tom & Jerry', 'Tom &amp; Jerry'],
    ['Tom &amp; Jerry', 'Tom &amp; Jerry'],
    ['&#39;tis &x;', '&#39;tis &amp;x;'],
    ['a < b > c', 'a &lt; b &gt; c'],
    ['a --> b', 'a --&gt; b'],
    ['<i>it</i> <b>bo</b>', '<i>it</i> <b>bo</b>'],
    ['<v Fred>hi</v> <c.loud>!</c>', '<v Fred>hi</v> <c.loud>!</c>'],
    ['<00:01.500>later', '<00:01.500>later'],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['<i onload="x<b">', '&lt;i onload="x&lt;b"&gt;'],
    ['a\u0007b\u2028c', 'a b c'],
    ['عربى 日本語', 'عربى 日本語'],
  ])('writes %j as %j', (line, clean) => {
    expect(parseCaptions(file(`00:01.000 --> 00:02.000\n${line}`))).toEqual([cue(1_000, 2_000, clean)])
  })
})

describe('captions that are written', () => {
  it('are read back the same', () => {
    const cues = [cue(0, 1_000, 'a', 'b'), { ...cue(3_600_000, 3_700_500, 'c &amp; <i>d</i>'), settings: 'line:0' }]
    expect(parseCaptions(writeCaptions(cues))).toEqual(cues)
  })

  it('say in each segment how their times lie to those of the picture', () => {
    expect(writeCaptionsSegment([cue(61_000, 62_000, 'a')], 10)).toBe(
      'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01:01.000 --> 00:01:02.000\na\n',
    )
  })
})

describe('cutCaptions', () => {
  const numbers = (cues: readonly CaptionCue[], until = 1_000): (number | undefined)[][] =>
    cutCaptions(cues, 60, until).map((segment) => segment.map(({ startMs }) => startMs / 1_000))

  it('puts a cue into every segment in which it is shown', () => {
    expect(numbers([cue(1_000, 2_000), cue(59_000, 61_000), cue(60_000, 120_000), cue(200_000, 201_000)])).toEqual([
      [1, 59],
      [59, 60],
      [],
      [200],
    ])
  })

  it('has no segment without cues, and none beyond the end', () => {
    expect(numbers([])).toEqual([])
    expect(numbers([cue(0, 1_000_000)], 130)).toEqual([[0], [0], [0]])
    expect(numbers([cue(500_000, 600_000)], 130)).toEqual([])
  })

  it('refuses so many cues over each other that nobody could read them', () => {
    const cues = Array.from({ length: 1_000 }, () => cue(0, 86_400_000))
    expect(() => cutCaptions(cues, 60, 86_400)).toThrow(expect.objectContaining({ code: 'SOURCE_TOO_LARGE' }))
  })
})
