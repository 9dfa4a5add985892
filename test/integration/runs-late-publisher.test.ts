/** A publisher that was frozen meets a deletion: before its look, or between its look and its write. */
import { pino } from 'pino'
import type { FinalRecord, Intent } from '../../core/contract/intent'
import type { PublishJob } from '../../core/contract/job'
import { at, homeKeys, runKeys } from '../../core/contract/keys'
import type { ObjectStore } from '../../core/ports/object-store'
import { writeRecord } from '../../core/state/records'
import { runPlace } from '../../core/state/run-records'
import { handlePublish } from '../../worker/publish'
import { finalOf } from '../support/planned-asset'
import { folderStore, type KindOfStore } from '../support/store-kinds'
import { FILM_AT, unpublishedFilm } from '../support/unpublished-film'

let kind: KindOfStore
let intent: Intent
let job: PublishJob
beforeEach(async () => {
  kind = await folderStore()
  ;({ intent, job } = await unpublishedFilm(kind))
})
afterEach(() => kind.close())

const publish = (store: ObjectStore): Promise<void> => {
  const context = { store, log: pino({ enabled: false }), workerId: 'w', now: () => new Date(FILM_AT) }
  return handlePublish(context, job, new AbortController().signal)
}
const remove = (): Promise<void> => {
  const state = { bucket: kind.bucket, prefix: 'state' }
  const record: FinalRecord = finalOf('deleted', 2)
  return writeRecord(kind.store, at(runPlace(state, intent.assetId, 2), runKeys.final), record)
}
const shown = async (): Promise<boolean[]> =>
  Promise.all(
    [homeKeys.master, homeKeys.asset].map(async (key) => (await kind.store.head(at(intent.home, key))) !== null),
  )

it('shows what nobody has deleted', async () => {
  await publish(kind.store)
  expect(await shown()).toEqual([true, true])
})

it('shows nothing of what was deleted before', async () => {
  await remove()
  await publish(kind.store)
  expect(await shown()).toEqual([false, false])
})

it('takes back what it showed while it was deleted', async () => {
  const late: ObjectStore = {
    ...kind.store,
    write: async (where, body, options) => {
      if (where.key === at(intent.home, homeKeys.master).key) await remove()
      return kind.store.write(where, body, options)
    },
  }
  await publish(late)
  expect(await shown()).toEqual([false, false])
})
