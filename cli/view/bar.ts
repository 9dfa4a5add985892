import type { Cell, Style } from './style'
import { cell } from './style'

/** Lines, not full blocks: the bars of rungs lie below each other, and blocks would grow into one wall. */
const LINES = { full: '━', half: '╸', rest: '─' }
const ASCII = { full: '=', half: '>', rest: '-' }

export interface BarLook {
  unicode: boolean
  /** Style of the part that is done. */
  style: Style
}

/** A bar of `columns`, filled to `fraction` in steps of half a column. */
export function bar(fraction: number, columns: number, look: BarLook): Cell[] {
  const signs = look.unicode ? LINES : ASCII
  const halves = Math.floor(Math.max(0, Math.min(1, fraction)) * columns * 2)
  const full = Math.floor(halves / 2)
  // In ASCII the head is an arrow, there from the first step on; a half column can only be drawn with lines.
  const head = (look.unicode ? halves % 2 === 1 : halves > 0 && full < columns) ? signs.half : ''
  return [
    cell(signs.full.repeat(full) + head, look.style),
    cell(signs.rest.repeat(columns - full - head.length), 'dim'),
  ]
}

const RUNNER_COLUMNS = 6
const RUNNER_STEP_MS = 200

/** A bar for work of unknown length: a piece that runs from left to right, once a step of time. */
export function openBar(nowMs: number, columns: number, look: BarLook): Cell[] {
  const signs = look.unicode ? LINES : ASCII
  const runner = Math.min(RUNNER_COLUMNS, columns)
  const places = columns - runner + 1
  const before = Math.floor(nowMs / RUNNER_STEP_MS) % places
  return [
    cell(signs.rest.repeat(before), 'dim'),
    cell(signs.full.repeat(runner), look.style),
    cell(signs.rest.repeat(columns - before - runner), 'dim'),
  ]
}
