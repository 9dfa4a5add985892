/** `npm run soak` starts this; how long and with which seed is in the environment. */
import { runSoak } from '../support/soak/run'

it('keeps all promises through the faults of its seed', async () => {
  const numbers = { seed: Number(process.env['GANTRY_SOAK_SEED']), minutes: Number(process.env['GANTRY_SOAK_MINUTES']) }
  const { breaks } = await runSoak(numbers, (line) => void process.stdout.write(`${line}\n`))
  expect(breaks).toEqual([])
})
