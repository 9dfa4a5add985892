import { fitWidth, layTiles, pickKeyframes } from '../../worker/thumbs/pick'

describe('pickKeyframes', () => {
  it('takes every keyframe when they are as far apart as wanted', () => {
    expect(pickKeyframes([0, 2, 4, 6], 2)).toEqual({ every: 1, seconds: [0, 2, 4, 6] })
  })
  it('takes every fifth for ten seconds of two-second GOPs', () => {
    expect(pickKeyframes([0, 2, 4, 6, 8, 10, 12], 10)).toEqual({ every: 5, seconds: [0, 10] })
  })
  it('takes the only one', () => {
    expect(pickKeyframes([0], 10)).toEqual({ every: 1, seconds: [0] })
  })
  it('takes none where there is none', () => {
    expect(pickKeyframes([], 10)).toEqual({ every: 1, seconds: [] })
  })
  it('takes every keyframe when they are further apart than wanted', () => {
    expect(pickKeyframes([0, 60, 120], 2)).toEqual({ every: 1, seconds: [0, 60, 120] })
  })
  it('does not divide by nothing when keyframes share a time', () => {
    expect(pickKeyframes([3, 3, 3], 2)).toEqual({ every: 2_000, seconds: [3] })
  })
  it('counts by the mean at an irregular rate, and keeps the real times', () => {
    expect(pickKeyframes([0, 1, 4, 5, 8], 4)).toEqual({ every: 2, seconds: [0, 4, 8] })
  })
})

describe('fitWidth', () => {
  it.each([
    [1_920, 1_080, 160, 160, 90],
    [426, 240, 1_280, 426, 240],
    [320, 568, 160, 160, 284],
    [4_000, 20, 160, 160, 2],
    [2, 2, 160, 2, 2],
  ])('fits %ix%i into %i px as %ix%i', (widthPx, heightPx, wanted, width, height) => {
    expect(fitWidth({ widthPx, heightPx }, wanted)).toEqual({ widthPx: width, heightPx: height })
  })
})

describe('layTiles', () => {
  const grid = { columns: 2, rows: 2, tile: { widthPx: 160, heightPx: 90 } }
  it('fills sheets in reading order, from 0 to the end', () => {
    expect(layTiles([0.5, 2, 4, 6, 8], grid, 9.5)).toEqual([
      { sheet: 0, xPx: 0, yPx: 0, startSeconds: 0, endSeconds: 2 },
      { sheet: 0, xPx: 160, yPx: 0, startSeconds: 2, endSeconds: 4 },
      { sheet: 0, xPx: 0, yPx: 90, startSeconds: 4, endSeconds: 6 },
      { sheet: 0, xPx: 160, yPx: 90, startSeconds: 6, endSeconds: 8 },
      { sheet: 1, xPx: 0, yPx: 0, startSeconds: 8, endSeconds: 9.5 },
    ])
  })
  it('has none without pictures', () => {
    expect(layTiles([], grid, 10)).toEqual([])
  })
  it('shows each tile until the next and leaves no hole, however many sheets', () => {
    const tiles = layTiles(
      Array.from({ length: 11 }, (_, index) => 2 * index),
      grid,
      21,
    )
    expect(tiles.map(({ sheet }) => sheet)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
    tiles.forEach(({ startSeconds, endSeconds }, index) => {
      expect(endSeconds).toBe(tiles[index + 1]?.startSeconds ?? 21)
      expect(endSeconds).toBeGreaterThan(startSeconds)
    })
  })
  it('shows a tile at the very end for a moment', () => {
    expect(layTiles([0, 4], grid, 4).at(-1)).toMatchObject({ startSeconds: 4, endSeconds: 4.001 })
  })
})
