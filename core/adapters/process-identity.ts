/** Which process left something, and whether it lives: a pid alone is used again after a while. */
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  pid: number
  /** Start in clock ticks since boot; null where the platform does not tell (then the pid alone counts). */
  started: string | null
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: statusOf(process.pid)?.started ?? null }
}

/**
 * Whether the process can still act. One that was killed and not yet waited for by its parent cannot, though its pid
 * answers. Only for processes of the same machine and pid namespace.
 */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there but not ours.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const status = statusOf(pid)
  if (status?.isOver === true) return false
  return started === null || started === status?.started
}

interface ProcessStatus {
  started: string | null
  /** A zombie without other threads: of a killed process the main thread may end before one in a system call. */
  isOver: boolean
}

/**
 * Fields 3 (state), 20 (threads) and 22 (start) of /proc/<pid>/stat, counted behind the name, which may hold spaces and
 * brackets. Source: proc(5).
 */
function statusOf(pid: number): ProcessStatus | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const isZombie = fields[0] === 'Z' || fields[0] === 'X'
    return { started: fields[19] ?? null, isOver: isZombie && Number(fields[17]) <= 1 }
  } catch {
    return null
  }
}
