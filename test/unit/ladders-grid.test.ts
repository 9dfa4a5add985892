import { reduced, toNumber } from '../../core/contract/rational'
import { segmentGrid, segmentLength } from '../../ladders/grid'

const four = { segmentSeconds: 4, gopSeconds: 2 }

describe('the segment grid', () => {
  it.each([
    { num: 24, den: 1, gopFrames: 48, timescaleHz: 90_000 },
    { num: 25, den: 1, gopFrames: 50, timescaleHz: 90_000 },
    { num: 30, den: 1, gopFrames: 60, timescaleHz: 90_000 },
    { num: 50, den: 1, gopFrames: 100, timescaleHz: 90_000 },
    { num: 60, den: 1, gopFrames: 120, timescaleHz: 90_000 },
    { num: 120, den: 1, gopFrames: 240, timescaleHz: 90_000 },
    { num: 144, den: 1, gopFrames: 288, timescaleHz: 90_000 },
    { num: 240, den: 1, gopFrames: 480, timescaleHz: 90_000 },
    { num: 15, den: 1, gopFrames: 30, timescaleHz: 90_000 },
    { num: 25, den: 2, gopFrames: 25, timescaleHz: 90_000 },
    { num: 59, den: 2, gopFrames: 59, timescaleHz: 60_003 },
    { num: 30_000, den: 1001, gopFrames: 60, timescaleHz: 90_000 },
    { num: 24_000, den: 1001, gopFrames: 48, timescaleHz: 120_000 },
    { num: 60_000, den: 1001, gopFrames: 120, timescaleHz: 120_000 },
    { num: 120_000, den: 1001, gopFrames: 240, timescaleHz: 120_000 },
    { num: 240_000, den: 1001, gopFrames: 480, timescaleHz: 240_000 },
    { num: 37_200, den: 1241, gopFrames: 60, timescaleHz: 74_400 },
  ])('at $num/$den has GOPs of $gopFrames and a clock of $timescaleHz', ({ num, den, gopFrames, timescaleHz }) => {
    expect(segmentGrid({ num, den }, four, 1)).toEqual({ fps: { num, den }, gopFrames, gopsPerSegment: 2, timescaleHz })
    expect((timescaleHz * den) % num).toBe(0)
  })

  it.each([
    { num: 23_040_000, den: 767_849 },
    { num: 1_000_000, den: 66_667 },
    { num: 240_001, den: 1_001 },
  ])('takes the usual clock for the measured rate $num/$den', (fps) => {
    expect(segmentGrid(fps, four, 1).timescaleHz).toBe(90_000)
  })

  it('has a clock of 60,000 to 1,000,000 ticks for every whole rate', () => {
    for (let num = 1; num <= 240; num++) {
      const { timescaleHz } = segmentGrid({ num, den: 1 }, four, 1)
      expect(timescaleHz % num).toBe(0)
      expect(timescaleHz).toBeGreaterThanOrEqual(60_000)
      expect(timescaleHz).toBeLessThanOrEqual(1_000_000)
    }
  })

  it('has at least one frame a GOP', () => {
    const grid = segmentGrid({ num: 1, den: 10 }, four, 1)
    expect(grid).toMatchObject({ gopFrames: 1, gopsPerSegment: 2 })
    expect(toNumber(segmentLength(grid))).toBe(20)
  })

  it('brings a rate to lowest terms', () => {
    expect(segmentGrid({ num: 50, den: 2 }, four, 1).fps).toEqual({ num: 25, den: 1 })
  })

  it.each([
    { segmentSeconds: 6, gopSeconds: 1.5, gopFrames: 45, gopsPerSegment: 4, length: { num: 6006, den: 1000 } },
    { segmentSeconds: 2, gopSeconds: 2, gopFrames: 60, gopsPerSegment: 1, length: { num: 2002, den: 1000 } },
    { segmentSeconds: 10, gopSeconds: 0.5, gopFrames: 15, gopsPerSegment: 20, length: { num: 10_010, den: 1000 } },
  ])(
    'cuts $segmentSeconds s by $gopSeconds s at 29.97 into whole frames',
    ({ length, gopFrames, gopsPerSegment, ...of }) => {
      const grid = segmentGrid({ num: 30_000, den: 1001 }, of, 1)
      expect(grid).toMatchObject({ gopFrames, gopsPerSegment })
      expect(segmentLength(grid)).toEqual(reduced(length))
    },
  )
})
