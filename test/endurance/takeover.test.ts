/** Seconds from the death of a worker to the moment when another one begins its piece again, with the leases of the product. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { piecesOf, storeOf, tracesOf } from '../support/faults/service-traces'
import { brokenInvariants } from '../support/invariants'
import { runProgram } from '../support/run-program'
import { BUCKETS, startServices, type ServiceProcess, type Services } from '../support/services'

/** DESIGN promise: a dead worker's piece is begun again within this. */
const MOST_SECONDS = 15
const SEGMENTS = 20
/** A piece that is through before the kill arrives shows nothing; another one is tried. */
const MOST_TRIES = 3
const TIMES = 2

const LADDER = `name: takeover
segmentSeconds: 2
gopSeconds: 2
rungs:
  - { id: 540p, shortSidePx: 540, maxBitrateBps: 2_000_000, preset: medium }
`

let services: Services & { first: ServiceProcess }
let workers: ServiceProcess[] = []
let running: ServiceProcess[]
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-takeover-'))
  await writeFile(join(folder, 'ladder.yaml'), LADDER)
  const words = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', join(folder, 'film.mp4')]
  const picture = ['-f', 'lavfi', '-i', `testsrc2=s=960x540:r=25:d=${SEGMENTS * 2}`]
  expect(await runProgram('ffmpeg', ['-v', 'error', ...picture, ...words])).toMatchObject({ code: 0 })
  // One piece, so that the other worker has nothing to do.
  const env = { GANTRY_LADDER: join(folder, 'ladder.yaml'), GANTRY_PIECE_SECONDS: '600' }
  services = await startServices({ events: true, env })
  await services.first.line({ msg: 'scheduler ready' })
  running = [await startWorker('w1'), await startWorker('w2')]
})
afterAll(async () => {
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

/** Under the name of one that is dead, as an orchestrator does: what that left in its folder goes. */
async function startWorker(name: string): Promise<ServiceProcess> {
  const worker = await services.worker({ GANTRY_WORKER_ID: name })
  workers = [...workers, worker]
  await worker.line({ msg: 'worker ready' })
  return worker
}

interface Takeover {
  /** How much of the piece was stored when its worker was killed. */
  part: number
  seconds: number
  redone: number
}

async function segmentsOf(assetId: string): Promise<number> {
  let count = 0
  for await (const { key } of storeOf(services).list({ bucket: BUCKETS.output, prefix: '' })) {
    if (key.includes(assetId.slice(0, 10)) && key.endsWith('.m4s')) count += 1
  }
  return count
}

/** @returns Null where the piece was through already. */
async function takeover(key: string, part: number): Promise<Takeover | null> {
  await services.put(key, join(folder, 'film.mp4'))
  const { assetId } = await services.first.line({ msg: 'master taken', key })
  const begun = { msg: 'job started', kind: 'video-piece', assetId }
  const dying = await Promise.race(running.map(async (worker) => worker.line(begun).then(() => worker)))
  let stored = 0
  while (stored < part * SEGMENTS) stored = await segmentsOf(String(assetId))
  const [other] = running.filter((worker) => worker !== dying)
  if (other === undefined) throw new Error('no other worker')
  const killedMs = performance.now()
  dying.signal('SIGKILL')
  const closed = services.first.line({ msg: 'asset closed', assetId })
  const isTaken = await Promise.race([other.line(begun).then(() => true), closed.then(() => false)])
  const seconds = (performance.now() - killedMs) / 1_000
  running = [other, await startWorker(String(dying.lines[0]?.['workerId']))]
  expect(await closed).toMatchObject({ outcome: 'published' })
  if (!isTaken) return null
  const { redone } = piecesOf(workers, String(assetId))
  return { part: stored / SEGMENTS, seconds, redone }
}

it('a piece of a worker that is killed is begun again in time, wherever it was', async () => {
  const all: Takeover[] = []
  let films = 0
  for (const part of Array.from({ length: TIMES }, () => [0.1, 0.5, 0.9]).flat()) {
    let one: Takeover | null = null
    for (let tries = 1; one === null && tries <= MOST_TRIES; tries += 1)
      one = await takeover(`film${(films += 1)}.mp4`, part)
    if (one === null) throw new Error(`no piece could be killed at ${part}`)
    all.push(one)
    const [percent, seconds] = [(one.part * 100).toFixed(0), one.seconds.toFixed(1)]
    process.stdout.write(`killed at ${percent} %: begun again after ${seconds} s, ${one.redone} pieces redone\n`)
  }
  expect(await brokenInvariants(await tracesOf(services, running))).toEqual([])
  expect(all.filter(({ redone }) => redone > 1)).toEqual([])
  expect(Math.max(...all.map(({ seconds }) => seconds))).toBeLessThanOrEqual(MOST_SECONDS)
})
