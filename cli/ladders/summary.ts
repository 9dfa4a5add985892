/** A ladder in short: for lists and for the verdict on a file. */
import type { Ladder } from '../../ladders/schema'
import { padColumns, printable, textWidth } from '../view/text-width'

export interface LadderSummary {
  name: string
  description: string | null
  rungs: readonly { id: string; shortSidePx: number; codec: string }[]
  audio: readonly { id: string; channels: number; codec: string }[]
}

export function ladderSummary({ name, description, rungs, audio }: Ladder): LadderSummary {
  return {
    name,
    description: description ?? null,
    rungs: rungs.map(({ id, shortSidePx, codec }) => ({ id, shortSidePx, codec })),
    audio: audio.map(({ id, channels, codec }) => ({ id, channels, codec })),
  }
}

const GAP = '  '

/** Two or more lines a ladder: name, sizes and codecs in columns; below them what it is for. */
export function summaryLines(summaries: readonly LadderSummary[], columns: number): string[] {
  const rows = summaries.map((summary) => [summary.name, sizesText(summary), codecsOf(summary).join(', ')])
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => textWidth(row[column] ?? ''))))
  const indent = ' '.repeat((widths[0] ?? 0) + GAP.length)
  return summaries.flatMap((summary, index) => {
    const cells = (rows[index] ?? []).map((cell, column) => padColumns(cell, widths[column] ?? 0))
    const words = printable((summary.description ?? '').replaceAll('\n', ' ')).split(' ')
    return [cells.join(GAP), ...wrapped(words, columns - indent.length).map((line) => indent + line)]
  })
}

/** `5 rungs from 240p to 1080p; h264, aac`. */
export function summaryPhrase(summary: LadderSummary): string {
  const { rungs } = summary
  const sizes = sizesOf(summary)
  const range = sizes.length > 1 ? `from ${sizes[0]} to ${sizes.at(-1)}` : `of ${sizes[0]}`
  const pictures = rungs.length === 0 ? 'sound only' : `${rungs.length} rung${rungs.length > 1 ? 's' : ''} ${range}`
  return `${pictures}; ${codecsOf(summary).join(', ')}`
}

function sizesText(summary: LadderSummary): string {
  return summary.rungs.length === 0 ? 'sound only' : sizesOf(summary).join(' ')
}

/** Each size once, rising. */
function sizesOf({ rungs }: LadderSummary): string[] {
  const sides = new Set(rungs.map(({ shortSidePx }) => shortSidePx))
  return [...sides].sort((a, b) => a - b).map((side) => `${side}p`)
}

function codecsOf({ rungs, audio }: LadderSummary): string[] {
  return [...new Set([...rungs, ...audio].map(({ codec }) => codec))]
}

/** A word longer than a line has one of its own. */
function wrapped(words: readonly string[], columns: number): string[] {
  const lines: string[] = []
  for (const word of words.filter((one) => one !== '')) {
    const last = lines.at(-1)
    if (last === undefined || textWidth(last) + 1 + textWidth(word) > columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
