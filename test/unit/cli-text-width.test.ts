import { padColumns, printable, takeStart, textWidth, truncateMiddle } from '../../cli/view/text-width'

describe('printable', () => {
  it.each([
    ['an escape sequence', '\u001b[31mred\u001b[0m', '?[31mred?[0m'],
    ['a C1 control sequence', 'a\u009b2Jb', 'a?2Jb'],
    ['line breaks of all kinds', 'a\nb\r\nc\u2028d\u2029e\u0085f', 'a?b??c?d?e?f'],
    ['a tab, a backspace and a delete', 'a\tb\bc\u007f', 'a?b?c?'],
    ['marks that turn the direction', 'evil\u202egpj.mp4\u2066\u200f', 'evilgpj.mp4'],
    ['marks that draw nothing', 'a\u200b\ufeff\u00adb', 'ab'],
    ['half a surrogate pair', 'a\ud800b\udc00', 'a?b?'],
    ['piled-up marks', `z${'\u0353'.repeat(40)}!`, 'z\u0353\u0353!'],
    ['joined emoji', '👩\u200d👩\u200d👧', '👩👩👧'],
    ['skin tones and picture selectors', '👍🏽❤\ufe0f', '👍❤'],
    ['flags', '🇩🇪.mp4', 'DE.mp4'],
    ['letters in two parts', 'u\u0308ber', 'über'],
    ['Hangul in parts', '\u1112\u1161\u11ab', '한'],
  ])('makes %s harmless', (_, given, expected) => {
    expect(printable(given)).toBe(expected)
  })

  it('leaves common names as they are', () => {
    for (const name of ['Film (1).mp4', 'Ärger & Öl.mov', '日本語.mkv', 'क्लिप.mp4', 'فيلم.mp4']) {
      expect(printable(name)).toBe(name)
    }
  })

  it('has one question mark a letter where only ASCII can be shown', () => {
    expect(printable('Ärger日e\u0301\u0301.mp4', false)).toBe('?rger??.mp4')
  })

  it('takes a name of a megabyte in no time', () => {
    expect(printable('\u001b\u0301a'.repeat(350_000))).toHaveLength(1_050_000)
  })
})

describe('textWidth', () => {
  it.each([
    ['plain.mp4', 9],
    ['äöü', 3],
    ['日本語', 6],
    ['ｶﾅ', 2],
    ['ＡＢ', 4],
    ['한글', 4],
    ['🎬👍', 4],
    ['⌚✅', 4],
    ['❤', 1],
    ['x\u0353\u0353', 1],
    ['━╸─…', 4],
    ['𠀀', 2],
    ['', 0],
  ])('of %s is %i columns', (text, columns) => {
    expect(textWidth(text)).toBe(columns)
  })
})

describe('truncateMiddle', () => {
  it('keeps what fits and cuts what does not, in the middle', () => {
    expect(truncateMiddle('interview-take-0012.mp4', 23)).toBe('interview-take-0012.mp4')
    expect(truncateMiddle('interview-take-0012.mp4', 16)).toBe('intervi…0012.mp4')
    expect(truncateMiddle('interview-take-0012.mp4', 16, false)).toBe('interv...012.mp4')
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 20])('is at most %i columns, also of wide letters', (columns) => {
    for (const unicode of [true, false]) {
      for (const text of ['日本語の長い名前.mov', '🎬'.repeat(30), 'a'.repeat(99), `e\u0353\u0353`.repeat(9)]) {
        expect(textWidth(truncateMiddle(text, columns, unicode))).toBeLessThanOrEqual(columns)
      }
    }
  })

  it('never puts a mark of a cut letter on the ellipsis', () => {
    expect(truncateMiddle('aaaaq\u0353\u0353b', 4)).toBe('a…q\u0353\u0353b')
    expect(truncateMiddle('aaaaq\u0353\u0353b', 3)).toBe('a…b')
  })
})

describe('columns', () => {
  it('are filled by width, not by count', () => {
    expect(padColumns('日本', 6)).toBe('日本  ')
    expect(padColumns('toolong', 3)).toBe('toolong')
  })

  it('take no half of a wide letter', () => {
    expect(takeStart('日本語', 5)).toBe('日本')
  })
})
