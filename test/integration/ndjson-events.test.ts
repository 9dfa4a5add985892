import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { compileModules } from '../support/compile'

let compiled: string
beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'gantry-compiled-'))
  compileModules(compiled, ['core/adapters/ndjson-events', 'core/contract/event'])
})
afterAll(() => rm(compiled, { recursive: true }))

const printEvents = (count: number): ChildProcess =>
  fork(join(__dirname, '../fixtures/event-process.cjs'), [compiled, String(count)], {
    execArgv: [],
    env: {},
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })

describe('ndjsonEvents on a real pipe', () => {
  it('delivers every line before the process exits', async () => {
    const child = printEvents(3_000)
    const ended = once(child, 'exit')
    if (child.stdout === null) throw new Error('no stdout')
    const lines = (await text(child.stdout)).trimEnd().split('\n')
    expect(await ended).toEqual([0, null])
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(
      Array.from({ length: 3_000 }, (_, i) => String(i)),
    )
  })

  it('outlives a reader that goes away, and counts what nobody read', async () => {
    const child = printEvents(3_000)
    const ended = once(child, 'exit')
    const told = once(child, 'message')
    if (child.stdout === null) throw new Error('no stdout')
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await told).toEqual([{ dropped: expect.any(Number) }, undefined])
    expect(((await told) as [{ dropped: number }])[0].dropped).toBeGreaterThan(1_000)
    expect(await ended).toEqual([0, null])
  })
})
