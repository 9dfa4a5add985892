/** Services that end in the middle of things: a leader that dies, a worker that is asked to go. */
import { join } from 'node:path'
import { mastersFolder } from '../support/masters'
import { startServices, type ServiceProcess, type Services } from '../support/services'

const LONG = join(mastersFolder(), 'butterfly-720p30-aac.mp4')

let services: Services & { first: ServiceProcess }
beforeEach(async () => {
  services = await startServices({ events: true })
  await services.first.line({ msg: 'scheduler ready' })
})
afterEach(() => services.close())

const encoding = () => services.event('rendition.progress', ({ data }) => data.kind === 'video' && data.outSeconds > 0)

it('a leader that is killed is followed by the other scheduler, which sees the asset to its end', async () => {
  await services.first.line({ msg: 'leadership changed', leads: true })
  const second = await services.scheduler({ GANTRY_WORKER_ID: 'second' })
  await second.line({ msg: 'scheduler ready' })
  const worker = await services.worker()
  await worker.line({ msg: 'worker ready' })
  await services.put('film.mp4', LONG)
  await encoding()
  expect(second.lines.filter(({ msg }) => msg === 'leadership changed')).toEqual([])
  services.first.signal('SIGKILL')
  await second.line({ msg: 'leadership changed', leads: true })
  const { assetId } = await services.event('asset.published')
  const story = (await services.lifecycle()).filter((event) => event.assetId === assetId)
  expect(story.map(({ type }) => type)).toEqual(['asset.accepted', 'asset.planned', 'asset.published'])
  expect(worker.lines.filter(({ msg, kind }) => msg === 'job started' && kind === 'video-piece')).toHaveLength(1)
})

it('a leader that is asked to go hands over at once', async () => {
  await services.first.line({ msg: 'leadership changed', leads: true })
  const second = await services.scheduler({ GANTRY_WORKER_ID: 'second' })
  await second.line({ msg: 'scheduler ready' })
  services.first.signal('SIGTERM')
  expect(await services.first.exited).toBe(0)
  await second.line({ msg: 'leadership changed', leads: true })
})

it('a worker that is asked to go finishes a piece that is nearly done, and takes no other', async () => {
  const worker = await services.worker({ GANTRY_WORKER_ID: 'w1' })
  await worker.line({ msg: 'worker ready' })
  await services.put('film.mp4', LONG)
  const { jobId } = await encoding()
  worker.signal('SIGTERM')
  expect(await worker.exited).toBe(0)
  const after = worker.lines.slice(worker.lines.findIndex(({ msg }) => msg === 'service stops'))
  expect(after.filter(({ msg }) => msg === 'job done').map((line) => line['jobId'])).toEqual([jobId])
  expect(after.filter(({ msg }) => msg === 'job started' || msg === 'job failed')).toEqual([])
  // The next one goes on with what is missing, and does not make the piece again.
  const next = await services.worker({ GANTRY_WORKER_ID: 'w2' })
  await services.event('asset.published')
  expect(next.lines.filter(({ msg, kind }) => msg === 'job started' && kind === 'video-piece')).toEqual([])
})

it('a worker that is asked to go hands back a piece with much left, for the next to begin at once', async () => {
  const worker = await services.worker({ GANTRY_WORKER_ID: 'w1', GANTRY_DRAIN_SECONDS: '0' })
  await worker.line({ msg: 'worker ready' })
  await services.put('film.mp4', LONG)
  const { jobId } = await encoding()
  worker.signal('SIGTERM')
  expect(await worker.exited).toBe(0)
  const next = await services.worker({ GANTRY_WORKER_ID: 'w2' })
  expect(await next.line({ msg: 'job started', jobId: jobId ?? '' })).toBeDefined()
  await services.event('asset.published')
})
