/** Redis is away for longer than a lease while pieces are being encoded: nobody ends, and nobody begins again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { longMaster, type LongMaster } from '../support/faults/long-pieces'
import { encodeThroughAbsence } from '../support/faults/redis-away'
import { startServices, type ServiceProcess, type Services } from '../support/services'

const AWAY_MS = 5_000

let services: Services & { first: ServiceProcess }
let workers: ServiceProcess[]
let folder: string
let master: LongMaster

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-away-'))
  master = await longMaster(folder, 4)
  const leases = { GANTRY_LOCK_MS: '2000', GANTRY_STALL_CHECK_MS: '1000' }
  services = await startServices({ events: true, networks: ['redis'], env: { ...master.env, ...leases } })
  workers = await Promise.all(['w1', 'w2'].map((id) => services.worker({ GANTRY_WORKER_ID: id })))
  await Promise.all(workers.map((one) => one.line({ msg: 'worker ready' })))
})
afterAll(async () => {
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

it('a black hole ends no encode; endurance has the other ways, for a minute each', async () => {
  await encodeThroughAbsence(services, workers, { how: 'a black hole', awayMs: AWAY_MS, file: master.file })
})
