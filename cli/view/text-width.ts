/**
 * Text from outside (names of files, messages) made fit for a terminal, and how many columns it takes there.
 *
 * Terminals disagree on the width of joined emoji, flags and skin tones. So text is first reduced to what all draw
 * alike, and then measured: what is measured is what is drawn.
 */

/** More marks than this on one letter are decoration that spills over the lines above and below. */
const MARKS_PER_LETTER = 2

const PRINTABLE_ASCII = /^[ -~]*$/
const CONTROL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu
const INVISIBLE = /[\p{Cf}\u{FE00}-\u{FE0F}\u{1F3FB}-\u{1F3FF}\u{E0100}-\u{E01EF}]/gu
const REGIONAL_LETTER = /[\u{1F1E6}-\u{1F1FF}]/gu
const PILED_MARKS = new RegExp(`([\\p{Mn}\\p{Me}]{${MARKS_PER_LETTER}})[\\p{Mn}\\p{Me}]+`, 'gu')
const MARK = /^[\p{Mn}\p{Me}]$/u
const EMOJI = /^\p{Emoji_Presentation}$/u

/**
 * Blocks whose letters take two columns.
 * Source: Unicode Standard Annex 11, East Asian Width, values W and F.
 */
const WIDE_BLOCKS: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1f300, 0x1f5ff],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
]

/**
 * The text on one line, without anything a terminal would act on: each control character (an escape, a line break, half
 * a surrogate pair) is a `?`; marks that turn the direction of writing, join emoji or draw nothing are left out.
 *
 * @param unicode False where the terminal's encoding is not UTF-8: all but ASCII becomes `?`.
 */
export function printable(text: string, unicode = true): string {
  if (PRINTABLE_ASCII.test(text)) return text
  const safe = text
    .normalize('NFC')
    .replace(CONTROL, '?')
    .replace(INVISIBLE, '')
    .replace(REGIONAL_LETTER, (flag) => String.fromCharCode((flag.codePointAt(0) ?? 0) - 0x1f1e6 + 0x41))
    .replace(PILED_MARKS, '$1')
  return unicode ? safe : safe.replace(/[^ -~]\p{M}*/gu, '?')
}

/** Columns that printable text takes. Only right for what `printable` gave. */
export function textWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length
  let columns = 0
  for (const letter of text) columns += letterWidth(letter)
  return columns
}

/**
 * Printable text cut to `columns`, with an ellipsis in the middle, since the ends of a name tell most: how it begins,
 * its number and its kind. The end keeps one column more than the beginning where they cannot be equal.
 */
export function truncateMiddle(text: string, columns: number, unicode = true): string {
  if (textWidth(text) <= columns) return text
  const ellipsis = unicode ? '…' : '...'
  if (columns <= ellipsis.length) return ellipsis.slice(0, Math.max(0, columns))
  const room = columns - ellipsis.length
  return takeStart(text, Math.floor(room / 2)) + ellipsis + takeEnd(text, Math.ceil(room / 2))
}

/** The longest beginning that takes at most `columns`. */
export function takeStart(text: string, columns: number): string {
  let taken = ''
  let used = 0
  for (const letter of text) {
    used += letterWidth(letter)
    if (used > columns) break
    taken += letter
  }
  return taken
}

/** Printable text followed by the spaces that make it `columns` wide. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)))
}

function takeEnd(text: string, columns: number): string {
  const letters = Array.from(text)
  let used = 0
  let from = letters.length
  for (let index = letters.length - 1; index >= 0; index--) {
    const letter = letters[index] ?? ''
    used += letterWidth(letter)
    if (used > columns) break
    // A mark at the front would sit on the ellipsis: the cut goes before a whole letter only.
    if (!MARK.test(letter)) from = index
  }
  return letters.slice(from).join('')
}

function letterWidth(letter: string): number {
  const code = letter.codePointAt(0) ?? 0
  if (code < 0x300) return 1
  if (MARK.test(letter)) return 0
  if (EMOJI.test(letter)) return 2
  return WIDE_BLOCKS.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}
