/** The services of a soak under their names: whoever ends is started again, and all that they ever said is kept. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startElasticMq, type SqsServer } from '../servers/elasticmq'
import { startServices, type ServiceProcess, type Services } from '../services'
import { LEASE_MS, SCHEDULERS, WORKERS, type Process } from './plan'

export interface SoakFleet {
  folder: string
  services: Services
  sqs: SqsServer
  /** Who bears the name now. */
  named(name: Process): ServiceProcess
  /** Everybody who ever was a worker, the dead too. */
  workers: readonly ServiceProcess[]
  schedulers: readonly ServiceProcess[]
  /** After it ended: another process under its name. */
  startAgain(name: Process): Promise<void>
  close(): Promise<void>
}

export const QUEUE = 'masters'

/** Faults must not use up what is for events that nobody understands. */
const MOST_DELIVERIES = 1_000

const LADDER = `name: soak
segmentSeconds: 2
gopSeconds: 1
rungs:
  - { id: 90p, shortSidePx: 90, maxBitrateBps: 150_000 }
  - { id: 180p, shortSidePx: 180, maxBitrateBps: 400_000 }
audio:
  - { id: audio, codec: aac, bitrateBps: 64_000, channels: 2 }
packaging: { early: true }
`
/** Half of all masters: no sound asked for, other rungs, another shape of output. */
const ROUTES = `routes:
  - name: narrow
    match: { prefix: narrow }
    ladder: narrow.yaml
`
const NARROW = `name: narrow
segmentSeconds: 4
gopSeconds: 2
mp4: false
rungs:
  - { id: 120p, shortSidePx: 120, maxBitrateBps: 200_000 }
`

export async function startSoakFleet(): Promise<SoakFleet> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-soak-'))
  await Promise.all(
    Object.entries({ 'ladder.yaml': LADDER, 'narrow.yaml': NARROW, 'routes.yaml': ROUTES }).map(([name, text]) =>
      writeFile(join(folder, name), text),
    ),
  )
  const sqs = await startElasticMq([QUEUE], { maxReceives: MOST_DELIVERIES })
  const services = await startServices({
    ...{ events: false, proxied: true, networks: ['redis', 's3', 'kafka'] },
    env: settings(folder, sqs),
  }).catch(async (error: unknown) => {
    await sqs.close()
    throw error
  })
  const every = { workers: [] as ServiceProcess[], schedulers: [services.first] }
  const now = new Map<Process, ServiceProcess>([['s1', services.first]])
  const start = async (name: Process): Promise<void> => {
    const isWorker = WORKERS.some((worker) => worker === name)
    const made = await services[isWorker ? 'worker' : 'scheduler']({ GANTRY_WORKER_ID: name })
    every[isWorker ? 'workers' : 'schedulers'].push(made)
    now.set(name, made)
  }
  const named = (name: Process): ServiceProcess => now.get(name) ?? services.first
  for (const name of [...WORKERS, ...SCHEDULERS.slice(1)]) await start(name)
  await services.first.line({ msg: 'scheduler ready' })
  await Promise.all(WORKERS.map((name) => named(name).line({ msg: 'worker ready' })))
  return {
    ...{ folder, services, sqs, ...every, named },
    startAgain: async (name) => {
      await named(name).exited
      await start(name)
    },
    close: async () => {
      await services.close()
      await sqs.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function settings(folder: string, sqs: SqsServer): Record<string, string> {
  return {
    GANTRY_LADDER: join(folder, 'ladder.yaml'),
    GANTRY_ROUTES: join(folder, 'routes.yaml'),
    GANTRY_PIECE_SECONDS: '4',
    GANTRY_LOCK_MS: String(LEASE_MS.worker),
    GANTRY_STALL_CHECK_MS: '2000',
    GANTRY_DRAIN_SECONDS: '3',
    GANTRY_POISON_LIMIT: '50',
    GANTRY_SQS_URL: sqs.queueUrl(QUEUE),
    GANTRY_SQS_ENDPOINT: sqs.endpoint,
    GANTRY_SQS_REGION: sqs.region,
    GANTRY_SQS_VISIBILITY_SECONDS: '10',
  }
}
