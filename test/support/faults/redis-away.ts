/** Redis goes away under two workers in mid-encode, and comes back: what must not have happened. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { brokenInvariants } from '../invariants'
import { startServices, type ServiceProcess, type Services } from '../services'
import { bothEncode, encodersOf, longMaster } from './long-pieces'
import { piecesOf, tracesOf } from './service-traces'
import type { TcpProxy } from './tcp-proxy'

export type Absence = 'a black hole' | 'refused and cut'

function goAway(network: TcpProxy, how: Absence): void {
  network.behave(how === 'a black hole' ? 'black hole' : 'refuse')
  if (how === 'refused and cut') network.cut()
}

export interface AwayFleet {
  /** @param awayMs Longer than a lease. */
  encodeThrough(how: Absence, awayMs: number): Promise<void>
  close(): Promise<void>
}

/** Two workers behind a network, for pieces of this length. */
export async function startAwayFleet(pieceSeconds: number, env: Readonly<Record<string, string>>): Promise<AwayFleet> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-away-'))
  const master = await longMaster(folder, pieceSeconds)
  const services = await startServices({ events: true, networks: ['redis'], env: { ...master.env, ...env } })
  const workers = await Promise.all(['w1', 'w2'].map((id) => services.worker({ GANTRY_WORKER_ID: id })))
  await Promise.all(workers.map((one) => one.line({ msg: 'worker ready' })))
  return {
    encodeThrough: (how, awayMs) => encodeThroughAbsence(services, workers, { how, awayMs, file: master.file }),
    close: async () => {
      await services.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function encodeThroughAbsence(
  services: Services & { first: ServiceProcess },
  workers: readonly ServiceProcess[],
  { how, awayMs, file }: { how: Absence; awayMs: number; file: string },
): Promise<void> {
  const network = services.network('redis')
  const key = `${how.replaceAll(' ', '-')}.mp4`
  const { assetId, pids } = await bothEncode(services, workers, { key, file })
  goAway(network, how)
  try {
    await delay(awayMs)
    expect(encodersOf(workers)).toEqual(pids)
  } finally {
    network.behave('pass')
  }
  const { outcome } = await services.first.line({ msg: 'asset closed', assetId })
  expect(outcome).toBe('published')
  const failed = workers.flatMap(({ lines }) => lines.filter(({ msg }) => msg === 'job failed'))
  expect(failed.map(({ jobId, code }) => [jobId, code])).toEqual([])
  expect(await brokenInvariants(await tracesOf(services, workers))).toEqual([])
  const { made, redone } = piecesOf(workers, assetId)
  process.stdout.write(`Redis away for ${awayMs / 1_000} s, ${how}: ${made} pieces, ${redone} redone\n`)
  expect({ made, redone }).toEqual({ made: 2, redone: 0 })
}
