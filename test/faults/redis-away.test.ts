/** Redis is away for longer than a lease while pieces are being encoded: nobody ends, and nobody begins again. */
import { startAwayFleet, type AwayFleet } from '../support/faults/redis-away'

const AWAY_MS = 5_000
/** On two idle cores a piece of 4 s is encoded in little more than the absence. */
const PIECE_SECONDS = 10

let fleet: AwayFleet
beforeAll(async () => {
  fleet = await startAwayFleet(PIECE_SECONDS, { GANTRY_LOCK_MS: '2000', GANTRY_STALL_CHECK_MS: '1000' })
})
afterAll(() => fleet.close())

it('a black hole ends no encode; endurance has the other ways, for a minute each', async () => {
  await fleet.encodeThrough('a black hole', AWAY_MS)
})
