import fc from 'fast-check'
import { toNumber } from '../../core/contract/rational'
import { planSlices, type SliceInput } from '../../scheduler/slices'
import { GRID } from '../support/builders'

/** Five minutes at 25 pictures a second in segments of 4 s, of which a slot makes a minute at a time. */
function input(more: Partial<SliceInput> = {}): SliceInput {
  return {
    ...{ grid: GRID, durationSeconds: 300, clip: null, firstPicture: { num: 0, den: 1 }, pieceSeconds: 60 },
    firstSegments: null,
    ...{ marginPictures: 0, blindSeconds: 0, lastSeekSeconds: Infinity, pictures: 7_500 },
    keyframes: { seconds: [], isComplete: false },
    ...more,
  }
}

const everySecondOf = (from: number, step: number, to = 300): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step)
const starts = (one: SliceInput): number[] =>
  planSlices(one).map(({ startTicks }) => Math.ceil((startTicks / GRID.timescaleHz) * 25) / 25)

describe('planSlices', () => {
  it('cuts pieces of about the length asked for, at segments, half a picture before their first one', () => {
    const slices = planSlices(input())
    expect(slices.map(({ startTicks, endTicks }) => [startTicks, endTicks])).toEqual([
      [0, 5_398_200],
      [5_398_200, 10_798_200],
      [10_798_200, 16_198_200],
      [16_198_200, 21_598_200],
      [21_598_200, null],
    ])
    expect(slices.map(({ index, pictures }) => [index, pictures])).toEqual(
      [0, 1, 2, 3, 4].map((index) => [index, 1_500]),
    )
  })

  it.each([
    ['under two pieces', { durationSeconds: 119 }],
    ['of unknown length', { durationSeconds: null }],
    ['of one segment', { durationSeconds: 3.9, pieceSeconds: 1 }],
  ])('leaves a master %s whole', (_, more) => {
    expect(planSlices(input(more))).toEqual([
      { index: 0, startTicks: 0, endTicks: null, seekSeconds: 0, pictures: 7_500 },
    ])
  })

  it('reads from the keyframe before a slice, by a whole second that leads to it and to no other', () => {
    const keyframes = { seconds: everySecondOf(0, 10), isComplete: true }
    expect(planSlices(input({ keyframes })).map(({ seekSeconds }) => seekSeconds)).toEqual([0, 61, 121, 181, 241])
  })

  it('seeks no later than the slice where there may be keyframes that nobody told of', () => {
    const keyframes = { seconds: everySecondOf(0, 10), isComplete: false }
    expect(planSlices(input({ keyframes })).map(({ seekSeconds }) => seekSeconds)).toEqual([0, 60, 120, 180, 240])
  })

  it('seeks early enough where a seek may land on a later keyframe', () => {
    const keyframes = { seconds: everySecondOf(0.05, 0.5), isComplete: true }
    expect(planSlices(input({ keyframes, blindSeconds: 0.2 }))[1]?.seekSeconds).toBe(59)
  })

  it('moves a cut to where little is decoded in vain', () => {
    // A keyframe each 7 s: of the segments near 60 s the one at 64 s begins 1 s behind one, the one at 56 s on one.
    expect(starts(input({ keyframes: { seconds: everySecondOf(0, 7), isComplete: true } }))[1]).toBe(56)
  })

  it('looks at pictures before the slice where a filter does', () => {
    const keyframes = { seconds: everySecondOf(0, 4), isComplete: true }
    const [, slice] = planSlices(input({ keyframes, marginPictures: 2 }))
    expect(slice).toMatchObject({ startTicks: 5_398_200, seekSeconds: 57 })
  })

  it('seeks nothing near the end, and begins no slice that would decode more than a piece in vain', () => {
    const keyframes = { seconds: everySecondOf(0, 10), isComplete: true }
    const near = planSlices(input({ keyframes, lastSeekSeconds: 205 }))
    expect(near.map(({ seekSeconds }) => seekSeconds)).toEqual([0, 61, 121, 181, 201])
    expect(starts(input({ keyframes, lastSeekSeconds: 100 })).slice(1)).toEqual([60, 108])
  })

  it('begins none before a picture that comes late', () => {
    const [first, second] = starts(input({ durationSeconds: 20, pieceSeconds: 4, firstPicture: { num: 13, den: 2 } }))
    expect(first).toBe(0)
    expect(second).toBeGreaterThan(6.5)
  })

  it('counts from the start of a clip, and ends with it', () => {
    const clip = { inSeconds: 100.5, outSeconds: 300.5 }
    const slices = planSlices(input({ clip, durationSeconds: 200, pictures: 9_000 }))
    expect(slices[0]).toMatchObject({ startTicks: 0, seekSeconds: 100, pictures: null })
    expect(slices.at(-1)).toMatchObject({ endTicks: Math.round((200 - 0.0011) * 90_000), pictures: null })
    // The second piece begins between two pictures of the master that are 40 ms apart from 100.48 s on.
    const line = (slices[1]?.startTicks ?? 0) / 90_000 + 100.5
    expect(Math.abs((line / 0.04) % 1) - 0.5).toBeCloseTo(0, 3)
  })

  it('holds what follows of every master: slices meet, rise, and seek to before what they need', () => {
    const anyInput = fc.record({
      durationSeconds: fc.double({ min: 1, max: 2_000, noNaN: true }),
      pieceSeconds: fc.double({ min: 10, max: 120, noNaN: true }),
      rate: fc.constantFrom(
        { num: 24_000, den: 1_001 },
        { num: 30_000, den: 1_001 },
        { num: 25, den: 1 },
        { num: 50, den: 1 },
      ),
      gop: fc.double({ min: 0.4, max: 12, noNaN: true }),
      late: fc.integer({ min: 0, max: 2_000 }),
      isComplete: fc.boolean(),
      marginPictures: fc.constantFrom(0, 2),
    })
    const property = fc.property(anyInput, ({ rate, gop, late, isComplete, ...more }) => {
      const seconds = everySecondOf(late / 1_000, gop, more.durationSeconds)
      const grid = { ...GRID, fps: rate, gopFrames: Math.round(2 * toNumber(rate)), timescaleHz: 120_000 }
      const firstPicture = { num: late, den: 1_000 }
      const slices = planSlices(
        input({ ...more, grid, firstPicture, pictures: null, keyframes: { seconds, isComplete } }),
      )
      expect(slices.map(({ index }) => index)).toEqual([...slices.keys()])
      expect(slices.at(-1)?.endTicks).toBeNull()
      slices.slice(1).forEach(({ startTicks, seekSeconds }, index) => {
        expect(slices[index]?.endTicks).toBe(startTicks)
        expect(startTicks).toBeGreaterThan(slices[index]?.startTicks ?? Infinity)
        const needed = startTicks / grid.timescaleHz - more.marginPictures / toNumber(rate)
        const reached = seconds.findLast((keyframe) => keyframe <= seekSeconds) ?? 0
        expect(Number.isInteger(seekSeconds)).toBe(true)
        expect(reached).toBeLessThanOrEqual(needed + 0.5 / toNumber(rate) + 1e-6)
        if (!isComplete) expect(seekSeconds).toBeLessThanOrEqual(Math.max(0, needed + 1 / toNumber(rate)))
      })
    })
    fc.assert(property, { seed: 1, numRuns: 200 })
  })
})
