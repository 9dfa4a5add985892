import type { IndexedPictures } from '../../core/contract/picture-index'
import { NO_SPEEDS, type KnownSpeeds } from '../../scheduler/cost/known-speeds'
import { addressSpaceBytes, rungGroups } from '../../scheduler/cost/memory'
import { mayBeCut, planPieces, secondsPerPiece, type PieceInput } from '../../scheduler/pieces'
import { copiedTimes, pictureTimes } from '../../scheduler/picture-times'
import { GRID, pieceJob, rung, sourceFacts } from '../support/builders'
import { videoFacts } from '../support/facts'

const GIB = 2 ** 30
const rungs = [rung('360p', 360), rung('720p', 720)]
const video = { rungs, grid: GRID, picture: pieceJob().picture }
const hour = sourceFacts({ durationSeconds: 3_600, video: videoFacts({ durationSeconds: 3_600 }) })
const times = {
  ...{
    keyframes: { seconds: Array.from({ length: 900 }, (_, index) => 4 * index), isComplete: true },
    blindSeconds: 0,
    lastSeekSeconds: Infinity,
    pictures: 90_000,
    isCopied: false,
  },
}

function input(more: Partial<PieceInput> = {}): PieceInput {
  return {
    facts: hour,
    video,
    clip: null,
    times,
    pieceSeconds: null,
    slotMemoryBytes: 8 * GIB,
    speeds: NO_SPEEDS,
    isEarly: false,
    ...more,
  }
}

describe('planPieces', () => {
  it('makes pieces that take a slot about a minute', () => {
    const pieces = planPieces(input())
    const wanted = secondsPerPiece(videoFacts(), video, NO_SPEEDS)
    expect(pieces).toHaveLength(Math.round(3_600 / wanted))
    for (const { durationSeconds } of pieces)
      expect(Math.abs((durationSeconds ?? 0) - wanted)).toBeLessThan(0.3 * wanted)
  })

  it('makes shorter ones of what costs more', () => {
    const [cheap, dear] = ['veryfast', 'slower'].map((preset) => {
      return secondsPerPiece(
        videoFacts(),
        { ...video, rungs: rungs.map((one) => ({ ...one, preset })) } as never,
        NO_SPEEDS,
      )
    })
    expect((cheap ?? 0) / (dear ?? 0)).toBeGreaterThan(3)
  })

  it('makes more of them where machines are slow, and where pieces of this kind were', () => {
    const count = (speeds: KnownSpeeds): number => planPieces(input({ speeds })).length
    const usual = count(NO_SPEEDS)
    const slow = count({ machines: Math.log(2), classes: new Map() })
    expect(slow / usual).toBeCloseTo(2, 1)
    const learned = { logRatio: Math.log(3), weight: 1e6, pieces: 9 }
    const kind = 'h264.veryfast.8bit.720.from-h264'
    expect(count({ machines: Math.log(2), classes: new Map([[kind, learned]]) }) / usual).toBeCloseTo(3, 1)
    expect(count({ machines: null, classes: new Map([['hevc.veryfast.8bit.720.from-h264', learned]]) })).toBe(usual)
  })

  it('cuts to the length that was asked for, however slow machines are', () => {
    const speeds = { machines: Math.log(8), classes: new Map() }
    expect(planPieces(input({ pieceSeconds: 600, speeds }))).toHaveLength(6)
  })

  it('cuts to the length that was asked for', () => {
    expect(planPieces(input({ pieceSeconds: 600 }))).toHaveLength(6)
  })

  it('leaves a master whole that cannot be read from its middle', () => {
    expect(planPieces(input({ times: null })).map(({ part, durationSeconds }) => [part, durationSeconds])).toEqual([
      ['video-0000', 3_600],
    ])
  })

  it('makes the rungs in two groups where one process has no room for them', () => {
    const large = [...rungs, { ...rung('2160p', 2_160), codec: 'av1' as const }]
    const pieces = planPieces(input({ video: { ...video, rungs: large }, times: null, slotMemoryBytes: 4 * GIB }))
    expect(pieces.map(({ part, rungs: group }) => [part, group.map(({ id }) => id)])).toEqual([
      ['video-0000', ['2160p']],
      ['video-0000-b', ['360p', '720p']],
    ])
  })
})

describe('rungGroups', () => {
  it.each([1, 2, 4, 8])(
    'keeps all rungs, in at most two groups, each of them no needier than all, with %i GiB',
    (gib) => {
      const all = [240, 360, 480, 720, 1_080, 2_160].map((height) => rung(`${height}p`, height))
      const groups = rungGroups(all, gib * GIB)
      expect(
        groups
          .flat()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(all.map(({ id }) => id).sort())
      expect(groups.length).toBeLessThanOrEqual(2)
      for (const group of groups) expect(addressSpaceBytes(group)).toBeLessThanOrEqual(addressSpaceBytes(all))
    },
  )

  it('counts what was measured: six H.264 rungs to 2160p take 2276 MiB', () => {
    const all = [240, 360, 480, 720, 1_080, 2_160].map((height) => rung(`${height}p`, height))
    expect(addressSpaceBytes(all) / 2 ** 20 / 2_276).toBeCloseTo(1, 1)
  })
})

describe('pieces of what is played early', () => {
  it('begin with two segments and get twice as long until they are as long as ever', () => {
    const pieces = planPieces(input({ isEarly: true, pieceSeconds: 60 }))
    expect(pieces.slice(0, 6).map(({ slice }) => Math.ceil(slice.startTicks / GRID.timescaleHz))).toEqual([
      0, 8, 24, 56, 116, 176,
    ])
    expect(pieces.at(-1)?.slice.endTicks).toBeNull()
  })

  it('are not cut behind the end', () => {
    const facts = (durationSeconds: number) => sourceFacts({ video: videoFacts({ durationSeconds }) })
    const starts = [7, 8, 9, 23, 25].map((durationSeconds) =>
      planPieces(input({ facts: facts(durationSeconds), isEarly: true, pieceSeconds: 60 })).map(({ slice }) =>
        Math.ceil(slice.startTicks / GRID.timescaleHz),
      ),
    )
    expect(starts).toEqual([[0], [0], [0, 8], [0, 8], [0, 8, 24]])
  })
})

describe('mayBeCut', () => {
  it.each([
    [{ video: null }, null, false],
    [{ durationSeconds: null, video: videoFacts({ durationSeconds: null }) }, null, false],
    [{ video: videoFacts({ durationSeconds: 9 }) }, null, false],
    [{ video: videoFacts({ durationSeconds: 11 }) }, null, true],
    [{ video: videoFacts({ durationSeconds: 11 }) }, 6, false],
    [{ video: videoFacts({ durationSeconds: 5 }) }, 2, true],
  ])('of %j with pieces of %j s is %j', (more, pieceSeconds, expected) => {
    expect(mayBeCut(sourceFacts(more), { pieceSeconds, isEarly: false })).toBe(expected)
  })

  it('is so also of less than two long pieces where the first is to be there early', () => {
    const facts = sourceFacts({ video: videoFacts({ durationSeconds: 100 }) })
    expect([false, true].map((isEarly) => mayBeCut(facts, { pieceSeconds: 60, isEarly }))).toEqual([false, true])
  })
})

describe('pictureTimes', () => {
  const index: IndexedPictures = {
    ...{ kind: 'indexed', timescaleHz: 12_800, keyframePts: [1_024, 26_624], complete: true, firstPts: 1_024 },
    ...{ frames: 100, constantFrameTicks: 512, blindTicks: 1_280, lastCutPts: 26_624 },
  }

  it('counts in seconds from where the container begins', () => {
    expect(pictureTimes(index, videoFacts({ firstPicture: { num: 1, den: 2 } }))).toEqual({
      ...{
        keyframes: { seconds: [0.5, 2.5], isComplete: true },
        blindSeconds: 0.1,
        lastSeekSeconds: 2.5,
        pictures: 100,
        isCopied: false,
      },
    })
  })

  it('counts no pictures where they come at another rate than the plan counts in', () => {
    expect(pictureTimes(index, videoFacts({ fps: { num: 30, den: 1 } }))?.pictures).toBeNull()
    expect(pictureTimes({ ...index, constantFrameTicks: null }, videoFacts())?.pictures).toBeNull()
  })

  it('has none without an index, or without the time of the first picture', () => {
    expect(pictureTimes({ kind: 'none', reason: 'x' }, videoFacts())).toBeNull()
    expect(pictureTimes(index, videoFacts({ firstPicture: null }))).toBeNull()
  })
})

describe('copiedTimes', () => {
  const none = { kind: 'none', reason: 'it has no index' } as const
  const stream = sourceFacts({ container: 'mpegts', video: videoFacts({ firstPicture: { num: 1, den: 50 } }) })

  it.each([
    ['MPEG-TS', none, stream],
    [
      'MPEG-PS',
      none,
      sourceFacts({ ...stream, container: 'mpegps', video: videoFacts({ ...stream.video, codec: 'mpeg2video' }) }),
    ],
    ['fragmented MP4', { ...none, isFragmented: true }, sourceFacts({ ...stream, container: 'mp4' })],
  ])('of %s are those of a copy', (_, index, facts) => {
    expect(copiedTimes(index, facts)).toMatchObject({ isCopied: true, pictures: null })
  })

  it.each([
    ['an MP4 that is not fragmented', none, sourceFacts({ ...stream, container: 'mp4' })],
    ['a container of decode times alone', none, sourceFacts({ ...stream, container: 'avi' })],
    [
      'a codec that MP4 has no place for',
      none,
      sourceFacts({ ...stream, video: videoFacts({ ...stream.video, codec: 'vc1' }) }),
    ],
    [
      'a first picture at no known time',
      none,
      sourceFacts({ ...stream, video: videoFacts({ ...stream.video, firstPicture: null }) }),
    ],
    [
      'pictures that are decoded early',
      none,
      sourceFacts({ ...stream, video: videoFacts({ ...stream.video, leadSeconds: 0.01 }) }),
    ],
    ['no picture', none, sourceFacts({ ...stream, video: null })],
  ])('are none for %s', (_, index, facts) => {
    expect(copiedTimes(index, facts)).toBeNull()
  })
})
