/** Which process left something, and whether it lives: a pid alone is used again after a while. */
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  pid: number
  /** Start in clock ticks since boot; null where the platform does not tell (then the pid alone counts). */
  started: string | null
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) }
}

export function isAlive({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there but not ours.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return started === null || started === startOf(pid)
}

/** Field 22 of /proc/<pid>/stat, counted behind the name, which may hold spaces. Source: proc(5). */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
