/** Deletion on real stores: at any death between two writes, twice, against a late publisher, and nothing else is touched. */
import { at, below } from '../../core/contract/keys'
import { isDeletedSince, readFinal, runPlace } from '../../core/state/run-records'
import { reconcileAsset } from '../../scheduler/reconcile'
import { cancelAsset } from '../../scheduler/runs/cancel'
import { deleteAsset } from '../../scheduler/runs/delete'
import { runAgain } from '../../scheduler/runs/retry'
import { dyingStore } from '../support/dying-store'
import { ASSET, finalOf, plannedIntent, putRun, STATE } from '../support/planned-asset'
import { describeRuns, type RunStage } from '../support/run-bench'

const home = plannedIntent().home
const OBJECTS = ['master.m3u8', 'asset.json', ...['1', '2'].flatMap((n) => [`r${n}/a.m4s`, `r${n}/video/360p/b.m4s`])]
/** Beside them, and in folders whose names begin alike. */
const OTHERS = [below(home, 'notes.txt').prefix, below(home, 'raw/r1/x').prefix, `${home.prefix}x/r1/a.m4s`]

async function prepare(stage: RunStage): Promise<void> {
  await putRun(stage.kind.store, plannedIntent(), finalOf('failed'))
  await putRun(stage.kind.store, plannedIntent({ run: 2 }), finalOf('cancelled', 2))
  const keys = [...OBJECTS.map((key) => at(home, key).key), ...OTHERS]
  for (const key of keys) {
    await stage.kind.store.write({ bucket: home.bucket, key }, Buffer.from(key), { contentType: 'text/plain' })
  }
  await reconcileAsset(stage.parts, ASSET)
  stage.told.length = 0
}

describeRuns('delete on %s', prepare, (stage) => {
  const left = async (): Promise<string[]> => {
    const keys: string[] = []
    for await (const { key } of stage.kind.store.list({ bucket: home.bucket, prefix: 'films/' })) keys.push(key)
    return keys
  }
  const expectGone = async (): Promise<void> => {
    expect(await left()).toEqual([...OTHERS].sort())
    expect(stage.told.map(({ id }) => id)).toEqual([`${ASSET}:3:asset.deleted`])
    expect(await stage.bench.opened(stage.kind.store)).toEqual([])
    expect(await readFinal(stage.kind.store, runPlace(STATE, ASSET, 3))).toMatchObject({ status: 'deleted' })
  }

  it('removes what is public first, then all of every run, and nothing else; twice is once', async () => {
    const removed: string[] = []
    const watched = {
      ...stage.kind.store,
      remove: (where: { bucket: string; key: string }): Promise<void> => {
        removed.push(where.key)
        return stage.kind.store.remove(where)
      },
    }
    expect(await deleteAsset(stage.parts, ASSET)).toEqual({ assetId: ASSET, run: 3, outcome: 'done' })
    await reconcileAsset({ ...stage.parts, store: watched, storeOf: () => watched }, ASSET)
    const atFirst = ['master.m3u8', 'manifest.mpd', 'early.m3u8', 'asset.json']
    expect(removed.slice(0, 4)).toEqual(atFirst.map((name) => at(home, name).key))
    await expectGone()
    expect(await deleteAsset(stage.parts, ASSET)).toEqual({ assetId: ASSET, run: 3, outcome: 'known' })
    await reconcileAsset(stage.parts, ASSET)
    await expectGone()
  })

  it.each([1, 2, 3])('comes to the same after a death of the command at write %d', async (diesAt) => {
    await expect(
      deleteAsset({ ...stage.parts, store: dyingStore(stage.kind.store, diesAt).store }, ASSET),
    ).rejects.toThrow('died')
    await reconcileAsset(stage.parts, ASSET)
    await deleteAsset(stage.parts, ASSET)
    await reconcileAsset(stage.parts, ASSET)
    await expectGone()
  })

  it('comes to the same when the reconciler dies at each of its writes in turn', async () => {
    await deleteAsset(stage.parts, ASSET)
    let deaths = 0
    for (let diesAt = 1; ; diesAt += 1) {
      const { store } = dyingStore(stage.kind.store, diesAt)
      const died = await reconcileAsset({ ...stage.parts, store, storeOf: () => store }, ASSET).then(
        () => false,
        () => true,
      )
      if (!died) break
      deaths += 1
      expect(await stage.bench.opened(stage.kind.store)).toEqual([ASSET])
    }
    expect(deaths).toBeGreaterThan(5)
    expect(await left()).toEqual([...OTHERS].sort())
    // It was stage.told, and died before it could note that; the id is the same.
    expect(new Set(stage.told.map(({ id }) => id))).toEqual(new Set([`${ASSET}:3:asset.deleted`]))
  })

  it('refuses while a run is under way, until that is cancelled', async () => {
    await runAgain(stage.parts, ASSET, { operation: 'retry' })
    await expect(deleteAsset(stage.parts, ASSET)).rejects.toMatchObject({ code: 'API_ASSET_STATE' })
    expect(await left()).toHaveLength(OBJECTS.length + OTHERS.length)
    await cancelAsset(stage.parts, ASSET)
    expect(await deleteAsset(stage.parts, ASSET)).toMatchObject({ run: 4, outcome: 'done' })
  })

  it('has the last word of a run that somebody opens at the same time', async () => {
    const [deleted, retried] = await Promise.allSettled([
      deleteAsset(stage.parts, ASSET),
      runAgain(stage.parts, ASSET, { operation: 'retry' }),
    ])
    await reconcileAsset(stage.parts, ASSET)
    if (deleted.status === 'fulfilled') expect(await left()).toEqual([...OTHERS].sort())
    else expect(retried).toMatchObject({ status: 'fulfilled', value: { run: 3 } })
    expect([deleted.status, retried.status]).toContain('fulfilled')
    await stage.bench.queue.dropRun(plannedIntent({ run: 3 }).jobs)
  })

  it('is seen by a publisher of an earlier run, and by no other', async () => {
    const seen = (run: number): Promise<boolean> => isDeletedSince(stage.kind.store, runPlace(STATE, ASSET, run))
    expect(await seen(1)).toBe(false)
    await deleteAsset(stage.parts, ASSET)
    expect([await seen(1), await seen(2), await seen(3)]).toEqual([true, true, false])
  })
})
