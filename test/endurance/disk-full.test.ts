/** A disk that is full: the command says so and makes nothing half public; with room it goes on. */
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mastersFolder } from '../support/masters'
import { eventsOf, runCommand, startProduct } from '../support/product'
import { judgeAsset } from '../support/reading/judge'
import { runProgram } from '../support/run-program'
import { openSmallDisk, type SmallDisk } from '../support/small-disk'

const MASTER = join(mastersFolder(), 'bikes-640x272-10s-no-audio.mp4')
const AMPLE_KIB = 65_536
/** Two attempts, one soon after the other. */
const SOON = { GANTRY_ATTEMPTS: '2', GANTRY_RETRY_DELAY_MS: '100' }

let disk: SmallDisk
afterEach(() => disk.close())

const publicFiles = (): string[] =>
  readdirSync(disk.folder, { recursive: true, encoding: 'utf8' }).filter((name) => /m3u8|asset\.json/.test(name))

async function goesOn(out: string): Promise<void> {
  const again = await runCommand(['run', MASTER, '--out', out])
  expect(again.code).toBe(0)
  const [published] = eventsOf(again.events, 'asset.published')
  expect(await judgeAsset(published?.data.master ?? '', MASTER)).toEqual([])
}

it.each([
  ['the plan', 24],
  ['segments', 92],
  ['the MP4', 600],
])(
  'no room for %s: the command ends with STORE_FULL, and the same command publishes when there is room',
  async (_, kib) => {
    disk = await openSmallDisk(kib)
    const out = join(disk.folder, 'out')
    const { code, stderr, events } = await runCommand(['run', MASTER, '--out', out], SOON)
    expect(code).toBe(1)
    expect(stderr).toContain('STORE_FULL')
    for (const { data } of eventsOf(events, 'asset.failed')) expect(data.code).toBe('STORE_FULL')
    expect(publicFiles()).toEqual([])
    await disk.resize(AMPLE_KIB)
    await goesOn(out)
  },
)

/** Takes all room that there is. */
function fill(folder: string): string {
  const path = join(folder, 'filler')
  const file = openSync(path, 'w')
  try {
    for (;;) writeSync(file, Buffer.alloc(4_096, 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
  return path
}

it('no room even for the word that it failed: the command waits, says why, and ends when there is room', async () => {
  disk = await openSmallDisk(AMPLE_KIB)
  const out = join(disk.folder, 'out')
  const product = startProduct([MASTER, '--out', out], SOON)
  await product.first('asset.planned')
  const filler = fill(disk.folder)
  // Logs of its workers come as text; nothing else tells that a write has failed.
  while (!product.stderr().includes('"STORE_FULL"')) await runProgram('sleep', ['0.1'])
  expect(publicFiles()).toEqual([])
  expect(product.child.exitCode).toBeNull()
  rmSync(filler)
  const code = await product.ended
  const [failed] = eventsOf(product.events, 'asset.failed')
  process.stdout.write(`with room again: exit code ${String(code)}, ${failed?.data.code ?? 'published'}\n`)
  expect([code, failed?.data.code]).toEqual(code === 0 ? [0, undefined] : [1, 'STORE_FULL'])
  await goesOn(out)
})

it('the scratch folder is full in mid-encode: published, or failed with STORE_FULL and published when there is room', async () => {
  disk = await openSmallDisk(AMPLE_KIB)
  const out = mkdtempSync(join(tmpdir(), 'gantry-faults-'))
  try {
    const product = startProduct([MASTER, '--out', out], { ...SOON, TMPDIR: disk.folder })
    await product.first('asset.planned')
    const filler = fill(disk.folder)
    const code = await product.ended
    const [failed] = eventsOf(product.events, 'asset.failed')
    process.stdout.write(`scratch full: exit code ${String(code)}, ${failed?.data.code ?? 'published'}\n`)
    expect([code, failed?.data.code]).toEqual(code === 0 ? [0, undefined] : [1, 'STORE_FULL'])
    rmSync(filler)
    await goesOn(out)
  } finally {
    rmSync(out, { recursive: true })
  }
})
