/** What Linux tells of a process and of all below it. */
import { readFileSync } from 'node:fs'
import { parsePeakRss, parseTimes } from './procfs'
import type { ProcessLook } from './tree-figures'

/** The processes that live now, from `root` downwards. */
export function lookAtTree(root: number): ProcessLook[] {
  const found: ProcessLook[] = []
  const pids = [root]
  for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
    const look = lookAt(pid)
    if (look === null) continue
    found.push(look)
    pids.push(...childrenOf(pid))
  }
  return found
}

function lookAt(pid: number): ProcessLook | null {
  try {
    const { ownSeconds, startTicks } = parseTimes(read(pid, 'stat'))
    const command = read(pid, 'cmdline').replaceAll('\0', ' ').trim()
    const peakRssBytes = parsePeakRss(read(pid, 'status'))
    return { id: `${pid}@${startTicks}`, pid, command, cpuSeconds: ownSeconds, peakRssBytes }
  } catch {
    // It has ended since it was listed.
    return null
  }
}

/** Of the main thread, which is the one that starts processes in Node. */
function childrenOf(pid: number): number[] {
  try {
    return read(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function read(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'latin1')
}
