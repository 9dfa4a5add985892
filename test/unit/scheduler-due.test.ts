import { isDue, LOOK_ANYHOW_MS } from '../../scheduler/due'

const NOW = 5_000_000
const looked = { atMs: NOW - 1, isTroubled: false }

describe('isDue', () => {
  it.each([
    ['one that was never looked at', undefined, true, true],
    ['one that is at work', looked, true, false],
    ['one that nobody works on', looked, false, true],
    ['one that could not be brought on or told of', { ...looked, isTroubled: true }, true, true],
    ['one that is at work for long', { ...looked, atMs: NOW - LOOK_ANYHOW_MS }, true, true],
    ['one that is at work not quite so long', { ...looked, atMs: NOW - LOOK_ANYHOW_MS + 1 }, true, false],
  ])('says of %s', (_, last, isAtWork, expected) => {
    expect(isDue(last, isAtWork, NOW)).toBe(expected)
  })
})
