/**
 * A worker is killed before and after each step that makes a run public, in run after run of one asset: a player that
 * asks all the time meets one generation and no gap.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watchAsset, httpOrigin, type AssetWatch } from '../support/asset-watch'
import {
  allClosed,
  deathsIn,
  nameOf,
  pointsOf,
  writeSmall,
  type DeathPoint,
  type Deaths,
} from '../support/faults/deaths'
import { piecesOf, tracesOf } from '../support/faults/service-traces'
import { brokenInvariants } from '../support/invariants'
import { BUCKETS, startServices, type ServiceProcess, type Services } from '../support/services'

const HOME = `PutObject output/<home>`
const RUN = 'PutObject state/gantry/assets/<asset>/runs/<run>'
/** All that makes a run public, in its order. */
const STEPS = [
  `${HOME}/r<run>/video/144p/playlist.m3u8`,
  `${HOME}/r<run>/audio/audio/playlist.m3u8`,
  `${RUN}/final.json`,
  `${RUN}/report.json`,
  `${HOME}/asset.json`,
  `${HOME}/master.m3u8`,
  `${RUN}/events/asset.published.json`,
  `${RUN}/done/publish.json`,
]

let services: Services & { first: ServiceProcess }
let workers: ServiceProcess[] = []
let running: ServiceProcess[]
let folder: string
let deaths: Deaths
let runs = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-deaths-'))
  deaths = deathsIn(folder)
  const { film, ladder } = await writeSmall(folder)
  const leases = { GANTRY_LOCK_MS: '2000', GANTRY_STALL_CHECK_MS: '1000' }
  services = await startServices({ events: true, env: { GANTRY_LADDER: ladder, ...leases } })
  await services.first.line({ msg: 'scheduler ready' })
  running = [await startWorker(), await startWorker()]
  await services.put('film.mp4', film)
  runs = 1
  await allClosed(services, 1)
})
afterAll(async () => {
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

async function startWorker(): Promise<ServiceProcess> {
  const worker = await services.worker({ ...deaths.env, GANTRY_WORKER_ID: `w${workers.length + 1}` })
  workers = [...workers, worker]
  await worker.line({ msg: 'worker ready' })
  return worker
}

const general = (step: string): string => step.replace(/\/r\d+\//, '/r<run>/').replace(/\/runs\/\d+\//, '/runs/<run>/')

/** Makes the next run, all of it new, and resolves when it is closed. */
async function nextRun(point: DeathPoint | null): Promise<void> {
  runs += 1
  if (point !== null) deaths.arm({ ...point, step: point.step.replace('<run>', String(runs)) })
  const source = { bucket: BUCKETS.masters, key: 'film.mp4' }
  const body = JSON.stringify({ v: 1, source, force: `run-${runs}` })
  expect((await fetch(services.webhookUrl, { method: 'POST', body })).status).toBe(202)
  if (point !== null) {
    const ended = running.map(async (worker) => worker.exited.then(() => worker))
    const dead = await Promise.race([...ended, allClosed(services, runs).then(() => null)])
    if (dead === null) throw new Error(`no worker came to ${nameOf(point)}`)
    running = running.map((worker) => (worker === dead ? null : worker)).filter((worker) => worker !== null)
    running = [...running, await startWorker()]
  }
  await allClosed(services, runs)
}

async function watchPublished(): Promise<AssetWatch> {
  const { data } = await services.event('asset.published')
  const path = new URL(data.master).pathname.split('/').slice(2).join('/')
  return watchAsset(path, httpOrigin(`${services.s3.endpoint}/${BUCKETS.output}`))
}

it('a death at any step of a publication shows nobody a gap or two generations', async () => {
  const watch = await watchPublished()
  deaths.steps()
  await nextRun(null)
  const made = deaths.steps().map(general)
  const steps = made.slice(made.indexOf(STEPS[0] ?? ''))
  expect(steps).toEqual(STEPS)
  for (const point of pointsOf(steps)) {
    await nextRun(point)
    process.stdout.write(`${nameOf(point)}: r${runs} is public\n`)
  }
  const { faults, generations, polls } = await watch.stop()
  expect(faults).toEqual([])
  expect(generations).toEqual(Array.from({ length: runs }, (_, index) => `r${index + 1}`))
  const ids = await allClosed(services, runs)
  expect(ids).toHaveLength(1)
  expect(await brokenInvariants(await tracesOf(services, workers))).toEqual([])
  expect(piecesOf(workers, ids[0] ?? '')).toEqual({ made: runs, redone: 0 })
  process.stdout.write(`${runs - 2} deaths, ${runs} runs published, ${polls} polls\n`)
})
