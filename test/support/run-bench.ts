/** A state with a reconciler on a real queue, for tests of what is done with runs. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJobQueue } from '../../core/adapters/bullmq-queue'
import { redisTarget } from '../../core/adapters/redis-connection'
import { startRedisServer } from '../../core/adapters/redis-server'
import { redisSignals } from '../../core/adapters/redis-signals'
import type { AnyEvent } from '../../core/contract/event'
import type { JobQueue } from '../../core/ports/job-queue'
import type { ObjectStore } from '../../core/ports/object-store'
import type { Signals } from '../../core/ports/signals'
import { openAssets, type ReconcileParts } from '../../scheduler/reconcile'
import { STATE } from './planned-asset'
import { folderStore, s3Store, type KindOfStore } from './store-kinds'

export interface RunBench {
  queue: JobQueue
  signals: Signals
  /** @param told Takes the events. */
  parts(store: ObjectStore, told: AnyEvent[]): ReconcileParts
  queued(): Promise<number>
  opened(store: ObjectStore): Promise<string[]>
  close(): Promise<void>
}

export async function startRunBench(): Promise<RunBench> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-runs-'))
  const server = await startRedisServer({ program: 'redis-server', folder, onRestart: () => undefined })
  const target = redisTarget(server.url)
  const onError = (): void => undefined
  const queue = await createJobQueue({ redis: target, prefix: '{runs}', attempts: 2, retryDelayMs: 10, onError })
  const signals = redisSignals(target, '{runs}', onError)
  return {
    ...{ queue, signals },
    parts: (store, told) => ({
      ...{ store, state: STATE, storeOf: () => store, queue, signals, now: () => new Date('2026-01-01T00:01:00.000Z') },
      sink: { emit: (event) => Promise.resolve(void told.push(event)), close: () => Promise.resolve() },
      onRelayFailure: () => undefined,
      onLearnFailure: () => undefined,
    }),
    queued: async () => (await queue.counts()).reduce((sum, { jobs }) => sum + jobs, 0),
    opened: async (store) => {
      const ids: string[] = []
      for await (const id of openAssets(store, STATE)) ids.push(id)
      return ids
    },
    close: async () => {
      await queue.close()
      await signals.close()
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What a test has before it: a store of its own, what reconciles in it, and the events that it told. */
export interface RunStage {
  kind: KindOfStore
  bench: RunBench
  parts: ReconcileParts
  told: AnyEvent[]
}

/**
 * Runs the tests on a folder and on an S3 server.
 *
 * @param name With `%s` for the store.
 * @param prepare What is in the store at first.
 */
export function describeRuns(
  name: string,
  prepare: (stage: RunStage) => Promise<void>,
  tests: (stage: RunStage) => void,
): void {
  describe.each([
    ['a folder', folderStore],
    ['an S3 server', s3Store],
  ])(name, (_, open) => {
    const stage = {} as RunStage
    beforeAll(async () => {
      stage.bench = await startRunBench()
    })
    afterAll(() => stage.bench.close())
    beforeEach(async () => {
      stage.kind = await open()
      stage.told = []
      stage.parts = stage.bench.parts(stage.kind.store, stage.told)
      await prepare(stage)
    })
    tests(stage)
    // Behind those of the tests, which may still read.
    afterEach(() => stage.kind.close())
  })
}
