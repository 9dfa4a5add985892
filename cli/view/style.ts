/** Colours of the terminal's own palette, so that they fit its theme, light or dark. */
const STYLES = {
  plain: '',
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  cyan: '36',
} as const

export type Style = keyof typeof STYLES

/** A run of text in one style. */
export interface Cell {
  text: string
  style: Style
}

export function cell(text: string, style: Style = 'plain'): Cell {
  return { text, style }
}

export function paint(text: string, style: Style, colour: boolean): string {
  if (!colour || style === 'plain' || text === '') return text
  return `\u001b[${STYLES[style]}m${text}\u001b[0m`
}

/** Takes the styles out again, to measure. Only for text that `paint` made. */
export function unpainted(text: string): string {
  const [first = '', ...painted] = text.split('\u001b')
  return first + painted.map((part) => part.replace(/^\[\d*m/, '')).join('')
}
