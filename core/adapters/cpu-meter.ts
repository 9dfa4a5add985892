/** Processor time of a child process, read from procfs: Node reaps its children without asking for their usage. */
import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'

export interface CpuMeter {
  /** User plus system time of all threads so far; null where the platform does not tell. */
  seconds(): number | null
  stop(): void
}

/** USER_HZ, the unit of times in procfs; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100
const SAMPLE_MS = 1_000

/**
 * Watches one child.
 *
 * The last look is taken when one of its output pipes ends: the kernel closes a process's files when it has stopped
 * computing and before it can be reaped, and libuv reads pipes before it reaps. That figure is exact to the 10 ms of
 * procfs (compared with `ffmpeg -benchmark`). Where a reader is so slow that the child is gone by then, the figure is
 * the last of one look a second, so at most a second of each thread is missing.
 */
export function meterCpu(pid: number, outputs: readonly Readable[], platform: NodeJS.Platform): CpuMeter {
  if (platform !== 'linux') return { seconds: () => null, stop: () => undefined }
  let last: number | null = null
  let stopped = false
  const look = (): void => {
    if (!stopped) last = readCpuSeconds(pid) ?? last
  }
  const timer = setInterval(look, SAMPLE_MS)
  timer.unref()
  for (const output of outputs) output.once('end', look)
  return {
    seconds: () => last,
    // After the exit the number may belong to another process.
    stop: () => {
      stopped = true
      clearInterval(timer)
    },
  }
}

/** proc(5): fields 14 and 15, counted behind the command name, which may hold spaces and parentheses. */
function readCpuSeconds(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return Number.isFinite(ticks) ? ticks / TICKS_PER_SECOND : null
  } catch {
    return null
  }
}
