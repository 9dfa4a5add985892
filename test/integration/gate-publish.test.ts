/** The publish handler lets nothing be public that the gate finds wrong, and leaves what is public as it is. */
import { text } from 'node:stream/consumers'
import { GantryError } from '../../core/contract/errors'
import type { Intent } from '../../core/contract/intent'
import type { PublishJob } from '../../core/contract/job'
import { at, homeKeys, runKeys } from '../../core/contract/keys'
import type { StoredObject } from '../../core/contract/markers'
import { readRecord, writeRecord } from '../../core/state/records'
import { readFinal } from '../../core/state/run-records'
import type { Finding } from '../../media/gate/findings'
import { handlePublish } from '../../worker/publish'
import { plantHole, plantHoleInSound } from '../support/faults/plant-output'
import { folderStore, type KindOfStore } from '../support/store-kinds'
import { QUIET, unpublishedFilm } from '../support/unpublished-film'

const BEFORE = '#EXTM3U\n# of the run before\n'

let kind: KindOfStore
let intent: Intent
let job: PublishJob
let init: StoredObject
let segment: StoredObject
beforeEach(async () => {
  kind = await folderStore()
  const made = await unpublishedFilm(kind)
  const { video } = made.film
  const [first] = video.segments
  if (first === undefined) throw new Error('the film is not there')
  ;[init, segment] = [video.init, first]
  ;({ intent, job } = made)
  await write(at(intent.home, homeKeys.master), Buffer.from(BEFORE))
})
afterEach(() => kind.close())

const write = async (where: { bucket: string; key: string }, bytes: Buffer): Promise<void> => {
  await kind.store.write(where, bytes, { contentType: 'application/octet-stream' })
}
const publish = (): Promise<void> => {
  const context = { ...QUIET, store: kind.store }
  return handlePublish(context, job, new AbortController().signal)
}
const shown = async (): Promise<string> => text(await kind.store.read(at(intent.home, homeKeys.master)))

const refusedBy = async (): Promise<string[]> => {
  const error: unknown = await publish().catch((thrown: unknown) => thrown)
  if (!(error instanceof GantryError)) throw new Error('it was published')
  expect([error.code, error.retryable]).toEqual(['OUTPUT_INVALID', false])
  expect(await shown()).toBe(BEFORE)
  expect(await readFinal(kind.store, job.state)).toBeNull()
  return (error.details['findings'] as Finding[]).map(({ rule }) => rule)
}

it('publishes what is right, and the report says that nothing was found', async () => {
  await publish()
  expect(await shown()).toContain('#EXT-X-STREAM-INF')
  expect(await readRecord(kind.store, at(job.state, runKeys.report))).toMatchObject({ findings: [] })
})

it('refuses a publication that lacks a segment', async () => {
  await kind.store.remove(at(job.output, segment.key))
  expect(await refusedBy()).toEqual(['object-missing'])
})

it('refuses a segment of another length', async () => {
  await write(at(job.output, segment.key), Buffer.alloc(3))
  expect(await refusedBy()).toContain('object-size')
})

it('refuses an init segment of other bytes', async () => {
  const bytes = Buffer.alloc(init.bytes, 'x')
  await write(at(job.output, init.key), bytes)
  expect(await refusedBy()).toEqual(expect.arrayContaining(['object-checksum', 'init-unreadable']))
})

it.each([
  ['picture', plantHole, ['record-differs']],
  ['sound', plantHoleInSound, ['record-differs', 'timeline-gap']],
])('refuses a %s that lacks a segment in the middle', async (_, plant, rules) => {
  await plant({ store: kind.store, state: job.state, intent })
  expect(await refusedBy()).toEqual(rules)
})

it('refuses variants of another size than their pictures', async () => {
  const variants = intent.variants.map((one) => ({ ...one, widthPx: one.widthPx + 2 }))
  await writeRecord(kind.store, at(job.state, runKeys.intent), { ...intent, variants })
  expect(await refusedBy()).toEqual(['resolution-differs'])
})
