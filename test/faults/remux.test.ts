/** A worker is killed while it copies a master's pictures: another copies them anew, and nothing of the first stays. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobsOf, markersOf } from '../support/joins/encoding'
import { makeFilms } from '../support/joins/films'
import { FILMS_WITHOUT_INDEX } from '../support/joins/films-without-index'
import { eventsOf, startProduct } from '../support/product'
import { judgeAsset } from '../support/reading/judge'

let folder: string
let master: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-remux-faults-'))
  mkdirSync(join(folder, 'films'))
  const films = FILMS_WITHOUT_INDEX.filter(({ file }) => file === 'b-frames.ts')
  master = (await makeFilms(films, join(folder, 'films')))[0] ?? ''
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** An ffmpeg that gives the first half of its first copy, names its worker, and goes on no further. */
function haltingFfmpeg(halted: string): string {
  const path = join(folder, 'halting-ffmpeg')
  const script = `#!/usr/bin/env node
const { spawn } = require('node:child_process')
const { existsSync, renameSync, writeFileSync, writeSync } = require('node:fs')
const words = process.argv.slice(2)
const isFirstCopy = words.includes('-copyinkf') && !existsSync(${JSON.stringify(halted)})
const pipes = [0, 1, 2, 3, 4, 5, 6]
if (isFirstCopy) pipes[4] = 'pipe'
const child = spawn('ffmpeg', words, { stdio: pipes })
if (isFirstCopy) {
  child.stdio[4].once('data', (chunk) => {
    writeSync(4, chunk)
    writeFileSync(${JSON.stringify(`${halted}.new`)}, String(process.ppid))
    renameSync(${JSON.stringify(`${halted}.new`)}, ${JSON.stringify(halted)})
    child.kill('SIGKILL')
    setInterval(() => undefined, 1_000)
  })
} else child.on('exit', (code, signal) => (signal ? process.kill(process.pid, 'SIGKILL') : process.exit(code)))
`
  writeFileSync(path, script, { mode: 0o755 })
  return path
}

/** Resolves with what is in a file as soon as it is there. */
function appeared(name: string): Promise<string> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!existsSync(join(folder, name))) return
      watcher.close()
      resolve(readFileSync(join(folder, name), 'utf8'))
    }
    const watcher = watch(folder, look)
    look()
  })
}

it('kill -9 of a worker in mid-copy: another takes over, and the asset is published right from one copy', async () => {
  const out = join(folder, 'out')
  const product = startProduct([master, '--out', out, '--workers', '2'], {
    ...{ GANTRY_PIECE_SECONDS: '2', GANTRY_FFMPEG: haltingFfmpeg(join(folder, 'halted')) },
  })
  process.kill(Number(await appeared('halted')), 'SIGKILL')
  expect(await product.ended).toBe(0)
  expect(product.stderr()).toContain('worker died')
  const [published] = eventsOf(product.events, 'asset.published')
  expect(await judgeAsset(published?.data.master ?? '', master)).toEqual([])
  const run = { run: '', state: join(out, '.gantry', 'assets', published?.assetId ?? '', 'runs', '1') }
  expect(markersOf(run, 'remux')).toMatchObject([{ reason: null }])
  expect(jobsOf(run, 'video-piece').length).toBeGreaterThan(1)
  const left = readdirSync(run.state, { recursive: true }).map(String)
  expect(left.filter((name) => name.startsWith('remux') && name.includes('.'))).toEqual([])
})
