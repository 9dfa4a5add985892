/** Processes that a test file started and did not end. Reads /proc, so it finds nothing where there is none. */
import { readdirSync, readFileSync } from 'node:fs'

export interface LeftProcess {
  pid: number
  command: string
}

interface ProcessRow extends LeftProcess {
  isOver: boolean
  parent: number
  group: number
  /** With the pid it makes an identity: pids are used again. */
  started: string
}

/**
 * What runs now and is ours: everything below this process, and orphans of its process group. An orphan goes to init or
 * to another process that takes them, outside of the group it stays in. What made a group of its own and lost its
 * parent is not found.
 */
function ownProcesses(): Map<string, ProcessRow> {
  const rows = allProcesses()
  const groups = new Map(rows.map(({ pid, group }) => [pid, group]))
  const own = groups.get(process.pid)
  const mine = new Set([process.pid])
  for (let before = 0; before !== mine.size;) {
    before = mine.size
    for (const { pid, parent } of rows) if (mine.has(parent)) mine.add(pid)
  }
  const isOrphan = ({ pid, parent, group }: ProcessRow): boolean =>
    group === own && pid !== group && groups.get(parent) !== own
  const found = rows.filter((row) => !row.isOver && row.pid !== process.pid && (mine.has(row.pid) || isOrphan(row)))
  return new Map(found.map((row) => [`${row.pid} ${row.started}`, row]))
}

function allProcesses(): ProcessRow[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? processRow(name) : []))
  } catch {
    return []
  }
}

/** Fields 3, 4, 5 and 22 of the stat file, counted behind the name, which may hold anything. Source: proc(5). */
function processRow(pid: string): ProcessRow[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    const [state = '', parent, group] = fields
    const numbers = { pid: Number(pid), parent: Number(parent), group: Number(group) }
    return [{ ...numbers, isOver: 'ZX'.includes(state), started: fields[19] ?? '', command: words }]
  } catch {
    // It ended meanwhile.
    return []
  }
}

/**
 * Remembers what runs now.
 *
 * @returns a look at what was started since and still runs after `graceMs`. A process that was told to end may take a
 * moment to do so.
 */
export function watchProcesses(): (graceMs: number) => Promise<LeftProcess[]> {
  const before = ownProcesses()
  return async (graceMs) => {
    const until = performance.now() + graceMs
    for (;;) {
      const left = [...ownProcesses()].filter(([identity]) => !before.has(identity)).map(([, row]) => row)
      if (left.length === 0 || performance.now() >= until) return left.map(({ pid, command }) => ({ pid, command }))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
