import { GantryError } from '../../core/contract/errors'
import { parseLadder } from '../../ladders/parse'

const RUNG = '{ id: a, shortSidePx: 240, maxBitrateBps: 500_000 }'
const OTHER = '{ id: b, shortSidePx: 360, maxBitrateBps: 900_000 }'

function failure(text: string): GantryError {
  try {
    parseLadder(text, 'my.yaml')
  } catch (error) {
    if (error instanceof GantryError) return error
    throw error
  }
  throw new Error('the ladder was accepted')
}

const problems = (text: string): string[] => failure(text).message.split('\n')
/** A ladder of one rung with these fields added or replaced; its line is the third. */
const withRung = (fields: string): string => `name: x\nrungs:\n- { id: a, ${fields} }\n`
const sharedCap = (value: string): string =>
  `name: x\nrungs:\n- { id: a, shortSidePx: 240, maxBitrateBps: &cap ${value} }\n` +
  '- { id: b, shortSidePx: 360, maxBitrateBps: *cap }'
const withField = (line: string): string => `name: x\nrungs: [${RUNG}]\n${line}\n`

describe('a ladder that is right', () => {
  it('gets every default', () => {
    expect(parseLadder(`name: x\nrungs: [${RUNG}]`, 'x')).toEqual({
      name: 'x',
      segmentSeconds: 4,
      gopSeconds: 2,
      mp4: true,
      packaging: { iFrames: false, dash: false, early: false },
      rungs: [
        {
          ...{ id: 'a', shortSidePx: 240, codec: 'h264', crf: 23 },
          ...{ maxBitrateBps: 500_000, preset: 'veryfast', profile: 'high', bits: 8 },
          required: true,
        },
      ],
      audio: [{ id: 'audio', codec: 'aac', bitrateBps: 128_000, channels: 2 }],
      ...{ hdr: 'tone-map', captions: 'keep' },
      thumbnails: {
        ...{ posterAtFraction: 0.1, posterMaxWidthPx: 1280, imageIntervalSeconds: 10, imageWidthPx: 640 },
        ...{ spriteIntervalSeconds: 2, spriteTileWidthPx: 160, spriteColumns: 10, spriteRows: 10 },
      },
    })
  })

  it('may be JSON, tabs included', () => {
    const json = JSON.stringify(
      { name: 'x', rungs: [{ id: 'a', shortSidePx: 240, maxBitrateBps: 500000 }] },
      null,
      '\t',
    )
    expect(parseLadder(json, 'x.json')).toEqual(parseLadder(`name: x\nrungs: [${RUNG}]`, 'x.yaml'))
  })

  it('may begin with a byte order mark and end lines as Windows does', () => {
    expect(parseLadder(`\ufeffname: x\r\nrungs:\r\n- ${RUNG}\r\n`, 'x').rungs).toHaveLength(1)
  })

  it('may share values by alias', () => {
    const text = sharedCap('500_000')
    expect(parseLadder(text, 'x').rungs.map(({ maxBitrateBps }) => maxBitrateBps)).toEqual([500_000, 500_000])
  })

  it('has tiles no closer than its keyframes by default', () => {
    const text = withField('gopSeconds: 4')
    expect(parseLadder(text, 'x').thumbnails.spriteIntervalSeconds).toBe(4)
  })

  it.each([
    [
      '20 rungs',
      `name: x\nrungs: [${[...Array(20).keys()].map((n) => RUNG.replace('id: a', `id: r${n}`)).join(', ')}]`,
    ],
    ['the lowest values', 'name: x\nrungs: [{ id: a, shortSidePx: 64, crf: 10, maxBitrateBps: 50_000 }]'],
    ['the highest values', 'name: x\nrungs: [{ id: a, shortSidePx: 4320, crf: 40, maxBitrateBps: 100_000_000 }]'],
    ['a fraction of a crf', withRung('shortSidePx: 240, maxBitrateBps: 500_000, crf: 21.5')],
    ['a description of several lines', withField('description: |\n  one\n  two')],
  ])('may have %s', (_, text) => expect(parseLadder(text, 'x').name).toBe('x'))
})

describe('a problem', () => {
  it('is told with place, path, value, range and likely fix', () => {
    const text = `name: x\nrungs:\n  - ${RUNG}\n  - id: b\n    shortSidePx: 360\n    maxBitrateBps: 5000\n`
    const message =
      'rungs[1].maxBitrateBps must be a whole number from 50_000 to 100_000_000, got 5000 ' +
      '(kilobits by mistake? use 5_000_000)'
    const error = failure(text)
    expect(error.code).toBe('LADDER_INVALID')
    expect(error.retryable).toBe(false)
    expect(error.message).toBe(`my.yaml:6:20: ${message}`)
    expect(error.details).toEqual({
      file: 'my.yaml',
      problems: [{ path: 'rungs[1].maxBitrateBps', line: 6, column: 20, message }],
      problemCount: 1,
    })
  })

  it('does not hide another: all are listed, in the order of the file', () => {
    const wrong = ['{ id: a, shortSidePx: 241, maxBitrateBps: 9, presett: fast }', '{ id: a, shortSidePx: 5 }']
    const text = `name: Sports HD\nmp4: yes\nrungs:\n- ${wrong.join('\n- ')}\n`
    expect(problems(text).map((line) => line.split(/ (?:must|is) /)[0])).toEqual([
      'my.yaml:1:7: name',
      'my.yaml:2:6: mp4',
      'my.yaml:4:25: rungs[0].shortSidePx',
      'my.yaml:4:45: rungs[0].maxBitrateBps',
      'my.yaml:4:48: rungs[0].presett',
      'my.yaml:5:3: rungs[1].maxBitrateBps',
      'my.yaml:5:9: rungs[1].id',
      'my.yaml:5:25: rungs[1].shortSidePx',
    ])
  })

  it('that is a missing field is placed where its section begins', () => {
    expect(problems('name: x\nrungs:\n- { id: a, shortSidePx: 240 }')).toEqual([
      'my.yaml:3:3: rungs[0].maxBitrateBps is missing, it must be a whole number from 50_000 to 100_000_000',
    ])
  })

  it('that comes by an alias is placed where the alias is', () => {
    const [first, second] = problems(sharedCap('9'))
    expect(first).toMatch(/^my\.yaml:3:50: .* got 9/)
    expect(second).toMatch(/^my\.yaml:4:45: rungs\[1\]\.maxBitrateBps .* got 9/)
  })
})

describe('the likely fix', () => {
  const rungWith = (field: string, value: string): string =>
    withRung(
      Object.entries({ shortSidePx: '240', maxBitrateBps: '500_000', [field]: value })
        .map((pair) => pair.join(': '))
        .join(', '),
    )

  it.each([
    ['maxBitrateBps', '5000', 'kilobits by mistake? use 5_000_000'],
    ['maxBitrateBps', '5', 'megabits by mistake? use 5_000_000'],
    ['maxBitrateBps', '2.5', 'megabits by mistake? use 2_500_000'],
    ['maxBitrateBps', '5M', 'use 5_000_000, a number without quotes or unit'],
    ['maxBitrateBps', '2.5 Mbps', 'use 2_500_000, a number without quotes or unit'],
    ['maxBitrateBps', '5000k', 'use 5_000_000, a number without quotes or unit'],
    ['maxBitrateBps', "'5_000_000'", 'use 5_000_000, a number without quotes or unit'],
    ['shortSidePx', '720p', 'use 720, a number without quotes or unit'],
    ['shortSidePx', '721', 'use 720 or 722'],
    ['shortSidePx', '720.4', 'use 720 or 722'],
    ['preset', 'veryfats', "did you mean 'veryfast'?"],
    ['preset', 'Slow', "did you mean 'slow'?"],
    ['codec', 'x264', "did you mean 'h264'?"],
    ['profile', 'hihg', "did you mean 'high'?"],
    ['presett', 'fast', "did you mean 'preset'?"],
    ['height', '720', "did you mean 'shortSidePx'?"],
    ['bitrate', '1', "did you mean 'maxBitrateBps'?"],
    [
      'tune',
      'film',
      'known here: id, shortSidePx, codec, bits, crf, bitrateBps, maxBitrateBps, maxFps, preset, profile or required',
    ],
  ])('for %s: %s is (%s)', (field, value, fix) => {
    expect(problems(rungWith(field, value))).toEqual([expect.stringMatching(/\([^()]*\)$/)])
    expect(problems(rungWith(field, value))[0]).toContain(`(${fix})`)
  })

  it.each([
    ['name: Sports HD', "use 'sports-hd'"],
    ['segmentSeconds: 4000', 'milliseconds by mistake? use 4'],
    ['segmentSeconds: 5', 'or set gopSeconds to one of 1, 2.5, 5'],
    ['mp4: on', 'use true, without quotes'],
    ["mp4: 'false'", 'use false, without quotes'],
    ['thumbnails: { posterAtFraction: 10 }', 'percent by mistake? use 0.1'],
    ['thumbnails: { columns: 5 }', "did you mean 'spriteColumns'?"],
    ['audio: [{ bitrateBps: 128 }]', 'kilobits by mistake? use 128_000'],
  ])('for %s is (%s)', (line, fix) => {
    const name = line.startsWith('name') ? '' : 'name: x\n'
    expect(problems(`${name}${line}\nrungs: [${RUNG}]`)).toEqual([expect.stringContaining(`(${fix})`)])
  })

  it.each(['codec: theora', 'crf: 99', 'preset: placebo-or-such'])('is not made up for %s', (field) => {
    expect(problems(withRung(`shortSidePx: 240, maxBitrateBps: 500_000, ${field}`))[0]).not.toMatch(/\(/)
  })
})

describe('rules between fields', () => {
  it('wants whole GOPs in a segment, by default values too', () => {
    expect(problems(withField('gopSeconds: 3'))).toEqual([
      'my.yaml:1:1: segmentSeconds must be a multiple of gopSeconds (3), got 4 by default ' +
        '(or set gopSeconds to one of 1, 2, 4)',
    ])
  })

  it('wants ids that differ, and none that is the id of the sound', () => {
    expect(problems(`name: x\nrungs: [${RUNG}, ${OTHER}, ${RUNG}]`)).toEqual([
      expect.stringContaining("rungs[2].id must be unique, and rungs[0] has the same, got 'a'"),
    ])
    expect(problems('name: x\nrungs: [{ id: audio, shortSidePx: 240, maxBitrateBps: 500_000 }]')).toEqual([
      expect.stringContaining("rungs[0].id must be unique, and audio[0] has the same, got 'audio'"),
    ])
  })

  it.each(['imageIntervalSeconds', 'spriteIntervalSeconds'])('wants %s to be at least gopSeconds', (name) => {
    expect(problems(withField(`thumbnails: { ${name}: 1 }`))).toEqual([
      `my.yaml:3:${17 + name.length}: thumbnails.${name} must be at least gopSeconds (2), ` +
        'since pictures are keyframes, got 1',
    ])
  })
})
