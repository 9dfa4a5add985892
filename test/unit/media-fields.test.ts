import { fieldVerdict, lookAtFields, type FieldFinding } from '../../media/fields'

const WIDTH = 64
const HEIGHT = 48

/** A slanted wave that moves to the right, at any time. */
function brightness(x: number, y: number, time: number): number {
  return 128 + 100 * Math.sin((x - 6 * time) / 5 + y / 9)
}

/** @param timeOfLine When each line was taken. */
function picture(timeOfLine: (line: number) => number): Uint8Array {
  return Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => {
    const line = Math.floor(at / WIDTH)
    return brightness(at % WIDTH, line, timeOfLine(line))
  })
}

const whole = (time: number): Uint8Array => picture(() => time)
const topFirst = (time: number): Uint8Array => picture((line) => time + (line % 2) / 2)
const bottomFirst = (time: number): Uint8Array => picture((line) => time + (1 - (line % 2)) / 2)
const look = (make: (time: number) => Uint8Array): FieldFinding | null =>
  lookAtFields([make(1), make(2), make(3)], WIDTH)

describe('one picture between its neighbours', () => {
  it('is told by its fields, and by their order', () => {
    expect(look(topFirst)).toBe('top-first')
    expect(look(bottomFirst)).toBe('bottom-first')
    expect(look(whole)).toBe('progressive')
  })

  it('does not tell when nothing moves, whatever its still lines are', () => {
    const lines = picture((line) => (line % 2) * 50)
    expect(lookAtFields([lines, lines, lines], WIDTH)).toBeNull()
  })

  it('does not tell when it has nothing in common with its neighbours', () => {
    const noise = (seed: number): Uint8Array =>
      Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => (Math.imul(at + 1, 2_654_435_761 + seed) >>> 8) & 255)
    expect(lookAtFields([noise(1), noise(20), noise(300)], WIDTH)).toBeNull()
  })
})

const times = (count: number, finding: FieldFinding | null): (FieldFinding | null)[] =>
  Array.from({ length: count }, () => finding)

it.each<[string, (FieldFinding | null)[], FieldFinding | null]>([
  ['all alike', times(24, 'top-first'), 'top-first'],
  ['mostly one order', [...times(20, 'bottom-first'), ...times(3, 'top-first')], 'bottom-first'],
  ['both orders', [...times(12, 'bottom-first'), ...times(12, 'top-first')], null],
  ['whole pictures', [...times(20, 'progressive'), ...times(2, 'top-first')], 'progressive'],
  ['repeated fields of film: two in five', [...times(9, 'top-first'), ...times(14, 'progressive')], null],
  ['too few that tell', [...times(7, 'progressive'), ...times(17, null)], null],
  ['nothing', [], null],
])('a verdict on %s', (_, findings, verdict) => {
  expect(fieldVerdict(findings)).toBe(verdict)
})
