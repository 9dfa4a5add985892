/** A publisher that was frozen meets a deletion: before its look, or between its look and its write. */
import { pino } from 'pino'
import type { FinalRecord, Intent } from '../../core/contract/intent'
import type { PublishJob } from '../../core/contract/job'
import { at, homeKeys, runKeys } from '../../core/contract/keys'
import type { JoinMarker } from '../../core/contract/markers'
import type { ObjectStore } from '../../core/ports/object-store'
import { writeRecord } from '../../core/state/records'
import { readIntent, runPlace, writeMarker } from '../../core/state/run-records'
import { handlePublish } from '../../worker/publish'
import { finalOf } from '../support/planned-asset'
import { folderStore, type KindOfStore } from '../support/store-kinds'
import { SHORT_FILM, storeFilm } from '../support/synthetic-film'

const AT = '2026-01-01T00:00:00.000Z'

let kind: KindOfStore
let intent: Intent
let job: PublishJob
beforeEach(async () => {
  kind = await folderStore()
  const film = await storeFilm(kind.store, kind.bucket, SHORT_FILM)
  const planned = await readIntent(kind.store, film.job.state)
  if (planned === null) throw new Error('the film has no plan')
  const jobs = planned.jobs.filter((one) => one.kind !== 'mp4' && one.kind !== 'thumbnails')
  intent = { ...planned, jobs }
  await writeRecord(kind.store, at(film.job.state, runKeys.intent), intent)
  await writeMarker<JoinMarker>(kind.store, film.job.state, {
    ...{ v: 1, kind: 'join', part: 'join', attempt: 'a', workerId: 'w', at: AT },
    ...{ playbackSeconds: 12, renditions: [], warnings: [] },
  })
  const publish = jobs.find((one) => one.kind === 'publish')
  if (publish === undefined) throw new Error('the plan has no publication')
  job = publish
})
afterEach(() => kind.close())

const publish = (store: ObjectStore): Promise<void> => {
  const context = { store, log: pino({ enabled: false }), workerId: 'w', now: () => new Date(AT) }
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
