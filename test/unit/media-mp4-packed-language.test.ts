import { packedLanguage, threeLetters } from '../../media/mp4/packed-language'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz']
/** Of these ICU makes Akan, and nothing; ISO 639-2 has them. */
const OWN_NAMES = ['tw', 'bh']
/** All two-letter codes that ICU knows as languages and does not rename. */
const TWO_LETTERS = LETTERS.flatMap((one) => LETTERS.map((other) => one + other)).filter(
  (code) =>
    new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' }).of(code) !== undefined &&
    Intl.getCanonicalLocales(code)[0] === code &&
    !OWN_NAMES.includes(code),
)

it('every two-letter code has the three letters of the same language', () => {
  expect(TWO_LETTERS.length).toBeGreaterThan(170)
  expect(TWO_LETTERS.map((code) => Intl.getCanonicalLocales(threeLetters(code))[0])).toEqual(TWO_LETTERS)
})

it.each([
  ['en-GB', 'eng'],
  // The terminological code, where there is a bibliographical one (ger, fre, chi) as well.
  ['de', 'deu'],
  ['fr-CA', 'fra'],
  ['zh-Hant', 'zho'],
  ['tw', 'twi'],
  ['bh', 'bih'],
  ['fil', 'fil'],
  ['xq', 'und'],
  ['', 'und'],
  [null, 'und'],
])('%s is %s', (tag, code) => expect(threeLetters(tag)).toBe(code))

it('is five bits a letter', () => {
  // `und`, as in any file that says no language.
  expect(packedLanguage(null)).toBe(0x55c4)
  expect(packedLanguage('en')).toBe((5 << 10) | (14 << 5) | 7)
})
