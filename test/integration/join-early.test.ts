/** A join that the queue gives out though a piece has failed: it leaves the word to the piece. */
import { at, runKeys } from '../../core/contract/keys'
import type { AnyEvent } from '../../core/contract/event'
import { doneParts, readFailures, readIntent, runPlace, writeFailure } from '../../core/state/run-records'
import { openAssets, reconcileAsset } from '../../scheduler/reconcile'
import { submit } from '../../scheduler/submit'
import { handleJob, recordJobFailure } from '../../worker/handlers'
import { asGantryError } from '../../core/contract/errors'
import { openSmallFleet, STATE, type SmallFleet } from '../support/faults/small-fleet'

let fleet: SmallFleet
beforeAll(async () => {
  fleet = await openSmallFleet()
})
afterAll(() => fleet.close())

it('the asset fails with the code of the piece, not with that of the join', async () => {
  const { signal } = new AbortController()
  const store = await fleet.openStore('early')
  const told: AnyEvent[] = []
  const sink = { emit: async (event: AnyEvent) => void told.push(event), close: () => Promise.resolve() }
  const ports = { store, queue: fleet.queue, sink }
  const parts = fleet.scheduler(ports)
  const { assetId } = await submit(parts, await fleet.submission(store), signal)
  const place = runPlace(STATE, assetId, 1)
  const jobs = (await readIntent(store, place))?.jobs ?? []
  const [piece, join] = ['video-piece', 'join'].map((kind) => jobs.find((job) => job.kind === kind))
  if (piece === undefined || join === undefined) throw new Error('no plan')
  await writeFailure(store, place, {
    ...{ v: 1, jobId: piece.jobId, part: piece.part, code: 'STORE_FULL', message: 'no room', details: {} },
    ...{ workerId: 'w', at: new Date().toISOString() },
  })
  // As the queue does when a child of the join has failed for good, before the scheduler has heard of it.
  const worker = fleet.worker(ports)
  await handleJob(worker, join, { signal, isLast: true, tellRemaining: () => undefined }).catch((thrown: unknown) =>
    recordJobFailure(worker, join, asGantryError(thrown)),
  )
  expect((await readFailures(store, place)).map(({ part }) => part)).toEqual([piece.part])
  expect(await doneParts(store, place)).toEqual(new Set())
  expect(await reconcileAsset(parts, assetId)).toMatchObject({ status: 'closed', final: { code: 'STORE_FULL' } })
  expect(told.at(-1)).toMatchObject({ type: 'asset.failed', data: { code: 'STORE_FULL' } })
  expect(await store.head(at(place, runKeys.final))).not.toBeNull()
  for await (const id of openAssets(store, STATE)) throw new Error(`${id} is open`)
})
