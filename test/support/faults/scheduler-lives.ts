/** Life after life of a real scheduler, each with a master of its own and a death at a chosen step. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brokenInvariants } from '../invariants'
import { startServices, type ServiceProcess } from '../services'
import { allClosed, deathsIn, endLease, nameOf, writeSmall, type DeathPoint } from './deaths'
import { piecesOf, tracesOf, type Pieces } from './service-traces'

/** Until it is made a sender has had no answer. */
export const KEEPS_MESSAGE = 'PutObject state/gantry/intake/<hash>.json'

export interface SchedulerLives {
  /** @returns What was encoded of the life's master; null where it was closed without the death. */
  live(point: DeathPoint | null): Promise<Pieces | null>
  /** Steps since the last call. */
  steps(): string[]
  /** Masters so far. */
  count(): number
  /** What is wrong after all of them; each must be told as published. */
  broken(): Promise<string[]>
  close(): Promise<void>
}

export async function openLives(): Promise<SchedulerLives> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-deaths-'))
  const deaths = deathsIn(folder)
  const { film, ladder } = await writeSmall(folder)
  const services = await startServices({ events: true, env: { GANTRY_LADDER: ladder }, firstEnv: deaths.env })
  let scheduler = services.first
  const worker = await services.worker()
  await Promise.all([scheduler.line({ msg: 'scheduler ready' }), worker.line({ msg: 'worker ready' })])
  let lives = 0
  let known: string[] = []

  const diesIn = async ({ exited }: ServiceProcess): Promise<boolean> => {
    await Promise.race([exited, allClosed(services, lives)])
    if (deaths.disarm()) return false
    await exited
    return true
  }
  const live = async (point: DeathPoint | null): Promise<Pieces | null> => {
    lives += 1
    const key = `film${lives}.mp4`
    if (point !== null) deaths.arm(point)
    await services.put(key, film)
    const died = point !== null && (await diesIn(scheduler))
    if (died) {
      await endLease(services)
      scheduler = await services.firstAgain()
      await scheduler.line({ msg: 'scheduler ready' })
      // What was not kept was not answered either: it is the sender's to tell again.
      if (nameOf(point) === `before 1 ${KEEPS_MESSAGE}`) await services.put(key, film)
    }
    const ids = await allClosed(services, lives)
    const assetId = ids.find((id) => !known.includes(id)) ?? ''
    known = ids
    return point === null || died ? piecesOf([worker], assetId) : null
  }
  return {
    ...{ live, steps: deaths.steps, count: () => lives },
    broken: async () => {
      const traces = await tracesOf(services, [worker])
      const published = traces.events.filter(({ type }) => type === 'asset.published')
      const count = new Set(published.map(({ assetId }) => assetId)).size
      const missing = count === lives ? [] : [`${count} of ${lives} are told as published`]
      return [...(await brokenInvariants(traces)), ...missing]
    },
    close: async () => {
      await services.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
