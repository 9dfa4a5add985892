/** Redis is away for a minute while pieces are being encoded, with leases as they usually are: nobody ends, nobody begins again. */
import { startAwayFleet, type Absence, type AwayFleet } from '../support/faults/redis-away'

const AWAY_MS = 60_000
/** Encoded at its own pace or a little faster: one that is through before Redis is back shows nothing. */
const PIECE_SECONDS = 110

let fleet: AwayFleet
beforeAll(async () => {
  fleet = await startAwayFleet(PIECE_SECONDS, {})
})
afterAll(() => fleet.close())

it.each<Absence>(['a black hole', 'refused and cut'])('away by %s: no encode ends', async (how) => {
  await fleet.encodeThrough(how, AWAY_MS)
})
