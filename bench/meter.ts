/** Wall and processor time of a piece of work in other processes. */
import { readFileSync } from 'node:fs'
import { parseTimes } from './procfs'

export interface Measured {
  wallSeconds: number
  /** User plus system time of every process that was started for it, to the 10 ms of procfs. */
  cpuSeconds: number
}

/**
 * Runs work whose processes have all ended and were waited for when it resolves.
 *
 * The kernel adds the times of a child, and of the children that it waited for itself, to its parent's when that waits
 * for it. So nothing is missed however short it lived, and nothing is counted that a look now and then would cost. Only
 * a process that outlives its parent is not in it.
 */
export async function measure<T>(work: () => Promise<T>): Promise<Measured & { value: T }> {
  const cpuBefore = endedChildrenSeconds()
  const startedMs = performance.now()
  const value = await work()
  const wallSeconds = (performance.now() - startedMs) / 1_000
  return { wallSeconds, cpuSeconds: endedChildrenSeconds() - cpuBefore, value }
}

function endedChildrenSeconds(): number {
  return parseTimes(readFileSync('/proc/self/stat', 'latin1')).endedChildrenSeconds
}
