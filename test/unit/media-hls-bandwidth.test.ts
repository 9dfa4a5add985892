import { averageBps, peakBps, type MeasuredSegment } from '../../media/hls/bandwidth'
import { targetDurationSeconds } from '../../media/hls/media-playlist'
import { seededRandom } from '../support/seeded-random'

/** Pairs of kilobits and seconds. */
const segments = (...pairs: [kilobits: number, seconds: number][]): MeasuredSegment[] =>
  pairs.map(([kilobits, durationSeconds]) => ({ bytes: kilobits * 125, durationSeconds }))

/** The rule word for word: every contiguous set, one after the other. */
function peakByRule(list: readonly MeasuredSegment[], targetSeconds: number): number {
  const rates: number[] = []
  for (let from = 0; from < list.length; from += 1) {
    for (let to = from + 1; to <= list.length; to += 1) {
      const set = list.slice(from, to)
      const microseconds = set.reduce((sum, { durationSeconds }) => sum + Math.round(durationSeconds * 1e6), 0)
      const bits = set.reduce((sum, { bytes }) => sum + bytes * 8, 0)
      const isWithin = microseconds >= 0.5e6 * targetSeconds && microseconds <= 1.5e6 * targetSeconds
      if (isWithin) rates.push(Math.ceil((bits * 1e6) / microseconds))
    }
  }
  return Math.max(...rates)
}

describe('peakBps', () => {
  it('is the rate of the largest segment where all are as long as the target', () => {
    expect(peakBps(segments([4_000, 4], [12_000, 4], [8_000, 4]), 4)).toBe(3_000_000)
  })

  it('is not inflated by a short last segment: it counts with the one before it', () => {
    expect(peakBps(segments([6_000, 6], [6_000, 6], [900, 0.1]), 6)).toBe(Math.ceil(6_900_000 / 6.1))
  })

  it('takes half and one and a half targets as within', () => {
    expect(peakBps(segments([9_000, 3], [1_000, 6]), 6)).toBe(3_000_000)
    expect(peakBps(segments([1_000, 6], [9_000, 2.9], [100, 0.1]), 6)).toBe(Math.ceil(9_100_000 / 3))
    expect(peakBps(segments([100, 0.2], [100, 0.1], [100, 0.2]), 1)).toBe(600_000)
  })

  it('leaves out what is under half a target, even by a microsecond', () => {
    expect(peakBps(segments([9_000, 2.999999], [1, 6.000001]), 6)).toBe(Math.ceil(9_001_000 / 9))
  })

  it.each([
    [0.9, 1],
    [0.3, 1],
    [0.04, 1],
  ])('of a title of one segment of %d s is its whole rate', (seconds, targetSeconds) => {
    expect(peakBps(segments([900, seconds]), targetSeconds)).toBe(Math.ceil(900_000 / seconds))
  })

  it('counts a segment over one and a half targets alone', () => {
    expect(peakBps(segments([10_000, 10], [30_000, 10], [10, 1]), 4)).toBe(3_000_000)
  })

  it('does not join a long segment to the short one before it', () => {
    expect(peakBps(segments([1_000, 0.5], [10_000, 10]), 4)).toBe(1_000_000)
  })

  it('of short segments looks at sets of them', () => {
    expect(peakBps(segments([1_000, 1], [3_000, 1], [3_000, 1], [1_000, 1]), 4)).toBe(3_000_000)
    expect(peakBps(segments([1_000, 1], [9_000, 1], [1_000, 1], [1_000, 1]), 4)).toBe(5_000_000)
  })

  it('rounds up', () => {
    expect(peakBps([{ bytes: 1, durationSeconds: 3 }], 3)).toBe(3)
    expect(peakBps([{ bytes: 3, durationSeconds: 3 }], 3)).toBe(8)
  })

  it('of segments without bytes is 0', () => {
    expect(peakBps(segments([0, 4], [0, 4]), 4)).toBe(0)
  })

  it.each(Array.from({ length: 40 }, (_, seed) => seed))('is what the rule says, for generated segments %i', (seed) => {
    const random = seededRandom(seed)
    const list = Array.from({ length: random.integer(1, 40) }, () => ({
      bytes: random.integer(0, 2_000_000),
      durationSeconds: random.integer(1, 6_000_000) / 1e6,
    }))
    const targetSeconds = targetDurationSeconds(list)
    expect(peakBps(list, targetSeconds)).toBe(peakByRule(list, targetSeconds))
  })

  it('takes 100,000 segments in its stride', () => {
    const list = segments(...Array<[number, number]>(100_000).fill([4_000, 4]))
    expect(peakBps(list, 4)).toBe(1_000_000)
  })
})

describe('averageBps', () => {
  it('is all bits over the whole time, rounded up', () => {
    expect(averageBps(segments([4_000, 4], [1, 2]))).toBe(Math.ceil(4_001_000 / 6))
  })

  it('is exact for a title of terabytes', () => {
    expect(averageBps([{ bytes: 2 ** 50 + 1, durationSeconds: 8 }])).toBe(2 ** 50 + 1)
  })

  it('refuses to divide by nothing', () => {
    expect(() => averageBps([])).toThrow(expect.objectContaining({ code: 'QUEUE_INTERNAL' }))
    expect(() => peakBps([], 4)).toThrow(expect.objectContaining({ code: 'QUEUE_INTERNAL' }))
  })
})
