import type { PictureIndex } from '../../core/contract/picture-index'
import type { Container } from '../../core/contract/source'
import { readPictureIndex } from '../../media/picture-index/read'
import { element, matroskaFile, mp4File, type MatroskaShape, type TrackShape } from '../support/index-builder'
import { box, editList, fullBox, joined, text, u32, zeros } from '../support/mp4-builder'
import { seededRandom, type SeededRandom } from '../support/seeded-random'

/** No walk of this product asks more often. */
const WANTS_MAX = 5_000

/** Walks a file in memory. */
function indexOf(container: Container, file: Uint8Array, streamIndex = 0, bytes = file.length): PictureIndex {
  const walk = readPictureIndex(container, bytes, streamIndex)
  let step = walk.next()
  for (let wants = 0; step.done !== true; wants += 1) {
    if (wants > WANTS_MAX) throw new Error('the walk goes on and on')
    step = walk.next(file.subarray(step.value.at, step.value.at + step.value.length))
  }
  return step.value
}

const mp4 = (shape: Partial<TrackShape> = {}): PictureIndex => indexOf('mp4', mp4File(shape))
const matroska = (shape: Partial<MatroskaShape> = {}): PictureIndex => indexOf('matroska', matroskaFile(shape))
const reason = (index: PictureIndex): string => (index.kind === 'none' ? index.reason : 'indexed')

describe('the picture index of an MP4', () => {
  it('lists keyframes, counts pictures and sees the grid', () => {
    expect(mp4()).toEqual({
      kind: 'indexed',
      timescaleHz: 100,
      keyframePts: [0, 40, 80],
      complete: true,
      firstPts: 0,
      frames: 30,
      constantFrameTicks: 4,
      blindTicks: 0,
      lastCutPts: 48,
    })
  })

  it('takes each picture for a keyframe without a table of them', () => {
    expect(mp4({ keyframes: null, samples: 3 })).toMatchObject({ keyframePts: [0, 4, 8] })
  })

  it('sees that durations differ', () => {
    const durations: [number, number][] = [
      [10, 4],
      [20, 5],
    ]
    expect(mp4({ durations })).toMatchObject({ keyframePts: [0, 40, 90], constantFrameTicks: null })
  })

  it('applies offsets and the edit list, from the first picture that is shown', () => {
    const edits = editList(0, [500, 0xffffffff], [1_000, 8])
    expect(mp4({ compositions: [[30, 8]], edits })).toMatchObject({ firstPts: 50, frames: 25, blindTicks: 0 })
    expect(mp4({ edits: editList(1, [1_000, 50]) })).toMatchObject({ keyframePts: [28], firstPts: 0, frames: 17 })
  })

  it('says how far before a keyframe a seek goes wrong', () => {
    expect(mp4({ compositions: [[30, 8]] })).toMatchObject({ keyframePts: [8, 48, 88], blindTicks: 8 })
  })

  it('leaves out a keyframe from which a seek lands on the next', () => {
    const index = mp4({ keyframes: [1, 11, 12, 21], compositions: [[30, 4]] })
    expect(index).toMatchObject({ keyframePts: [4, 48, 84], complete: false })
  })

  it('thins out keyframes where each of very many pictures is one', () => {
    const index = mp4({ keyframes: null, samples: 200_000 })
    if (index.kind === 'none') throw new Error(index.reason)
    expect(index).toMatchObject({ complete: false, frames: 200_000, constantFrameTicks: 4 })
    expect(index.keyframePts.slice(0, 3)).toEqual([0, 100, 200])
  })

  it('knows the random access points of QuickTime and of sample groups', () => {
    const partial = fullBox('stps', 0, 0, u32(1, 16))
    expect(mp4({ moreTables: [partial] })).toMatchObject({ keyframePts: [0, 40, 60, 80] })
    const group = fullBox('sbgp', 0, 0, text('rap '), u32(3, 5, 0, 1, 1, 24, 0))
    expect(mp4({ moreTables: [group] })).toMatchObject({ keyframePts: [0, 20, 40, 80] })
  })

  it('minds no sample groups that have no members', () => {
    const empty = fullBox('sbgp', 0, 0, text('roll'), u32(1, 30, 0))
    expect(mp4({ moreTables: [empty] })).toEqual(mp4())
  })

  it.each<[string, Partial<TrackShape>, RegExp]>([
    ['a compressed index', { moreMoov: [box('cmov', zeros(8))] }, /compressed/],
    ['fragments', { moreMoov: [box('mvex', zeros(8))] }, /fragmented/],
    ['sound', { handler: 'soun' }, /no pictures/],
    ['several formats', { descriptions: 2 }, /2 sample descriptions/],
    ['intra refresh', { moreTables: [fullBox('sbgp', 0, 0, text('roll'), u32(1, 30, 1))] }, /some time after/],
    ['several edits', { edits: editList(0, [100, 0], [100, 50]) }, /2 parts/],
    ['a frozen picture', { edits: box('edts', fullBox('elst', 0, 0, u32(1, 100, 0, 0))) }, /speed/],
    ['an edit list of pauses', { edits: editList(0, [100, 0xffffffff]) }, /shows nothing/],
    ['nothing shown', { edits: editList(0, [100, 5_000]) }, /none of its pictures/],
    ['no scale', { timescaleHz: 0 }, /0 ticks/],
    ['too short tables', { durations: [[29, 4]] }, /end before/],
    ['a keyframe table without rows', { keyframes: [] }, /empty/],
    ['a first picture that is no keyframe', { keyframes: [2] }, /begin with a keyframe/],
    [
      'pictures shown after the next keyframe',
      {
        compositions: [
          [9, 4],
          [1, 40],
          [20, 4],
        ],
      },
      /shown after it/,
    ],
    ['negative durations', { durations: [[30, 0xfffffff0]] }, /backwards/],
    ['offsets beyond belief', { compositions: [[30, 0x7fffffff]] }, /2147483647 ticks after/],
    ['four thousand million pictures', { samples: 0xffffffff, durations: [[0xffffffff, 1]] }, /4294967295 pictures/],
  ])('refuses %s', (_, shape, expected) => {
    expect(reason(mp4(shape))).toMatch(expected)
  })

  it('refuses a table that claims more rows than it has bytes', () => {
    const file = Buffer.from(mp4File())
    file.writeUInt32BE(0x7fffffff, file.indexOf('stss') + 8)
    expect(reason(indexOf('mp4', file))).toMatch(/claims 2147483647 rows/)
  })

  it('refuses endless boxes', () => {
    const many = Array.from({ length: 3_000 }, () => box('free'))
    expect(reason(mp4({ moreMoov: many }))).toMatch(/more than 2048 boxes/)
  })
})

describe('the picture index of a Matroska file', () => {
  it('has the times of the Cues in ticks of the segment', () => {
    expect(matroska()).toEqual({
      kind: 'indexed',
      timescaleHz: 1_000,
      keyframePts: [0, 1_000, 2_000],
      complete: false,
      firstPts: 0,
      frames: null,
      constantFrameTicks: null,
      blindTicks: 0,
      lastCutPts: 1_000,
    })
    expect(matroska({ scaleNs: 100_000 })).toMatchObject({ timescaleHz: 10_000 })
    expect(matroska({ cueTimes: [90, 500], clusterTime: 100, blocks: [-10, 30] })).toMatchObject({ firstPts: 90 })
  })

  it.each<[string, Partial<MatroskaShape>, RegExp]>([
    ['no Cues for the track', { cueTimes: [] }, /no keyframe/],
    ['Cues that run backwards', { cueTimes: [0, 900, 800] }, /backwards/],
    ['pictures before the first keyframe', { blocks: [40, 0] }, /before its first keyframe/],
    ['another first picture than the first Cue', { cueTimes: [1_000] }, /not the first keyframe/],
    ['sound where pictures are expected', { trackType: 2 }, /do not list/],
    ['odd units', { scaleNs: 22_675 }, /22675 ns/],
    ['no units', { scaleNs: 0 }, /0 ns/],
    ['a scale of the track', { moreInTrack: [element(0x23314f, u32(0x3f800000))] }, /scale of its own/],
    ['a first cluster without pictures', { blocks: [] }, /does not begin/],
  ])('refuses %s', (_, shape, expected) => {
    expect(reason(matroska(shape))).toMatch(expected)
  })

  it('refuses more elements than any film has', () => {
    const crumbs = new Uint8Array(600_000).map((_, at) => (at % 2 === 0 ? 0xec : 0x80))
    const file = joined(element(0x1a45dfa3), element(0x18538067, element(0x1549a966, crumbs)))
    expect(reason(indexOf('matroska', file))).toMatch(/more than 262144 elements/)
  })
})

describe('a hostile index', () => {
  const good = {
    mp4: mp4File({
      compositions: [[30, 8]],
      edits: editList(1, [1_000, 8]),
      moreTables: [fullBox('stps', 0, 0, u32(0))],
    }),
    matroska: matroskaFile(),
  }

  it.each(['mp4', 'matroska'] as const)(
    'ends in an index or a reason, whatever bytes of %s are changed',
    (container) => {
      const kinds = new Set<string>()
      for (let seed = 1; seed <= 3_000; seed += 1) {
        const file = mutated(good[container], seededRandom(seed))
        const index = indexOf(container, file)
        kinds.add(index.kind)
        if (index.kind === 'indexed') expectOrder(index.keyframePts)
      }
      expect([...kinds].sort()).toEqual(['indexed', 'none'])
    },
  )

  it.each(['mp4', 'matroska'] as const)('ends wherever %s is cut, also when the length lies', (container) => {
    const file = good[container]
    for (let length = 0; length < file.length; length += 1) {
      expect(['indexed', 'none']).toContain(indexOf(container, file.subarray(0, length)).kind)
      expect(['indexed', 'none']).toContain(indexOf(container, file.subarray(0, length), 0, 2 ** 45).kind)
    }
  })
})

function expectOrder(rising: readonly number[]): void {
  expect(rising.every((pts, place) => place === 0 || pts > (rising[place - 1] ?? Infinity))).toBe(true)
}

/** Up to four bytes, or a whole word of one of the numbers that hurt. */
function mutated(file: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = Uint8Array.from(file)
  for (let change = random.integer(1, 4); change > 0; change -= 1) {
    const at = random.integer(0, copy.length - 5)
    const word = random.pick([0, 1, 7, 0x7fffffff, 0x80000000, 0xffffffff])
    if (random.next() < 0.5) copy.set(u32(word), at)
    else copy[at] = random.integer(0, 255)
  }
  return copy
}
