/** The scheduler is killed before and after each step that it makes for an asset; another one sees the asset to its end. */
import { nameOf, pointsOf } from '../support/faults/deaths'
import { KEEPS_MESSAGE, openLives, type SchedulerLives } from '../support/faults/scheduler-lives'

const RUN = 'PutObject state/gantry/assets/<asset>/runs/1'
/** All that a scheduler changes for one asset that is published, but for jobs that a worker may add as well. */
const STEPS = [
  KEEPS_MESSAGE,
  'PutObject state/gantry/sources/<hash>.json',
  'PutObject state/gantry/open/<asset>',
  `${RUN}/intent.json`,
  'PutObject state/gantry/open/<asset>',
  `${RUN}/events/asset.accepted.json`,
  `${RUN}/events/asset.planned.json`,
  'add flow publish',
  'send gantry.asset.accepted.v1',
  `${RUN}/events/asset.accepted.sent`,
  'send gantry.asset.planned.v1',
  `${RUN}/events/asset.planned.sent`,
  'DeleteObject state/gantry/intake/<hash>.json',
  'send gantry.asset.published.v1',
  `${RUN}/events/asset.published.sent`,
  `${RUN}/learned.json`,
  'PutObject state/gantry/closed/<time>.<asset>.<run>',
  'DeleteObject state/gantry/open/<asset>',
]
/** A step that a worker has made first this time is waited for in as many lives. */
const MOST_LIVES = 5

let lives: SchedulerLives
beforeAll(async () => {
  lives = await openLives()
})
afterAll(() => lives.close())

it('a death at any step loses nothing and has nothing made twice', async () => {
  await lives.live(null)
  lives.steps()
  await lives.live(null)
  const steps = lives.steps()
  expect(steps.filter((step) => !step.startsWith('add job ')).sort()).toEqual([...STEPS].sort())
  const points = pointsOf(steps)
  for (const point of points) {
    let pieces = await lives.live(point)
    for (let tries = 1; pieces === null && tries < MOST_LIVES; tries += 1) pieces = await lives.live(point)
    expect([nameOf(point), pieces]).toEqual([nameOf(point), { made: 1, redone: 0 }])
    process.stdout.write(`${nameOf(point)}: published, 0 pieces redone\n`)
  }
  expect(await lives.broken()).toEqual([])
  process.stdout.write(`${points.length} deaths, ${lives.count()} assets published\n`)
})
