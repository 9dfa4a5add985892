/** Redis is away for a minute while pieces are being encoded, with leases as they usually are: nobody ends, nobody begins again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { longMaster, type LongMaster } from '../support/faults/long-pieces'
import { encodeThroughAbsence, type Absence } from '../support/faults/redis-away'
import { startServices, type ServiceProcess, type Services } from '../support/services'

const AWAY_MS = 60_000

let services: Services & { first: ServiceProcess }
let workers: ServiceProcess[]
let folder: string
let master: LongMaster

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-away-'))
  master = await longMaster(folder, 40)

  services = await startServices({ events: true, networks: ['redis'], env: master.env })
  workers = await Promise.all(['w1', 'w2'].map((id) => services.worker({ GANTRY_WORKER_ID: id })))
  await Promise.all(workers.map((one) => one.line({ msg: 'worker ready' })))
})
afterAll(async () => {
  await services.close()
  await rm(folder, { recursive: true, force: true })
})

it.each<Absence>(['a black hole', 'refused and cut'])('away by %s: no encode ends', async (how) => {
  await encodeThroughAbsence(services, workers, { how, awayMs: AWAY_MS, file: master.file })
})
