/** Retry and redo on real stores and a real queue: at any death between two writes, twice, and two at once. */
import type { AnyEvent } from '../../core/contract/event'
import type { Intent } from '../../core/contract/intent'
import { at, stateKeys } from '../../core/contract/keys'
import { writeMarker, readIntent, runPlace } from '../../core/state/run-records'
import { reconcileAsset, type ReconcileParts } from '../../scheduler/reconcile'
import { runAgain } from '../../scheduler/runs/retry'
import { audioMarker, track } from '../support/builders'
import { dyingStore } from '../support/dying-store'
import { ASSET, finalOf, plannedIntent, putRun, STATE } from '../support/planned-asset'
import { startRunBench, type RunBench } from '../support/run-bench'
import { folderStore, s3Store, type KindOfStore } from '../support/store-kinds'

const RETRY = { operation: 'retry' } as const

describe.each([
  ['a folder', folderStore],
  ['an S3 server', s3Store],
])('on %s', (_, open) => {
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
    const run = await putRun(kind.store, plannedIntent(), finalOf('cancelled'))
    await writeMarker(kind.store, run, audioMarker(track('audio', [])))
    await reconcileAsset(parts, ASSET)
    told.length = 0
  })
  afterEach(async () => {
    const intent = await second()
    if (intent !== null) await bench.queue.dropRun(intent.jobs)
    await kind.close()
  })

  const second = (): Promise<Intent | null> => readIntent(kind.store, runPlace(STATE, ASSET, 2))

  it('opens one run, whoever asks how often, and the reconciler queues and tells of it', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => runAgain(parts, ASSET, RETRY)))
    outcomes.push(await runAgain(parts, ASSET, RETRY))
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['done', 'known', 'known', 'known'])
    expect(new Set(outcomes.map(({ run }) => run))).toEqual(new Set([2]))
    expect(await reconcileAsset(parts, ASSET)).toMatchObject({ status: 'running', intent: { run: 2 } })
    expect(await bench.queued()).toBe(2)
    expect(told.map(({ id }) => id)).toEqual([`${ASSET}:2:asset.accepted`, `${ASSET}:2:asset.planned`])
    expect((await second())?.jobs.find(({ kind: of }) => of === 'audio')?.reuse).toMatchObject({
      run: 1,
      part: 'audio',
    })
  })

  it.each([1, 2, 3, 4, 5])('comes to the same after a death at write %d', async (diesAt) => {
    await expect(runAgain({ ...parts, store: dyingStore(kind.store, diesAt).store }, ASSET, RETRY)).rejects.toThrow(
      'died',
    )
    await reconcileAsset(parts, ASSET)
    if (diesAt <= 2) expect((await runAgain(parts, ASSET, RETRY)).outcome).toBe('done')
    await reconcileAsset(parts, ASSET)
    expect((await second())?.origin).toEqual({ operation: 'retry', run: 1, rungIds: [] })
    expect(await bench.opened(kind.store)).toEqual([ASSET])
    expect(await bench.queued()).toBe(2)
    expect(told.map(({ type }) => type)).toEqual(['asset.accepted', 'asset.planned'])
  })

  it('has no more writes than those at which it was let die', async () => {
    const counted = dyingStore(kind.store, Infinity)
    await runAgain({ ...parts, store: counted.store }, ASSET, RETRY)
    expect(counted.writes()).toBe(5)
  })

  it('is not hidden by the end of the run before, which takes the entry away at the same time', async () => {
    const entry = at(STATE, stateKeys.open(ASSET))
    // The reconciler has looked at the run before, and removes the entry when the next plan is written.
    const late = {
      ...kind.store,
      remove: async (where: typeof entry): Promise<void> => {
        if (where.key === entry.key) await runAgain(parts, ASSET, RETRY)
        await kind.store.remove(where)
      },
    }
    await reconcileAsset({ ...parts, store: late }, ASSET)
    expect(await bench.opened(kind.store)).toEqual([ASSET])
  })

  it('says so when somebody else has opened that run for something else', async () => {
    await runAgain(parts, ASSET, RETRY)
    await expect(runAgain(parts, ASSET, { operation: 'redo', rungId: '360p' })).rejects.toMatchObject({
      code: 'API_ASSET_STATE',
    })
    await expect(runAgain(parts, 'z'.repeat(20), RETRY)).rejects.toMatchObject({ code: 'API_ASSET_UNKNOWN' })
  })
})
