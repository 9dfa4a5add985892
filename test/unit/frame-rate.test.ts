import { believableRate } from '../../core/adapters/frame-rate'
import type { Rational } from '../../core/contract/rational'

const rate = (text: string): Rational | null => {
  const [num = 0, den = 0] = text.split('/').map(Number)
  return num === 0 || den === 0 ? null : { num, den }
}

const believed = (average: string, real: string, durationSeconds: number | null): string => {
  const { num, den } = believableRate({ average: rate(average), real: rate(real), durationSeconds })
  return `${num}/${den}`
}

it.each([
  ['both agree', '25/1', '25/1', 60, '25/1'],
  ['NTSC', '30000/1001', '30000/1001', 3_600, '30000/1001'],
  ['lowest terms', '60/2', '30/1', 10, '30/1'],
  ['a short phone clip', '37200/1241', '30000/1001', 2.07, '30000/1001'],
  ['the same difference over an hour', '37200/1241', '30000/1001', 3_600, '37200/1241'],
  ['a timebase that is nearly 30', '23040000/767849', '23040000/767849', 17.06, '30/1'],
  ['microseconds of AVI', '1000000/66667', '1000000/66667', 29.6, '15/1'],
  ['microseconds of AVI over twelve hours', '1000000/66667', '1000000/66667', 43_200, '1000000/66667'],
  ['variable', '140000/5087', '30/1', 1.02, '140000/5087'],
  ['an absurd average', '1000/1', '60/1', 1.2, '60/1'],
  ['an average of nothing', '0/0', '24000/1001', 5, '24000/1001'],
  ['two fields for one picture', '25/1', '50/1', 5, '25/1'],
  ['nothing at all', '0/0', '0/0', 5, '30/1'],
  ['a timebase for a rate', '0/0', '90000/1', 5, '240/1'],
  ['slow motion', '480/1', '480/1', 5, '240/1'],
  ['240', '240/1', '240/1', 5, '240/1'],
  ['one picture in ten seconds', '1/10', '1/10', 100, '1/10'],
  ['between 23.976 and 24, nearer 24', '23995/1000', '24/1', 2, '24/1'],
  ['no length, both near', '37200/1241', '30000/1001', null, '30000/1001'],
  ['no length, one near', '37200/1241', '90000/1', null, '37200/1241'],
  ['no length, one only', '30003/1000', '0/0', null, '30003/1000'],
])('believes %s: %s and %s over %s s are %s', (_, average, real, durationSeconds, expected) => {
  expect(believed(average, real, durationSeconds)).toBe(expected)
})
