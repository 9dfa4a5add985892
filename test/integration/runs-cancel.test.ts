/** Cancelling on real stores and a real queue: at any death between two writes, twice, and against a publication. */
import type { FinalRecord } from '../../core/contract/intent'
import { at, runKeys } from '../../core/contract/keys'
import { writeRecordOnce } from '../../core/state/records'
import { readFinal, runPlace } from '../../core/state/run-records'
import { reconcileAsset } from '../../scheduler/reconcile'
import { cancelAsset } from '../../scheduler/runs/cancel'
import { findAsset } from '../../scheduler/runs/read-asset'
import { dyingStore } from '../support/dying-store'
import { ASSET, finalOf, plannedIntent, putRun, STATE } from '../support/planned-asset'
import { describeRuns, type RunStage } from '../support/run-bench'

const run = runPlace(STATE, ASSET, 1)

async function prepare(stage: RunStage): Promise<void> {
  await putRun(stage.kind.store, plannedIntent())
  await reconcileAsset(stage.parts, ASSET)
}

describeRuns('cancel on %s', prepare, (stage) => {
  it('gives the run its last word, clears the queue, tells the workers and the world once, and closes it', async () => {
    expect(await stage.bench.queued()).toBe(2)
    const dropped: string[] = []
    stage.bench.signals.hear('run-closed', (runId) => void dropped.push(runId))
    expect(await cancelAsset(stage.parts, ASSET)).toEqual({ assetId: ASSET, run: 1, outcome: 'done' })
    expect(await cancelAsset(stage.parts, ASSET)).toEqual({ assetId: ASSET, run: 1, outcome: 'known' })
    expect(await reconcileAsset(stage.parts, ASSET)).toMatchObject({ status: 'closed', final: { status: 'cancelled' } })
    // A signal is lost that is told before the ear hears; a look is repeated, as in a sweep.
    while (dropped.length === 0) await reconcileAsset(stage.parts, ASSET)
    expect(dropped).toContain(`${ASSET}.1`)
    expect(await stage.bench.queued()).toBe(0)
    expect(stage.told.map(({ type }) => type)).toEqual(['asset.accepted', 'asset.planned', 'asset.cancelled'])
    expect(await stage.bench.opened(stage.kind.store)).toEqual([])
  })

  it.each([1, 2, 3])('is finished by the reconciler or asked for again after a death at write %d', async (diesAt) => {
    const dying = dyingStore(stage.kind.store, diesAt)
    await expect(cancelAsset({ ...stage.parts, store: dying.store }, ASSET)).rejects.toThrow('died')
    await reconcileAsset(stage.parts, ASSET)
    if ((await readFinal(stage.kind.store, run)) === null) await cancelAsset(stage.parts, ASSET)
    await reconcileAsset(stage.parts, ASSET)
    expect(await readFinal(stage.kind.store, run)).toMatchObject({ status: 'cancelled' })
    expect(stage.told.map(({ type }) => type)).toEqual(['asset.accepted', 'asset.planned', 'asset.cancelled'])
    expect(await stage.bench.opened(stage.kind.store)).toEqual([])
    expect(await stage.bench.queued()).toBe(0)
  })

  it('has no more writes than those at which it was let die', async () => {
    const counted = dyingStore(stage.kind.store, Infinity)
    await cancelAsset({ ...stage.parts, store: counted.store }, ASSET)
    expect(counted.writes()).toBe(3)
  })

  it('leaves one last word when it meets a publication, and says which', async () => {
    const publish = writeRecordOnce<FinalRecord>(stage.kind.store, at(run, runKeys.final), finalOf('published'))
    const [published, cancelled] = await Promise.allSettled([publish, cancelAsset(stage.parts, ASSET)])
    const final = await readFinal(stage.kind.store, run)
    expect(published.status === 'fulfilled' && published.value.record).toEqual(final)
    if (final?.status === 'published') {
      expect(cancelled).toMatchObject({ status: 'rejected', reason: { code: 'API_ASSET_STATE' } })
    } else {
      expect(cancelled).toMatchObject({ status: 'fulfilled', value: { outcome: 'done' } })
    }
  })

  it('does not end what was published, and does not know what is not there', async () => {
    await writeRecordOnce<FinalRecord>(stage.kind.store, at(run, runKeys.final), finalOf('published'))
    await expect(cancelAsset(stage.parts, ASSET)).rejects.toMatchObject({ code: 'API_ASSET_STATE' })
    await expect(cancelAsset(stage.parts, 'z'.repeat(20))).rejects.toMatchObject({ code: 'API_ASSET_UNKNOWN' })
  })

  it('finds an asset by its id, its beginning and the name of its folder, and no other', async () => {
    const other = `${ASSET.slice(0, 12)}zzzzzzzz`
    expect(await findAsset(stage.parts, ASSET)).toBe(ASSET)
    expect(await findAsset(stage.parts, ASSET.slice(0, 4))).toBe(ASSET)
    expect(await findAsset(stage.parts, `My-Film-${ASSET.slice(0, 10)}`)).toBe(ASSET)
    for (const word of ['', '../..', 'abc', 'zzzz', `${ASSET}a`, 'ABCD']) {
      await expect(findAsset(stage.parts, word)).rejects.toMatchObject({ code: 'API_ASSET_UNKNOWN' })
    }
    await putRun(stage.kind.store, plannedIntent({ assetId: other }))
    await expect(findAsset(stage.parts, ASSET.slice(0, 10))).rejects.toThrow(other)
    expect(await findAsset(stage.parts, other)).toBe(other)
  })
})
