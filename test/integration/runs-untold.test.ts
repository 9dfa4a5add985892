/** A run that was over and not told yet when the next one was opened, as happens while Kafka is away. */
import { reconcileAsset } from '../../scheduler/reconcile'
import { cancelAsset } from '../../scheduler/runs/cancel'
import { deleteAsset } from '../../scheduler/runs/delete'
import { runAgain } from '../../scheduler/runs/retry'
import { ASSET, plannedIntent, putRun } from '../support/planned-asset'
import { describeRuns, type RunStage } from '../support/run-bench'

async function prepare(stage: RunStage): Promise<void> {
  await putRun(stage.kind.store, plannedIntent())
}

describeRuns('an untold run on %s', prepare, (stage) => {
  const told = (): string[] => stage.told.map(({ run, type }) => `${run} ${type}`)

  it('is told before the deletion that followed it', async () => {
    await cancelAsset(stage.parts, ASSET)
    await deleteAsset(stage.parts, ASSET)
    await reconcileAsset(stage.parts, ASSET)
    expect(told()).toEqual(['1 asset.accepted', '1 asset.planned', '1 asset.cancelled', '2 asset.deleted'])
    expect(await stage.bench.opened(stage.kind.store)).toEqual([])
  })

  it('is told before what the next run has to tell, and once', async () => {
    await cancelAsset(stage.parts, ASSET)
    await runAgain(stage.parts, ASSET, { operation: 'retry' })
    await cancelAsset(stage.parts, ASSET)
    await runAgain(stage.parts, ASSET, { operation: 'retry' })
    await reconcileAsset(stage.parts, ASSET)
    await reconcileAsset(stage.parts, ASSET)
    const story = (run: number, ...types: string[]): string[] => types.map((type) => `${run} asset.${type}`)
    expect(told()).toEqual([
      ...story(1, 'accepted', 'planned', 'cancelled'),
      ...story(2, 'accepted', 'planned', 'cancelled'),
      ...story(3, 'accepted', 'planned'),
    ])
  })
})
