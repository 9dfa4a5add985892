/** SIGTERM to a worker whose piece has more than 70 s left: the piece goes back to the front, and no attempt is spent. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { redisTarget } from '../../core/adapters/redis-connection'
import { runProgram } from '../support/run-program'
import { startServices, type ServiceProcess, type Services } from '../support/services'

/** A platform that ends a worker gives it at least this. */
const MOST_SECONDS = 100

/** An encoder that needs minutes for a piece. */
const LADDER = `name: drain
segmentSeconds: 2
gopSeconds: 2
rungs:
  - { id: 1080p, shortSidePx: 1080, maxBitrateBps: 6_000_000, preset: veryslow }
`

let services: Services & { first: ServiceProcess }
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-drain-'))
  await writeFile(join(folder, 'ladder.yaml'), LADDER)
  const words = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', join(folder, 'film.mp4')]
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=30:d=180']
  expect(await runProgram('ffmpeg', ['-v', 'error', ...picture, ...words])).toMatchObject({ code: 0 })
  const env = { GANTRY_LADDER: join(folder, 'ladder.yaml'), GANTRY_PIECE_SECONDS: '60' }
  services = await startServices({ events: true, env })
  await services.first.line({ msg: 'scheduler ready' })
})
afterAll(async () => {
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

/** As BullMQ keeps them: attempts that are spent, and deaths. */
async function countsOf(jobId: string): Promise<unknown> {
  const client = new Redis(redisTarget(services.redis.url))
  try {
    const [spent, deaths] = await client.hmget(`{gantry}:encode:${jobId}`, 'atm', 'stc')
    return { spent: Number(spent ?? 0), deaths: Number(deaths ?? 0) }
  } finally {
    client.disconnect()
  }
}

it('hands the piece back within its time, and the next worker begins with it', async () => {
  const worker = await services.worker({ GANTRY_WORKER_ID: 'w1' })
  await worker.line({ msg: 'worker ready' })
  await services.put('film.mp4', join(folder, 'film.mp4'))
  const { jobId } = await worker.line({ msg: 'job started', kind: 'video-piece' })
  // What is left is known from the first progress on.
  await services.event('rendition.progress', ({ data }) => data.outSeconds > 0)
  const askedMs = performance.now()
  worker.signal('SIGTERM')
  expect(await worker.exited).toBe(0)
  const seconds = (performance.now() - askedMs) / 1_000
  process.stdout.write(`handed back and gone after ${seconds.toFixed(1)} s\n`)
  expect(seconds).toBeLessThan(MOST_SECONDS)
  expect(await countsOf(String(jobId))).toEqual({ spent: 0, deaths: 0 })
  // What it had to tell has left it: the last of what it was to release did not fail.
  expect(worker.lines.filter(({ msg }) => msg === 'release failed')).toEqual([])
  const next = await services.worker({ GANTRY_WORKER_ID: 'w2' })
  const begun = await next.line({ msg: 'job started', kind: 'video-piece' })
  expect(begun['jobId']).toBe(jobId)
  const pieces = (await services.lifecycle()).filter(({ type }) => type === 'asset.failed')
  expect(pieces).toEqual([])
})
