/** The wall clock of a service jumps by an hour while a master is encoded: nothing is lost, and nothing is made again. */
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { piecesOf, tracesOf } from '../support/faults/service-traces'
import { brokenInvariants } from '../support/invariants'
import { mastersFolder } from '../support/masters'
import { startServices, type ServiceProcess, type Services } from '../support/services'

const FILM = join(mastersFolder(), 'rooftops-360p30-17s.mp4')
const HOUR_SECONDS = 3_600

const LADDER = `name: clock
segmentSeconds: 2
gopSeconds: 1
rungs:
  - { id: 180p, shortSidePx: 180, maxBitrateBps: 500_000 }
`

let services: Services & { first: ServiceProcess }
let worker: ServiceProcess
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-clock-'))
  writeFileSync(join(folder, 'ladder.yaml'), LADDER)
  const env = { GANTRY_LADDER: join(folder, 'ladder.yaml'), GANTRY_PIECE_SECONDS: '4' }
  services = await startServices({ events: true, env, firstEnv: clockOf('scheduler') })
  worker = await services.worker(clockOf('worker'))
  await Promise.all([services.first.line({ msg: 'scheduler ready' }), worker.line({ msg: 'worker ready' })])
})
afterAll(async () => {
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

type Who = 'scheduler' | 'worker'

function clockOf(who: Who): Record<string, string> {
  setClock(who, 0)
  const NODE_OPTIONS = `--require=${join(__dirname, '..', 'support', 'faults', 'clock.cjs')}`
  return { NODE_OPTIONS, GANTRY_TEST_CLOCK_FILE: join(folder, who) }
}

const setClock = (who: Who, seconds: number): void => writeFileSync(join(folder, who), String(seconds))

it.each<[Who, number]>([
  ['worker', HOUR_SECONDS],
  ['worker', -HOUR_SECONDS],
  ['scheduler', HOUR_SECONDS],
  ['scheduler', -HOUR_SECONDS],
])('the clock of the %s jumps by %d s, and back after the end', async (who, seconds) => {
  const key = `${who}${seconds}.mp4`
  await services.put(key, FILM)
  const { assetId } = await services.first.line({ msg: 'master taken', key })
  await worker.line({ msg: 'job started', kind: 'video-piece', assetId })
  setClock(who, seconds)
  expect(await services.first.line({ msg: 'asset closed', assetId })).toMatchObject({ outcome: 'published' })
  const time = (who === 'worker' ? worker : services.first).lines.at(-1)?.['time']
  // The clock was wrong indeed.
  expect(Math.abs(Number(time) - Date.now() - seconds * 1_000)).toBeLessThan(600_000)
  setClock(who, 0)
  expect(await brokenInvariants(await tracesOf(services, [worker]))).toEqual([])
  const { made, redone } = piecesOf([worker], String(assetId))
  expect(made).toBeGreaterThan(2)
  process.stdout.write(`${who} ${seconds} s: ${made} pieces, ${redone} redone\n`)
  expect(redone).toBe(0)
})
