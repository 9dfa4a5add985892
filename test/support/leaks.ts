/** After each test file: no process that it started may be left. Loaded for the projects that start some. */
import { readdirSync, readFileSync } from 'node:fs'

/** Command lines of living children of this process; empty where there is no /proc. */
function children(): string[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => commandOfChild(pid))
  } catch {
    return []
  }
}

function commandOfChild(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(parent) !== process.pid || state === 'Z') return []
    return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`]
  } catch {
    return []
  }
}

const before = new Set(children())

afterAll(() => {
  expect(children().filter((command) => !before.has(command))).toEqual([])
})
