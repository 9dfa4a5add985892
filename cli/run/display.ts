/** What a person or a program sees while the command runs: bars on a terminal, plain lines elsewhere, or NDJSON. */
import type { AnyEvent } from '../../core/contract/event'
import { plainLines, playableLines } from '../view/plain-lines'
import { renderBars } from '../view/progress-bars'
import { newRunView, reduceRun, type RunView } from '../view/run-view'
import { openTerminal } from '../view/terminal'
import type { TerminalTraits } from '../view/terminal-traits'

export interface Display {
  event(event: AnyEvent): void
  /** A log line or a notice; goes to stderr, above the bars. */
  note(line: string): void
  view(): RunView
  /** Takes the bars away; the display is silent afterwards. */
  stop(): void
}

export interface DisplayOptions {
  mode: 'bars' | 'plain' | 'json'
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  traits: TerminalTraits
  nowMs: () => number
}

export function openDisplay({ mode, stdout, stderr, traits, nowMs }: DisplayOptions): Display {
  let view = newRunView(nowMs())
  let stopped = false
  const terminal =
    mode === 'bars'
      ? openTerminal({
          stream: stdout,
          render: (size) => renderBars(view, { ...size, ...traits, nowMs: nowMs() }),
          nowMs,
        })
      : null
  return {
    event: (event) => {
      const before = view
      view = reduceRun(view, event, nowMs())
      if (stopped) return
      if (mode === 'json') stdout.write(`${JSON.stringify(event)}\n`)
      if (mode === 'plain') for (const line of plainLines(before, view)) stdout.write(`${line}\n`)
      for (const line of terminal === null ? [] : playableLines(before, view)) terminal?.log(line)
      terminal?.changed()
    },
    note: (line) => {
      if (terminal === null || stopped) stderr.write(`${line}\n`)
      else terminal.log(line)
    },
    view: () => view,
    stop: () => {
      stopped = true
      terminal?.stop()
    },
  }
}
