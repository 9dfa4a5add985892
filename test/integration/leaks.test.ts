/** The watch over processes finds what a test leaves, also when its parent is gone. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { watchProcesses } from '../support/leaks'

describe('watchProcesses', () => {
  it('finds nothing when nothing was started', async () => {
    expect(await watchProcesses()(0)).toEqual([])
  })

  it('names a child that still runs, and not after it has ended', async () => {
    const left = watchProcesses()
    const child = spawn('sleep', ['321'])
    await once(child, 'spawn')
    expect(await left(0)).toEqual([{ pid: child.pid, command: 'sleep 321' }])
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(await left(0)).toEqual([])
  })

  it('passes over what ran before', async () => {
    const child = spawn('sleep', ['322'])
    await once(child, 'spawn')
    expect(await watchProcesses()(0)).toEqual([])
    child.kill('SIGKILL')
    await once(child, 'close')
  })

  it('finds an orphan whose parent has ended', async () => {
    const left = watchProcesses()
    const parent = spawn('sh', ['-c', 'sleep 323 >/dev/null 2>&1 & echo $!'])
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string]
    await once(parent, 'close')
    const orphan = { pid: Number(line), command: 'sleep 323' }
    expect(await left(0)).toEqual([orphan])
    process.kill(orphan.pid, 'SIGKILL')
    expect(await left(2_000)).toEqual([])
  })

  it('waits for a process that is about to end', async () => {
    const left = watchProcesses()
    const child = spawn('sleep', ['0.2'])
    await once(child, 'spawn')
    expect(await left(5_000)).toEqual([])
  })
})
