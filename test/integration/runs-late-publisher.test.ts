/** A publisher that was frozen meets a deletion: before its look, or between its look and its write. */
import { text } from 'node:stream/consumers'
import type { FinalRecord, Intent } from '../../core/contract/intent'
import type { PublishJob } from '../../core/contract/job'
import { at, homeKeys, runKeys } from '../../core/contract/keys'
import type { ObjectStore } from '../../core/ports/object-store'
import { writeRecord } from '../../core/state/records'
import { runPlace } from '../../core/state/run-records'
import { handlePublish } from '../../worker/publish'
import { finalOf } from '../support/planned-asset'
import { folderStore, type KindOfStore } from '../support/store-kinds'
import { QUIET, unpublishedFilm } from '../support/unpublished-film'

let kind: KindOfStore
let intent: Intent
let job: PublishJob
beforeEach(async () => {
  kind = await folderStore()
  ;({ intent, job } = await unpublishedFilm(kind))
})
afterEach(() => kind.close())

const publish = (store: ObjectStore): Promise<void> => {
  const context = { ...QUIET, store }
  return handlePublish(context, job, new AbortController().signal)
}
const remove = (): Promise<void> => {
  const state = { bucket: kind.bucket, prefix: 'state' }
  const record: FinalRecord = finalOf('deleted', 2)
  return writeRecord(kind.store, at(runPlace(state, intent.assetId, 2), runKeys.final), record)
}
const FACTS = { v: 1, name: 'film' }
const PLAIN = { contentType: 'text/plain' }
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

it('leaves a newer run as it is, which was published between its look and its write', async () => {
  const [master, asset] = [at(intent.home, homeKeys.master), at(intent.home, homeKeys.asset)]
  const newer = { [master.key]: '#EXTM3U of run 2\n', [asset.key]: JSON.stringify({ ...FACTS, run: 2 }) }
  let isFirst = true
  const late: ObjectStore = {
    ...kind.store,
    write: async (where, body, options) => {
      if (where.key === asset.key && isFirst) {
        isFirst = false
        for (const [key, text] of Object.entries(newer))
          await kind.store.write({ ...where, key }, Buffer.from(text), PLAIN)
      }
      return kind.store.write(where, body, options)
    },
  }
  await publish(late)
  expect(isFirst).toBe(false)
  for (const where of [master, asset]) expect(await text(await kind.store.read(where))).toBe(newer[where.key])
})

it.each([
  ['no JSON', 'mine'],
  ['facts of nothing', 'null'],
])('takes the place of a file of facts that is %s', async (_, body) => {
  const asset = at(intent.home, homeKeys.asset)
  await kind.store.write(asset, Buffer.from(body), PLAIN)
  await publish(kind.store)
  expect(JSON.parse(await text(await kind.store.read(asset)))).toMatchObject({ run: 1 })
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
