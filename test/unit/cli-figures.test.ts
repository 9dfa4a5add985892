import { clockText, countText, percentText, speedText } from '../../cli/view/figures'

describe('figures', () => {
  it.each([
    [0, '0:00'],
    [12.9, '0:12'],
    [725, '12:05'],
    [3723, '1:02:03'],
    [359_999, '99:59:59'],
    [360_000, 'over 99 h'],
    [-4, '0:00'],
    [NaN, 'over 99 h'],
    [Infinity, 'over 99 h'],
  ])('shows %p s as %s', (seconds, text) => {
    expect(clockText(seconds)).toBe(text)
  })

  it.each([
    [3.2, '3.2x'],
    [0.08, '0.08x'],
    [99.96, '100x'],
    [12345, '>9999x'],
    [0, ''],
    [NaN, ''],
  ])('shows the speed %p as "%s"', (speed, text) => {
    expect(speedText(speed)).toBe(text)
  })

  it.each([
    [0.29, '29%'],
    [0.999, '99%'],
    [1, '100%'],
    [1.7, '100%'],
    [-1, '0%'],
  ])('shows %p as %s', (fraction, text) => {
    expect(percentText(fraction)).toBe(text)
  })

  it('knows one from many', () => {
    expect([countText(1, 'rendition'), countText(0, 'rendition')]).toEqual(['1 rendition', '0 renditions'])
  })
})
