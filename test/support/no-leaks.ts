/** For projects that start processes: one that a test file leaves behind fails the file, and is ended. */
import { watchProcesses } from './leaks'

const GRACE_MS = 2_000
const left = watchProcesses()

// By its name it is found and run last: hooks-last-environment.cjs.
afterAll(async function endLeftovers() {
  const processes = await left(GRACE_MS)
  for (const { pid } of processes) end(pid)
  if (processes.length === 0) return
  const list = processes.map(({ pid, command }) => `  ${pid} ${command}`).join('\n')
  throw new Error(`processes left behind by this file:\n${list}`)
})

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
