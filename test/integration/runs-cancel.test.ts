/** Cancelling on real stores and a real queue: at any death between two writes, twice, and against a publication. */
import type { AnyEvent } from '../../core/contract/event'
import type { FinalRecord } from '../../core/contract/intent'
import { at, runKeys } from '../../core/contract/keys'
import { writeRecordOnce } from '../../core/state/records'
import { readFinal, runPlace } from '../../core/state/run-records'
import { reconcileAsset, type ReconcileParts } from '../../scheduler/reconcile'
import { cancelAsset } from '../../scheduler/runs/cancel'
import { findAsset } from '../../scheduler/runs/read-asset'
import { dyingStore } from '../support/dying-store'
import { ASSET, finalOf, plannedIntent, putRun, STATE } from '../support/planned-asset'
import { startRunBench, type RunBench } from '../support/run-bench'
import { folderStore, s3Store, type KindOfStore } from '../support/store-kinds'

const run = runPlace(STATE, ASSET, 1)

describe.each([
  ['a folder', folderStore],
  ['an S3 server', s3Store],
])('cancel on %s', (_, open) => {
  let kind: KindOfStore
  let bench: RunBench
  let parts: ReconcileParts
  let told: AnyEvent[]

  beforeAll(async () => {
    bench = await startRunBench()
  })
  afterAll(() => bench.close())

  beforeEach(async () => {
    kind = await open()
    told = []
    parts = bench.parts(kind.store, told)
    await putRun(kind.store, plannedIntent())
    await reconcileAsset(parts, ASSET)
  })
  afterEach(() => kind.close())

  it('gives the run its last word, clears the queue, tells the workers and the world once, and closes it', async () => {
    expect(await bench.queued()).toBe(2)
    const dropped: string[] = []
    bench.signals.hear('run-closed', (runId) => void dropped.push(runId))
    expect(await cancelAsset(parts, ASSET)).toEqual({ assetId: ASSET, run: 1, outcome: 'done' })
    expect(await cancelAsset(parts, ASSET)).toEqual({ assetId: ASSET, run: 1, outcome: 'known' })
    expect(await reconcileAsset(parts, ASSET)).toMatchObject({ status: 'closed', final: { status: 'cancelled' } })
    // A signal is lost that is told before the ear hears; a look is repeated, as in a sweep.
    while (dropped.length === 0) await reconcileAsset(parts, ASSET)
    expect(dropped).toContain(`${ASSET}.1`)
    expect(await bench.queued()).toBe(0)
    expect(told.map(({ type }) => type)).toEqual(['asset.accepted', 'asset.planned', 'asset.cancelled'])
    expect(await bench.opened(kind.store)).toEqual([])
  })

  it.each([1, 2, 3])('is finished by the reconciler or asked for again after a death at write %d', async (diesAt) => {
    const dying = dyingStore(kind.store, diesAt)
    await expect(cancelAsset({ ...parts, store: dying.store }, ASSET)).rejects.toThrow('died')
    await reconcileAsset(parts, ASSET)
    if ((await readFinal(kind.store, run)) === null) await cancelAsset(parts, ASSET)
    await reconcileAsset(parts, ASSET)
    expect(await readFinal(kind.store, run)).toMatchObject({ status: 'cancelled' })
    expect(told.map(({ type }) => type)).toEqual(['asset.accepted', 'asset.planned', 'asset.cancelled'])
    expect(await bench.opened(kind.store)).toEqual([])
    expect(await bench.queued()).toBe(0)
  })

  it('has no more writes than those at which it was let die', async () => {
    const counted = dyingStore(kind.store, Infinity)
    await cancelAsset({ ...parts, store: counted.store }, ASSET)
    expect(counted.writes()).toBe(3)
  })

  it('leaves one last word when it meets a publication, and says which', async () => {
    const publish = writeRecordOnce<FinalRecord>(kind.store, at(run, runKeys.final), finalOf('published'))
    const [published, cancelled] = await Promise.allSettled([publish, cancelAsset(parts, ASSET)])
    const final = await readFinal(kind.store, run)
    expect(published.status === 'fulfilled' && published.value.record).toEqual(final)
    if (final?.status === 'published') {
      expect(cancelled).toMatchObject({ status: 'rejected', reason: { code: 'API_ASSET_STATE' } })
    } else {
      expect(cancelled).toMatchObject({ status: 'fulfilled', value: { outcome: 'done' } })
    }
  })

  it('does not end what was published, and does not know what is not there', async () => {
    await writeRecordOnce<FinalRecord>(kind.store, at(run, runKeys.final), finalOf('published'))
    await expect(cancelAsset(parts, ASSET)).rejects.toMatchObject({ code: 'API_ASSET_STATE' })
    await expect(cancelAsset(parts, 'z'.repeat(20))).rejects.toMatchObject({ code: 'API_ASSET_UNKNOWN' })
  })

  it('finds an asset by its id, its beginning and the name of its folder, and no other', async () => {
    const other = `${ASSET.slice(0, 12)}zzzzzzzz`
    expect(await findAsset(parts, ASSET)).toBe(ASSET)
    expect(await findAsset(parts, ASSET.slice(0, 4))).toBe(ASSET)
    expect(await findAsset(parts, `My-Film-${ASSET.slice(0, 10)}`)).toBe(ASSET)
    for (const word of ['', '../..', 'abc', 'zzzz', `${ASSET}a`, 'ABCD']) {
      await expect(findAsset(parts, word)).rejects.toMatchObject({ code: 'API_ASSET_UNKNOWN' })
    }
    await putRun(kind.store, plannedIntent({ assetId: other }))
    await expect(findAsset(parts, ASSET.slice(0, 10))).rejects.toThrow(other)
    expect(await findAsset(parts, other)).toBe(other)
  })
})
