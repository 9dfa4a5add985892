/** Pure: looks at the processes of a run to who used how much. */
import { sum } from './statistics'

export interface ProcessLook {
  /** Of the process, also where its number is used again: `<pid>@<start in ticks>`. */
  id: string
  pid: number
  /** As it was started, words joined by spaces. */
  command: string
  /** User plus system time of the process itself. */
  cpuSeconds: number
  /** Most memory that it held at once. */
  peakRssBytes: number
}

export type ProcessKind = 'scheduler' | 'worker' | 'ffmpeg' | 'ffprobe' | 'redis' | 'other'

export interface TreeFigures {
  /** As far as it was seen: what a process used after the last look at it is missing. */
  cpuSeconds: Readonly<Record<ProcessKind, number>>
  /** Of the largest process of a kind; 0 where there was none. */
  peakRssBytes: Readonly<Record<ProcessKind, number>>
  processes: number
}

const KINDS: readonly ProcessKind[] = ['scheduler', 'worker', 'ffmpeg', 'ffprobe', 'redis', 'other']

/** A process that is ending has neither words nor memory any more. */
export function later(before: ProcessLook | undefined, now: ProcessLook): ProcessLook {
  if (before === undefined) return now
  const command = now.command === '' ? before.command : now.command
  return { ...now, command, peakRssBytes: Math.max(before.peakRssBytes, now.peakRssBytes) }
}

export function treeFigures(looks: readonly ProcessLook[], root: number): TreeFigures {
  const of = (kind: ProcessKind): readonly ProcessLook[] => looks.filter((look) => kindOf(look, root) === kind)
  const each = (figure: (looks: readonly ProcessLook[]) => number): Record<ProcessKind, number> =>
    Object.fromEntries(KINDS.map((kind) => [kind, figure(of(kind))])) as Record<ProcessKind, number>
  return {
    cpuSeconds: each((some) => sum(some.map(({ cpuSeconds }) => cpuSeconds))),
    peakRssBytes: each((some) => Math.max(0, ...some.map(({ peakRssBytes }) => peakRssBytes))),
    processes: looks.length,
  }
}

/** The command is the scheduler. What ffmpeg is started through becomes ffmpeg, under the same number. */
function kindOf({ pid, command }: ProcessLook, root: number): ProcessKind {
  if (pid === root) return 'scheduler'
  const [program = '', ...words] = command.split(' ')
  const name = program.slice(program.lastIndexOf('/') + 1)
  // Node's own options stand before the script.
  const script = words.find((word) => !word.startsWith('-')) ?? ''
  if (name === 'node' && script.endsWith('/worker/main.js')) return 'worker'
  if (name.startsWith('ffprobe')) return 'ffprobe'
  if (name.startsWith('ffmpeg')) return 'ffmpeg'
  return name.startsWith('redis') ? 'redis' : 'other'
}
