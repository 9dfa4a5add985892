/** Retry and redo on real stores and a real queue: at any death between two writes, twice, and two at once. */
import type { Intent } from '../../core/contract/intent'
import { at, stateKeys } from '../../core/contract/keys'
import { writeMarker, readIntent, runPlace } from '../../core/state/run-records'
import { reconcileAsset } from '../../scheduler/reconcile'
import { runAgain } from '../../scheduler/runs/retry'
import { audioMarker, track } from '../support/builders'
import { dyingStore } from '../support/dying-store'
import { ASSET, finalOf, plannedIntent, putRun, STATE } from '../support/planned-asset'
import { describeRuns, type RunStage } from '../support/run-bench'

const RETRY = { operation: 'retry' } as const

async function prepare(stage: RunStage): Promise<void> {
  const run = await putRun(stage.kind.store, plannedIntent(), finalOf('cancelled'))
  await writeMarker(stage.kind.store, run, audioMarker(track('audio', [])))
  await reconcileAsset(stage.parts, ASSET)
  stage.told.length = 0
}

describeRuns('on %s', prepare, (stage) => {
  afterEach(async () => {
    const intent = await second()
    if (intent !== null) await stage.bench.queue.dropRun(intent.jobs)
  })

  const second = (): Promise<Intent | null> => readIntent(stage.kind.store, runPlace(STATE, ASSET, 2))

  it('opens one run, whoever asks how often, and the reconciler queues and tells of it', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => runAgain(stage.parts, ASSET, RETRY)))
    outcomes.push(await runAgain(stage.parts, ASSET, RETRY))
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['done', 'known', 'known', 'known'])
    expect(new Set(outcomes.map(({ run }) => run))).toEqual(new Set([2]))
    expect(await reconcileAsset(stage.parts, ASSET)).toMatchObject({ status: 'running', intent: { run: 2 } })
    expect(await stage.bench.queued()).toBe(2)
    expect(stage.told.map(({ id }) => id)).toEqual([`${ASSET}:2:asset.accepted`, `${ASSET}:2:asset.planned`])
    expect((await second())?.jobs.find(({ kind: of }) => of === 'audio')?.reuse).toMatchObject({
      run: 1,
      part: 'audio',
    })
  })

  it.each([1, 2, 3, 4, 5])('comes to the same after a death at write %d', async (diesAt) => {
    await expect(
      runAgain({ ...stage.parts, store: dyingStore(stage.kind.store, diesAt).store }, ASSET, RETRY),
    ).rejects.toThrow('died')
    await reconcileAsset(stage.parts, ASSET)
    if (diesAt <= 2) expect((await runAgain(stage.parts, ASSET, RETRY)).outcome).toBe('done')
    await reconcileAsset(stage.parts, ASSET)
    expect((await second())?.origin).toEqual({ operation: 'retry', run: 1, rungIds: [] })
    expect(await stage.bench.opened(stage.kind.store)).toEqual([ASSET])
    expect(await stage.bench.queued()).toBe(2)
    expect(stage.told.map(({ type }) => type)).toEqual(['asset.accepted', 'asset.planned'])
  })

  it('has no more writes than those at which it was let die', async () => {
    const counted = dyingStore(stage.kind.store, Infinity)
    await runAgain({ ...stage.parts, store: counted.store }, ASSET, RETRY)
    expect(counted.writes()).toBe(5)
  })

  it('is not hidden by the end of the run before, which takes the entry away at the same time', async () => {
    const entry = at(STATE, stateKeys.open(ASSET))
    // The reconciler has looked at the run before, and removes the entry when the next plan is written.
    const late = {
      ...stage.kind.store,
      remove: async (where: typeof entry): Promise<void> => {
        if (where.key === entry.key) await runAgain(stage.parts, ASSET, RETRY)
        await stage.kind.store.remove(where)
      },
    }
    await reconcileAsset({ ...stage.parts, store: late }, ASSET)
    expect(await stage.bench.opened(stage.kind.store)).toEqual([ASSET])
  })

  it('says so when somebody else has opened that run for something else', async () => {
    await runAgain(stage.parts, ASSET, RETRY)
    await expect(runAgain(stage.parts, ASSET, { operation: 'redo', rungId: '360p' })).rejects.toMatchObject({
      code: 'API_ASSET_STATE',
    })
    await expect(runAgain(stage.parts, 'z'.repeat(20), RETRY)).rejects.toMatchObject({ code: 'API_ASSET_UNKNOWN' })
  })
})
