/** Pure: texts of procfs. Source: proc(5). */

/** USER_HZ, the unit of times in procfs; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

interface ProcessTimes {
  ownSeconds: number
  /** Of children that ended and were waited for, with theirs. */
  endedChildrenSeconds: number
  startTicks: number
}

/** @param stat Of `/proc/<pid>/stat`; the second field is a name that may hold spaces and parentheses. */
export function parseTimes(stat: string): ProcessTimes {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  return {
    ownSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    endedChildrenSeconds: (field(16) + field(17)) / TICKS_PER_SECOND,
    startTicks: field(22),
  }
}

/** @param status Of `/proc/<pid>/status`; a process that is ending has no memory any more. */
export function parsePeakRss(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024
}
