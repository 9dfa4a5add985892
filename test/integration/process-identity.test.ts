import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { isAlive, thisProcess } from '../../core/adapters/process-identity'

let child: ChildProcess | null = null
afterEach(async () => {
  if (child === null) return
  const ended = once(child, 'exit')
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await ended
  }
  child = null
})

/** Fields of /proc/<pid>/stat behind the name; the first is the state. */
const fieldsOf = (pid: number): string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
const startedOf = (pid: number): string | null => fieldsOf(pid)[19] ?? null
const inState = async (pid: number, state: 'T' | 'Z'): Promise<void> => {
  while (fieldsOf(pid)[0] !== state) await new Promise((resolve) => setImmediate(resolve))
}

describe('isAlive', () => {
  it('knows itself, and a later process with the same pid', () => {
    const me = thisProcess()
    expect(isAlive(me)).toBe(true)
    expect(isAlive({ ...me, started: null })).toBe(true)
    expect(isAlive({ ...me, started: '1' })).toBe(false)
  })

  it('knows a process that is not ours', () => {
    expect(isAlive({ pid: 1, started: startedOf(1) })).toBe(true)
  })

  it('takes a stopped process for alive, and for dead once it was killed and waited for', async () => {
    child = spawn('sleep', ['60'])
    await once(child, 'spawn')
    const pid = child.pid ?? 0
    const identity = { pid, started: startedOf(pid) }
    child.kill('SIGSTOP')
    expect(isAlive(identity)).toBe(true)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    expect(isAlive(identity)).toBe(false)
    expect(isAlive({ pid, started: null })).toBe(false)
  })

  it('takes one that was killed for dead though its parent has not waited for it', async () => {
    child = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] })
    if (child.stdout === null) throw new Error('no stdout')
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString())
    const identity = { pid, started: startedOf(pid) }
    // A stopped parent waits for nobody.
    child.kill('SIGSTOP')
    await inState(child.pid ?? 0, 'T')
    process.kill(pid, 'SIGKILL')
    await inState(pid, 'Z')
    expect(() => process.kill(pid, 0)).not.toThrow()
    expect(isAlive(identity)).toBe(false)
    expect(isAlive({ pid, started: null })).toBe(false)
  })
})
