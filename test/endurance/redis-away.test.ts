/** Redis is away for a minute while pieces are being encoded, with leases as they usually are: nobody ends, nobody begins again. */
import { startAwayFleet, type Absence, type AwayFleet } from '../support/faults/redis-away'

const AWAY_MS = 60_000

let fleet: AwayFleet
beforeAll(async () => {
  fleet = await startAwayFleet(40, {})
})
afterAll(() => fleet.close())

it.each<Absence>(['a black hole', 'refused and cut'])('away by %s: no encode ends', async (how) => {
  await fleet.encodeThrough(how, AWAY_MS)
})
