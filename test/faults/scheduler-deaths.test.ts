/** A real scheduler is killed at three telling steps; `endurance` has all of them. */
import type { DeathPoint } from '../support/faults/deaths'
import { openLives, type SchedulerLives } from '../support/faults/scheduler-lives'

let lives: SchedulerLives
beforeAll(async () => {
  lives = await openLives()
})
afterAll(() => lives.close())

it.each<[string, DeathPoint]>([
  ['with the asset open and no plan', { moment: 'after', count: 1, step: 'PutObject state/gantry/open/<asset>' }],
  ['with a plan and no work in the queue', { moment: 'before', count: 1, step: 'add flow publish' }],
  ['with the end told and not marked', { moment: 'after', count: 1, step: 'send gantry.asset.published.v1' }],
])('a death %s loses nothing and has nothing made twice', async (_, point) => {
  expect(await lives.live(point)).toEqual({ made: 1, redone: 0 })
})

it('all of them are told of, and whole', async () => {
  expect(await lives.broken()).toEqual([])
})
