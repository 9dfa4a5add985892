import fc from 'fast-check'
import {
  learn,
  learnedJson,
  MAX_LOG_RATIO,
  NOTHING_LEARNED,
  parseLearned,
  weightNow,
  type LearnedRecord,
  type Observation,
} from '../../scheduler/cost/learned'
import { observationsOf, type MeasuredPiece } from '../../scheduler/cost/measured-pieces'
import { knownSpeeds, stretchOf } from '../../scheduler/cost/known-speeds'

const START_MS = Date.parse('2026-01-01T00:00:00.000Z')
const day = (days: number): Date => new Date(START_MS + days * 86_400_000)
const CLASS = 'h264.veryfast.8bit.1080.from-h264'
const OTHER = 'av1.fast.10bit.2160.from-hevc'

function piece(ratio: number, more: Partial<MeasuredPiece> = {}): MeasuredPiece {
  return { pieceClass: CLASS, expectedSlotSeconds: 60, cpuSeconds: 60 * ratio, ...more }
}

/** Each list is the pieces of a run; ten runs a day. */
function learnt(runs: readonly (readonly MeasuredPiece[])[], from: LearnedRecord = NOTHING_LEARNED): LearnedRecord {
  return runs.reduce(
    (record, pieces, index) => learn(record, `run-${index}`, observationsOf(pieces), day(index / 10)),
    from,
  )
}

/** What a plan would multiply by. */
function factorOf(record: LearnedRecord, at = day(20), pieceClass = CLASS): number {
  return stretchOf(knownSpeeds({ machines: [], learned: record }, at), pieceClass).factor
}

const ratios = (record: LearnedRecord): Record<string, number> =>
  Object.fromEntries([...record.classes].map(([name, { logRatio }]) => [name, Math.exp(logRatio)]))

describe('what is learned', () => {
  // Pictures of one kind differ by half: evenly spread around the true speed.
  const spread = Array.from({ length: 120 }, (_, index) => 1.3 ** ((2 * index - 119) / 119))

  it('is within 5 % of the true speed after enough pieces, whatever their order', () => {
    const orders = fc.shuffledSubarray(spread, { minLength: spread.length })
    fc.assert(
      fc.property(fc.double({ min: 0.25, max: 4, noNaN: true }), orders, (truth, order) => {
        const factor = factorOf(learnt(order.map((noise) => [piece(truth * noise)])), day(12))
        expect(Math.abs(factor / truth - 1)).toBeLessThan(0.05)
      }),
    )
  })

  it.each([
    ['rising', spread],
    ['falling', spread.toReversed()],
  ])('is so also when pieces come in %s order', (_, order) => {
    expect(factorOf(learnt(order.map((noise) => [piece(2 * noise)])), day(12)) / 2).toBeCloseTo(1, 1)
  })

  it('is within 5 % where one piece in twenty was measured wrong by any factor, wherever it stands', () => {
    const wrong = fc.record({
      at: fc.nat(19),
      by: fc.oneof(fc.double({ min: 1e-6, max: 0.5, noNaN: true }), fc.double({ min: 2, max: 1e6, noNaN: true })),
    })
    fc.assert(
      fc.property(
        fc.double({ min: 0.25, max: 4, noNaN: true }),
        fc.array(wrong, { minLength: 20, maxLength: 20 }),
        (truth, faults) => {
          const runs = faults.flatMap(({ at, by }) =>
            Array.from({ length: 20 }, (_, index) => [piece(truth * (index === at ? by : 1))]),
          )
          expect(Math.abs(factorOf(learnt(runs), day(40)) / truth - 1)).toBeLessThan(0.05)
        },
      ),
    )
  })

  it('follows machines that became twice as slow', () => {
    const before = learnt(Array.from({ length: 300 }, () => [piece(1)]))
    const after = Array.from({ length: 300 }, (_, index) => index)
    const record = after.reduce((sum, index) => learn(sum, `new-${index}`, observationsOf([piece(2)]), day(31)), before)
    expect(factorOf(before, day(30))).toBeCloseTo(1, 2)
    expect(factorOf(record, day(31)) / 2).toBeGreaterThan(0.93)
  })

  it('never leaves eight times and an eighth, whatever is measured', () => {
    const cpuSeconds = fc.oneof(fc.double({ min: 0, max: Number.MAX_VALUE }), fc.constantFrom(-1, Infinity, NaN))
    const pieces = fc.record({ expectedSlotSeconds: cpuSeconds, cpuSeconds })
    fc.assert(
      fc.property(fc.array(fc.array(pieces)), (runs) => {
        const record = learnt(runs.map((run) => run.map((one) => ({ pieceClass: CLASS, ...one }))))
        expect(parseLearned(JSON.stringify(learnedJson(record)))).toEqual(record)
        const factor = factorOf(record)
        expect(factor).toBeGreaterThanOrEqual(1 / 8)
        expect(factor).toBeLessThanOrEqual(8)
      }),
    )
  })

  it('stays a record at the very bound, where sums of fractions pass it', () => {
    const seen = (weight: number): Observation[] => [{ pieceClass: CLASS, logRatio: MAX_LOG_RATIO, weight, pieces: 1 }]
    const record = learn(learn(NOTHING_LEARNED, 'a.1', seen(66.8), day(0)), 'b.1', seen(3.1), day(0))
    expect(parseLearned(JSON.stringify(learnedJson(record)))).toEqual(record)
  })

  it('counts a run once, also when it is told again after others', () => {
    const once = learn(NOTHING_LEARNED, 'a.1', observationsOf([piece(3)]), day(0))
    expect(learn(once, 'a.1', observationsOf([piece(3)]), day(0))).toBe(once)
    const later = learn(once, 'b.1', observationsOf([piece(2)]), day(1))
    expect(learn(later, 'a.1', observationsOf([piece(3)]), day(2))).toBe(later)
  })

  it('is apart for each class', () => {
    const mixed = Array.from({ length: 40 }, () => [piece(0.5), piece(4, { pieceClass: OTHER })])
    const alone = learnt(mixed.map(([one]) => (one === undefined ? [] : [one])))
    expect(ratios(learnt(mixed))).toEqual({ [CLASS]: ratios(alone)[CLASS], [OTHER]: expect.closeTo(4, 6) as number })
  })

  it('is forgotten by half in a month, and in the end altogether', () => {
    const record = learnt([[piece(4), piece(4), piece(4), piece(4)]])
    const [one] = record.classes.values()
    if (one === undefined) throw new Error('nothing was learned')
    expect(weightNow(one, day(0))).toBeCloseTo(4, 9)
    expect(weightNow(one, day(30))).toBeCloseTo(2, 9)
    expect(factorOf(record, day(0))).toBeCloseTo(4 ** (4 / 5), 9)
    expect(factorOf(record, day(365))).toBeCloseTo(1, 2)
    const other = observationsOf([piece(1, { pieceClass: OTHER })])
    expect([...learn(record, 'much-later', other, day(365)).classes.keys()]).toEqual([OTHER])
  })

  it('does not count what is dated ahead of all clocks, and a little ahead as of now', () => {
    const [ahead] = learnt([[piece(4)]]).classes.values()
    if (ahead === undefined) throw new Error('nothing was learned')
    expect(weightNow(ahead, day(-2))).toBe(0)
    expect(weightNow(ahead, day(-0.5))).toBe(1)
  })

  it('stays small, however many classes and runs there are', () => {
    const seen = (index: number): Observation[] => [
      { pieceClass: `class-${index}`, logRatio: 0, weight: 1 + index / 1_000, pieces: 1 },
    ]
    let record = NOTHING_LEARNED
    for (let index = 0; index < 300; index += 1) record = learn(record, `r${index}`, seen(index), day(0))
    expect(record.classes.size).toBe(64)
    expect([...record.classes.keys()]).toContain('class-299')
    expect(record.runs).toHaveLength(64)
    expect(record.runs.at(-1)).toBe('r299')
    expect(JSON.stringify(learnedJson(record)).length).toBeLessThan(16_384)
  })
})

describe('what one run says', () => {
  it('is said by the piece in the middle', () => {
    const [seen] = observationsOf([piece(1.1), piece(90), piece(1)])
    expect(Math.exp(seen?.logRatio ?? 0)).toBeCloseTo(1.1, 9)
    const [even] = observationsOf([piece(2), piece(0.01), piece(8), piece(100)])
    expect(Math.exp(even?.logRatio ?? 0)).toBeCloseTo(4, 9)
  })

  it('weighs by pieces and by how long they took, and no master more than eight', () => {
    const short = { expectedSlotSeconds: 2, cpuSeconds: 2 }
    expect(observationsOf([piece(1, short), piece(1)])).toMatchObject([{ weight: 1.2, pieces: 2 }])
    expect(observationsOf(Array.from({ length: 100 }, () => piece(1)))).toMatchObject([{ weight: 8, pieces: 100 }])
  })

  it('is nothing where processes hardly began or nothing was measured', () => {
    const pieces = [
      piece(1, { expectedSlotSeconds: 0.4 }),
      piece(1, { cpuSeconds: 0 }),
      piece(1, { expectedSlotSeconds: NaN }),
      piece(1, { cpuSeconds: NaN }),
    ]
    expect(observationsOf(pieces)).toEqual([])
  })
})

describe('a stored record', () => {
  const good = learnedJson(learnt([[piece(2)], [piece(3, { pieceClass: OTHER })]]))

  it('is read as it was written', () => {
    expect(parseLearned(JSON.stringify(good))).toEqual(learnt([[piece(2)], [piece(3, { pieceClass: OTHER })]]))
  })

  const one = { logRatio: 0.1, weight: 1, pieces: 1, at: '2026-01-01T00:00:00.000Z' }
  const record = (changed: object, name = CLASS): string =>
    JSON.stringify({ v: 1, classes: { [name]: { ...one, ...changed } }, runs: [] })

  it.each([
    ['no text', ''],
    ['no JSON', '{"v":1,'],
    ['another thing', '[]'],
    ['null', 'null'],
    ['another version', JSON.stringify({ v: 2, classes: {}, runs: [] })],
    ['no runs', JSON.stringify({ v: 1, classes: {} })],
    ['a ratio without bounds', record({ logRatio: 50 })],
    ['a ratio that is no number', record({ logRatio: null })],
    ['a number that JSON reads as infinite', record({}).replace('0.1', '1e999')],
    ['a negative weight', record({ weight: -5 })],
    ['a weight that nothing moves', record({ weight: 1e12 })],
    ['pieces in parts', record({ pieces: 1.5 })],
    ['no date', record({ at: 'yesterday' })],
    ['a name that is none', record({}, 'Class One')],
    ['a long name', record({}, 'a'.repeat(81))],
    ['a thousand runs', JSON.stringify({ v: 1, classes: {}, runs: Array.from({ length: 1_000 }, () => 'x') })],
  ])('that is %s is none', (_, text) => {
    expect(parseLearned(text)).toBeNull()
  })

  it('cannot reach what objects have by themselves', () => {
    const text = `{"v":1,"classes":{"__proto__":${JSON.stringify(one)}},"runs":[]}`
    expect(parseLearned(text)?.classes.size ?? 0).toBe(0)
    const speeds = knownSpeeds({ machines: [], learned: NOTHING_LEARNED }, day(0))
    expect(stretchOf(speeds, 'constructor')).toEqual({ factor: 1, from: 'default', pieces: 0 })
  })

  it('of any form gives a plan that is within bounds', () => {
    const field = fc.constantFrom('logRatio', 'weight', 'pieces', 'at')
    const value = fc.oneof(fc.jsonValue(), fc.double().map(String), fc.double())
    fc.assert(
      fc.property(field, value, (name, changed) => {
        const learned = parseLearned(record({ [name]: changed })) ?? NOTHING_LEARNED
        const factor = factorOf(learned)
        expect(factor).toBeGreaterThanOrEqual(1 / 8)
        expect(factor).toBeLessThanOrEqual(8)
      }),
    )
  })
})
