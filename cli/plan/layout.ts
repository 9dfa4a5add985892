/** Lines of text in columns and paragraphs. */
import { padColumns, printable, takeStart, textWidth } from '../view/text-width'

export interface Page {
  columns: number
  /** False where the terminal's encoding is not UTF-8. */
  unicode: boolean
}

const INDENT = '  '

/** A label and a paragraph beside it, broken to the page. */
export function entry(label: string, text: string, labelColumns: number, page: Page): string[] {
  const room = Math.max(20, page.columns - INDENT.length - labelColumns - 2)
  return wrapped(printable(text, page.unicode), room).map(
    (line, index) => `${INDENT}${padColumns(index === 0 ? label : '', labelColumns)}  ${line}`,
  )
}

/** Broken between words; a word that is longer than a line is broken too. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (textWidth(longer) <= columns) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (textWidth(line) > columns) {
      const start = takeStart(line, columns)
      lines.push(start)
      line = line.slice(start.length)
    }
  }
  return [...lines, line]
}

export type Align = 'left' | 'right'

/** Rows under each other; the last column is not padded when it is left. */
export function table(rows: readonly (readonly string[])[], aligns: readonly Align[]): string[] {
  const widths = aligns.map((_, column) => Math.max(0, ...rows.map((row) => textWidth(row[column] ?? ''))))
  return rows.map((row) => {
    const cells = aligns.map((align, column) => {
      const text = row[column] ?? ''
      const room = ' '.repeat(Math.max(0, (widths[column] ?? 0) - textWidth(text)))
      return align === 'left' ? text + room : room + text
    })
    return `${INDENT}${cells.join('  ')}`.trimEnd()
  })
}
