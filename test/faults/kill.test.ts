/** Parts of the command are killed without warning, or asked to stop: nothing is lost, nothing is left. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mastersFolder } from '../support/masters'
import { eventsOf, isAlive, processesUnder, runProduct, startProduct, type Product } from '../support/product'
import { judgeAsset } from '../support/reading/judge'
import { runProgram } from '../support/run-program'

const master = join(mastersFolder(), 'bunny-vp8-vorbis-720p24-30s.webm')

let out: string
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'gantry-faults-'))
})
afterEach(() => rmSync(out, { recursive: true, force: true }))

/** Starts the command and waits until its video encode is under way, with ffmpeg at work. */
async function inMidEncode(): Promise<{ product: Product; pid: number }> {
  const product = startProduct([master, '--out', out])
  const pid = product.child.pid ?? 0
  await product.first('rendition.progress')
  expect(
    processesUnder(pid)
      .map(({ command }) => command)
      .join('\n'),
  ).toMatch(/ffmpeg/)
  return { product, pid }
}

/** Resolves when none of the processes lives; the system tells of their end by /proc alone. */
async function allGone(pids: readonly number[], withinMs: number): Promise<number[]> {
  const until = Date.now() + withinMs
  while (pids.some(isAlive) && Date.now() < until) await runProgram('sleep', ['0.1'])
  return pids.filter(isAlive)
}

/** Temporary folders that a command with this pid makes. */
function temporaryOf(pid: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`gantry-${pid}-`))
}

describe('kill -9', () => {
  it('of a worker in mid-encode: another takes over, and the asset is published right', async () => {
    const { product, pid } = await inMidEncode()
    const worker = processesUnder(pid).find(({ command }) => command.includes('worker/main.js'))
    process.kill(worker?.pid ?? 0, 'SIGKILL')
    expect(await product.ended).toBe(0)
    expect(product.stderr()).toContain('worker died')
    expect(eventsOf(product.events, 'asset.published')).toHaveLength(1)
    expect(await judgeAsset(eventsOf(product.events, 'asset.published')[0]?.data.master ?? '', master)).toEqual([])
  })

  it('of the command: all of it ends, and the same command goes on and publishes', async () => {
    const { product, pid } = await inMidEncode()
    const family = processesUnder(pid)
    process.kill(pid, 'SIGKILL')
    await product.ended
    expect(
      await allGone(
        family.map((one) => one.pid),
        10_000,
      ),
    ).toEqual([])
    const again = await runProduct(master, '--out', out)
    expect(again.code).toBe(0)
    expect(again.events.at(-1)).toMatchObject({ type: 'asset.published', run: 1 })
    expect(await judgeAsset(eventsOf(again.events, 'asset.published')[0]?.data.master ?? '', master)).toEqual([])
    expect(temporaryOf(pid)).toEqual([])
  })

  it('of the private Redis: it comes back, the records fill it again, and the asset is published', async () => {
    const { product, pid } = await inMidEncode()
    const redis = processesUnder(pid).find(({ command }) => command.includes('redis-server'))
    process.kill(redis?.pid ?? 0, 'SIGKILL')
    expect(await product.ended).toBe(0)
    expect(eventsOf(product.events, 'asset.published')).toHaveLength(1)
  })
})

describe.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s', (signal, exitCode) => {
  it('stops cleanly: nothing runs on, no stray file stays, and the same command goes on', async () => {
    const { product, pid } = await inMidEncode()
    const family = processesUnder(pid)
    // Twice, as it comes from a terminal and from npm.
    process.kill(pid, signal)
    process.kill(pid, signal)
    await runProgram('true', [])
    if (isAlive(pid)) process.kill(pid, signal)
    expect(await product.ended).toBe(exitCode)
    expect(
      await allGone(
        family.map((one) => one.pid),
        2_000,
      ),
    ).toEqual([])
    expect(temporaryOf(pid)).toEqual([])
    expect(readdirSync(join(out, '.gantry')).sort()).toEqual(['assets', 'fleet', 'open', 'sources', 'tmp'])
    expect(readdirSync(join(out, '.gantry', 'tmp'))).toEqual([])
    const again = await runProduct(master, '--out', out)
    expect(again.events.at(-1)).toMatchObject({ type: 'asset.published', run: 1 })
  })
})
