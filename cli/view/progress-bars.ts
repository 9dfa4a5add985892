/** The moving part of the screen: a bar for each asset and each of its renditions, within the size allowed. */
import {
  assetFraction,
  assetOutSeconds,
  assetSecondsLeft,
  assetSpeed,
  renditionFraction,
  renditionSecondsLeft,
} from './asset-progress'
import { assetLabels } from './asset-labels'
import { bar, openBar } from './bar'
import { chooseRows, type BarRow, type Chosen } from './bar-rows'
import { clockText, percentText, speedText } from './figures'
import type { AssetView, RunView } from './run-view'
import { cell, paint, type Cell, type Style } from './style'
import { padColumns, printable, takeStart, textWidth, truncateMiddle } from './text-width'

export interface BarOptions {
  columns: number
  rows: number
  /** False for NO_COLOR: no escape sequence is made at all. */
  colour: boolean
  /** False where the terminal's encoding is not UTF-8: the result is ASCII. */
  unicode: boolean
  nowMs: number
}

/** What one line says; an empty text keeps its column free. */
interface LineFacts {
  label: string
  labelStyle: Style
  /** Null: a state in words takes the place of bar and figures. */
  bar: { fraction: number | null; style: Style } | null
  words: string
  wordsStyle: Style
  percent: string
  speed: string
  left: string
}

interface Widths {
  label: number
  bar: number
  withSpeed: boolean
  withLeft: boolean
}

const PERCENT_COLUMNS = 4
const SPEED_COLUMNS = 6
const LEFT_COLUMNS = 12
const WIDEST_BAR = 40
const NARROWEST_BAR = 8
/** Encoding that is not heard of for this long says so in place of a forecast that no longer holds. */
const SILENT_MS = 20_000

/**
 * The lines of one frame. Each takes at most `columns`; there are at most `rows - 1` of them, since the cursor stands
 * on the line below. What does not fit is counted: running assets stay, then failed, waiting and published ones.
 */
export function renderBars(view: RunView, options: BarOptions): string[] {
  if (view.assets.length === 0) return []
  const chosen = chooseRows(view.assets, Math.max(1, options.rows - 1))
  const labels = assetLabels(view.assets, options.unicode)
  const facts = chosen.rows.map((row) => rowFacts(row, labels, options))
  const widths = chooseWidths(facts, options.columns)
  const lines = facts.map((line) => drawLine(line, widths, options))
  return [...lines, ...countLines(view, chosen, options)]
}

function rowFacts(row: BarRow, labels: ReadonlyMap<string, string>, options: BarOptions): LineFacts {
  const { asset, rendition } = row
  if (rendition === null) return assetFacts(asset, labels.get(asset.assetId) ?? '', options)
  const fraction = renditionFraction(rendition)
  const forecast = !isSilent(asset, options.nowMs)
  const left = forecast ? renditionSecondsLeft(rendition) : null
  return {
    ...EMPTY,
    label: `  ${printable(rendition.label, options.unicode)}`,
    bar: { fraction, style: rendition.done ? 'green' : 'cyan' },
    percent: fraction === null ? '' : percentText(fraction),
    speed: forecast ? speedText(rendition.speed ?? 0) : '',
    left: rendition.done ? 'done' : leftText(fraction, left, rendition.outSeconds),
  }
}

const EMPTY: LineFacts = {
  label: '',
  labelStyle: 'plain',
  bar: null,
  words: '',
  wordsStyle: 'plain',
  percent: '',
  speed: '',
  left: '',
}

function assetFacts(asset: AssetView, label: string, options: BarOptions): LineFacts {
  switch (asset.stage) {
    case 'accepted':
      return { ...EMPTY, label, words: 'waiting', wordsStyle: 'dim' }
    case 'planned':
      return { ...EMPTY, label, words: 'queued', wordsStyle: 'dim' }
    case 'failed':
      return { ...EMPTY, label, words: `failed: ${asset.failure?.code ?? ''}`, wordsStyle: 'red' }
    case 'encoding':
      return encodingFacts(asset, label, options.nowMs)
    case 'finishing':
    case 'published': {
      const left = asset.stage === 'published' ? 'published' : 'finishing'
      return { ...EMPTY, label, bar: { fraction: 1, style: 'green' }, percent: '100%', left }
    }
  }
}

function encodingFacts(asset: AssetView, label: string, nowMs: number): LineFacts {
  const fraction = assetFraction(asset)
  const silent = isSilent(asset, nowMs)
  return {
    ...EMPTY,
    label,
    labelStyle: 'bold',
    bar: { fraction, style: silent ? 'yellow' : 'cyan' },
    percent: fraction === null ? '' : percentText(fraction),
    speed: silent ? '' : speedText(assetSpeed(asset) ?? 0),
    left: silent
      ? `silent ${clockText((nowMs - asset.movedAtMs) / 1000)}`
      : leftText(fraction, assetSecondsLeft(asset), assetOutSeconds(asset)),
  }
}

function isSilent(asset: AssetView, nowMs: number): boolean {
  return nowMs - asset.movedAtMs >= SILENT_MS
}

/** Without a length there is nothing left to tell, so the seconds done stand in its place. */
function leftText(fraction: number | null, secondsLeft: number | null, outSeconds: number): string {
  if (fraction === null) return outSeconds > 0 ? `${clockText(outSeconds)} done` : ''
  return secondsLeft === null ? '' : `${clockText(secondsLeft)} left`
}

/** First the speed gives way, then the time left, then the bar; the name keeps a third of the line. */
function chooseWidths(facts: readonly LineFacts[], columns: number): Widths {
  const longest = Math.max(...facts.map((line) => textWidth(line.label)))
  const label = Math.max(1, Math.min(longest, Math.max(16, Math.floor(columns * 0.36)), columns - PERCENT_COLUMNS - 1))
  const fixed = label + 2 + PERCENT_COLUMNS
  const room = (extra: number): number => columns - fixed - extra - 2
  const tries: readonly [boolean, boolean][] = [
    [true, true],
    [false, true],
    [false, false],
  ]
  for (const [withSpeed, withLeft] of tries) {
    const extra = (withSpeed ? SPEED_COLUMNS + 2 : 0) + (withLeft ? LEFT_COLUMNS + 2 : 0)
    if (room(extra) >= NARROWEST_BAR) return { label, bar: Math.min(WIDEST_BAR, room(extra)), withSpeed, withLeft }
  }
  return { label, bar: 0, withSpeed: false, withLeft: false }
}

function drawLine(line: LineFacts, widths: Widths, options: BarOptions): string {
  const label = cell(
    padColumns(truncateMiddle(line.label, widths.label, options.unicode), widths.label),
    line.labelStyle,
  )
  if (!line.bar) return joinCells([label, cell(`  ${line.words}`, line.wordsStyle)], options)

  const { fraction, style } = line.bar
  const look = { unicode: options.unicode, style }
  const drawn = fraction === null ? openBar(options.nowMs, widths.bar, look) : bar(fraction, widths.bar, look)
  // Where the seconds done have no column of their own they take that of the percent.
  const percent = fraction === null && !widths.withLeft ? line.left.replace(' done', '') : line.percent
  const cells = [label]
  if (widths.bar > 0) cells.push(cell('  '), ...drawn)
  cells.push(cell(`${widths.bar > 0 ? '  ' : ' '}${percent.padStart(PERCENT_COLUMNS)}`))
  if (widths.withSpeed) cells.push(cell(`  ${line.speed.padStart(SPEED_COLUMNS)}`, 'dim'))
  if (widths.withLeft) cells.push(cell(`  ${line.left}`, 'dim'))
  return joinCells(cells, options)
}

function countLines(view: RunView, chosen: Chosen, options: BarOptions): string[] {
  const lines: string[] = []
  const dots = options.unicode ? '…' : '...'
  if (chosen.hidden !== '') lines.push(joinCells([cell(`${dots} and ${chosen.hidden}`, 'dim')], options))
  if (chosen.withTotals) {
    const published = view.assets.filter((asset) => asset.stage === 'published').length
    const failed = view.assets.filter((asset) => asset.stage === 'failed').length
    const elapsed = clockText((options.nowMs - view.startedAtMs) / 1000)
    const totals = [cell(`${published} of ${view.assets.length} published`)]
    if (failed > 0) totals.push(cell(', '), cell(`${failed} failed`, 'red'))
    lines.push(joinCells([...totals, cell(`, ${elapsed} elapsed`, 'dim')], options))
  }
  return lines
}

/** One line of the frame: cut to the width, without blanks at its end. */
function joinCells(cells: readonly Cell[], options: BarOptions): string {
  let room = options.columns
  const taken: Cell[] = []
  for (const { text, style } of cells) {
    const part = takeStart(text, room)
    room -= textWidth(part)
    taken.push(cell(part, style))
    if (part !== text) break
  }
  let last = taken.pop()
  while (last && last.text.trimEnd() === '') last = taken.pop()
  if (last) taken.push(cell(last.text.trimEnd(), last.style))
  return taken.map(({ text, style }) => paint(text, style, options.colour)).join('')
}
