/** Draws frames on a terminal, each in the place of the one before, with log lines above. */
import { unpainted } from './style'
import { textWidth } from './text-width'

/** The part of a TTY stream that is used. */
export interface TerminalStream {
  readonly columns?: number
  readonly rows?: number
  write(text: string): boolean
  on(event: 'resize' | 'drain' | 'error', listener: () => void): unknown
  off(event: 'resize' | 'drain' | 'error', listener: () => void): unknown
}

export interface TerminalOptions {
  stream: TerminalStream
  /** The frame for the present moment; its lines hold no control characters but colours. */
  render: (size: TerminalSize) => readonly string[]
  nowMs: () => number
}

export interface TerminalSize {
  columns: number
  rows: number
}

export interface Terminal {
  /** Something changed: a new frame is drawn soon, at most ten times a second. */
  changed(): void
  /** Writes a line above the frame, where it stays. */
  log(line: string): void
  /** Takes the frame away and lets go of the stream; log lines stay. Twice is the same as once. */
  stop(): void
}

const FRAME_MS = 100
/** Clocks in the frame go on when nothing else does. */
const TICK_MS = 1000
/** Some pseudo-terminals report no size, or 0. */
const USUAL_SIZE = { columns: 80, rows: 24 }

const ESC = '\u001b['
/** No cursor that jumps about, and no line that breaks when a width was counted otherwise than the terminal does. */
const BEGIN = `${ESC}?25l${ESC}?7l`
/** Written at the end of each frame, not of the run: a process that is killed leaves the terminal as it was. */
const END = `${ESC}?7h${ESC}?25h`
const CLEAR_BELOW = `${ESC}0J`
const CLEAR_REST = `${ESC}0K`

/**
 * Begins to draw. Each frame is one write; nothing stays hidden between frames, so there is nothing to restore after
 * a crash. While the stream is full, frames are skipped. When it fails (the terminal was closed), drawing ends in
 * silence. Its timers keep no process alive.
 */
export function openTerminal(options: TerminalOptions): Terminal {
  const drawing = new Drawing(options)
  drawing.changed()
  return drawing
}

class Drawing implements Terminal {
  readonly #options: TerminalOptions
  #frame: readonly string[] = []
  #logs: string[] = []
  #drawnAtMs = -Infinity
  #full = false
  #over = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: TerminalOptions) {
    this.#options = options
    const { stream } = options
    stream.on('resize', this.#onResize)
    stream.on('drain', this.#onDrain)
    // Stays when drawing has ended: a terminal that goes away reports its error late, and nobody else listens for it.
    stream.on('error', this.#end)
  }

  changed(): void {
    if (!this.#over) this.#arm(Math.max(0, this.#drawnAtMs + FRAME_MS - this.#options.nowMs()))
  }

  log(line: string): void {
    if (this.#over) return
    this.#logs.push(...line.split('\n'))
    this.changed()
  }

  stop(): void {
    if (this.#over) return
    this.#end()
    const { columns } = sizeOf(this.#options.stream)
    this.#write(frameText({ before: this.#frame, logs: this.#logs, next: [], columns }))
  }

  #draw(): void {
    this.#drawnAtMs = this.#options.nowMs()
    this.#arm(TICK_MS)
    if (this.#full) return
    const size = sizeOf(this.#options.stream)
    const next = this.#options.render(size).slice(0, Math.max(1, size.rows - 1))
    const text = frameText({ before: this.#frame, logs: this.#logs, next, columns: size.columns })
    this.#frame = next
    this.#logs = []
    this.#write(text)
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#draw()
    }, delayMs)
    this.#timer.unref()
  }

  #write(text: string): void {
    if (text !== '') this.#full = !this.#options.stream.write(text)
  }

  readonly #onResize = (): void => {
    // The lines were made for the old size: they are taken away by the rows they fill now.
    this.#write(clearText(this.#frame, sizeOf(this.#options.stream).columns))
    this.#frame = []
    this.changed()
  }

  readonly #onDrain = (): void => {
    this.#full = false
    this.changed()
  }

  readonly #end = (): void => {
    this.#over = true
    clearTimeout(this.#timer)
    this.#options.stream.off('resize', this.#onResize)
    this.#options.stream.off('drain', this.#onDrain)
  }
}

function sizeOf(stream: TerminalStream): TerminalSize {
  return { columns: stream.columns || USUAL_SIZE.columns, rows: stream.rows || USUAL_SIZE.rows }
}

interface Step {
  before: readonly string[]
  logs: readonly string[]
  next: readonly string[]
  columns: number
}

/** What to write to get from one frame to the next; empty when they look the same. */
function frameText({ before, logs, next, columns }: Step): string {
  const same = before.length === next.length && before.every((line, index) => line === next[index])
  if (same && logs.length === 0) return ''
  if (logs.length > 0 || next.length === 0) {
    // Log lines are as long as they are: they may break.
    const lasting = logs.map((line) => `${line}\n`).join('')
    return `${clearText(before, columns)}${lasting}${BEGIN}${next.map((line) => `${line}\n`).join('')}${END}`
  }
  const lines = next.map((line) => `${line}${CLEAR_REST}\n`).join('')
  return `${BEGIN}${upText(before, columns)}${lines}${CLEAR_BELOW}${END}`
}

/** Row by row from below: tmux copies a screen into its history that is cleared from its first cell on. */
function clearText(frame: readonly string[], columns: number): string {
  return frame.length === 0 ? '' : `\r${`${ESC}1A${ESC}2K`.repeat(rowsOf(frame, columns))}`
}

/** To the first column of the frame's first line. */
function upText(frame: readonly string[], columns: number): string {
  return frame.length === 0 ? '' : `\r${ESC}${rowsOf(frame, columns)}A`
}

/** A terminal that became narrower has broken long lines. */
function rowsOf(frame: readonly string[], columns: number): number {
  return frame.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(unpainted(line)) / columns)), 0)
}
