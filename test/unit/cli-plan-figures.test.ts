import { bitrateText, bytesText, exactRateText, lengthText, rateText, slotText, usdText } from '../../cli/plan/figures'
import { entry, table, wrapped } from '../../cli/plan/layout'

describe('figures of a plan', () => {
  it.each([
    [0, '0 bytes'],
    [13, '13 bytes'],
    [999, '999 bytes'],
    [1_000, '1.0 kB'],
    [999_600, '1.0 MB'],
    [2_429_896, '2.4 MB'],
    [81_000_000_000, '81 GB'],
    [5e15, '5000 TB'],
  ])('shows %p bytes as %s', (bytes, text) => expect(bytesText(bytes)).toBe(text))

  it.each([
    [0, '$0'],
    [1e-12, 'under $0.00000001'],
    [0.0000076, '$0.0000076'],
    [0.00128, '$0.0013'],
    [0.0999, '$0.10'],
    [0.00999, '$0.010'],
    [0.256, '$0.26'],
    [0.999, '$1.00'],
    [12.345, '$12.35'],
    [8_000, '$8000.00'],
  ])('shows %p US dollars as %s', (usd, text) => expect(usdText(usd)).toBe(text))

  it.each([
    [0.04, '0.0'],
    [9.94, '9.9'],
    [9.96, '10'],
    [999.4, '999'],
    [1_234.5, '1,235'],
    [1_234_567, '1,234,567'],
  ])('shows %p slot-seconds as %s', (seconds, text) => expect(slotText(seconds)).toBe(text))

  it.each([
    [1.089, '1.09 s'],
    [29.6, '29.6 s'],
    [59.96, '1:00'],
    [59.9, '59.9 s'],
    [125, '2:05'],
    [3_723, '1:02:03'],
  ])('shows a length of %p s as %s', (seconds, text) => expect(lengthText(seconds)).toBe(text))

  it('shows rates short, and exactly where they are odd', () => {
    expect(rateText({ num: 30, den: 1 })).toBe('30')
    expect(rateText({ num: 25, den: 2 })).toBe('12.5')
    expect(rateText({ num: 100, den: 1 })).toBe('100')
    expect(exactRateText({ num: 24_000, den: 1_001 })).toBe('23.98 (24000/1001)')
    expect(exactRateText({ num: 60, den: 1 })).toBe('60')
    expect(exactRateText({ num: 23_040_000, den: 767_849 })).toBe('30.01')
  })

  it('shows bit rates', () => {
    expect([64_000, 999_400, 1_000_000, 3_210_000].map(bitrateText)).toEqual([
      '64 kb/s',
      '999 kb/s',
      '1 Mb/s',
      '3.2 Mb/s',
    ])
  })
})

describe('layout of a plan', () => {
  it('breaks between words, and words that are longer than a line', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrapped('a bbbbbbbbbb c', 4)).toEqual(['a', 'bbbb', 'bbbb', 'bb c'])
    expect(wrapped('', 4)).toEqual([''])
  })

  it('puts a paragraph beside its label', () => {
    expect(entry('note', 'one two three four five', 6, { columns: 32, unicode: true })).toEqual([
      '  note    one two three four',
      '          five',
    ])
  })

  it('puts columns under each other, by the width that is seen', () => {
    const rows = [
      ['id', 'n'],
      ['日本', '10'],
    ]
    expect(table(rows, ['left', 'right'])).toEqual(['  id     n', '  日本  10'])
  })
})
