import { writeSpriteCues, type SpriteCue } from '../../media/webvtt'

const cue = (startSeconds: number, endSeconds: number, more: Partial<SpriteCue> = {}): SpriteCue => ({
  uri: 'sprite-00000.jpg',
  xPx: 0,
  yPx: 0,
  widthPx: 160,
  heightPx: 90,
  startSeconds,
  endSeconds,
  ...more,
})

describe('writeSpriteCues', () => {
  it('writes a cue for each tile', () => {
    const cues = [cue(0, 5), cue(5, 10.01, { xPx: 160, yPx: 90 }), cue(10.01, 12, { uri: 'sprite-00001.jpg' })]
    expect(writeSpriteCues(cues)).toBe(
      [
        'WEBVTT',
        '',
        '00:00:00.000 --> 00:00:05.000',
        'sprite-00000.jpg#xywh=0,0,160,90',
        '',
        '00:00:05.000 --> 00:00:10.010',
        'sprite-00000.jpg#xywh=160,90,160,90',
        '',
        '00:00:10.010 --> 00:00:12.000',
        'sprite-00001.jpg#xywh=0,0,160,90',
        '',
      ].join('\n'),
    )
  })

  it('writes a file without cues', () => {
    expect(writeSpriteCues([])).toBe('WEBVTT\n')
  })

  it.each([
    [3_599.9994, '00:59:59.999'],
    [3_599.9996, '01:00:00.000'],
    [86_399.5, '23:59:59.500'],
    [360_000, '100:00:00.000'],
    [35_999_999, '9999:59:59.000'],
  ])('writes %d s as %s', (seconds, timestamp) => {
    expect(writeSpriteCues([cue(seconds, seconds + 10)])).toContain(`\n${timestamp} --> `)
  })

  it('lets a cue that would be empty last a millisecond', () => {
    expect(writeSpriteCues([cue(1, 1.0001)])).toContain('00:00:01.000 --> 00:00:01.001')
  })

  it.each([
    ['ends as it starts', [cue(5, 5)]],
    ['ends before it starts', [cue(5, 4)]],
    ['starts before 0', [cue(-0.01, 4)]],
    ['starts before the one above it', [cue(5, 10), cue(4, 12)]],
    ['has no start', [cue(NaN, 4)]],
    ['has no end', [cue(0, Infinity)]],
    ['is in ticks by mistake', [cue(0, 9e10)]],
    ['names a sheet with a line break', [cue(0, 1, { uri: 'a\n\n00:00' })]],
    ['names a sheet with an arrow', [cue(0, 1, { uri: 'a --> b' })]],
    ['names a sheet elsewhere', [cue(0, 1, { uri: 'https://host/a.jpg' })]],
    ['is left of the sheet', [cue(0, 1, { xPx: -1 })]],
    ['lies between pixels', [cue(0, 1, { yPx: 0.5 })]],
    ['has no width', [cue(0, 1, { widthPx: 0 })]],
    ['has no height', [cue(0, 1, { heightPx: NaN })]],
  ])('refuses a cue that %s', (_, cues) => {
    expect(() => writeSpriteCues(cues)).toThrow(expect.objectContaining({ code: 'QUEUE_INTERNAL' }))
  })
})
