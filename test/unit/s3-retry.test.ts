import type { RetryErrorInfo } from '@smithy/types'
import { retryWithin } from '../../core/adapters/s3-retry'

const passing: RetryErrorInfo = { errorType: 'TRANSIENT' }

/** Tries again until the strategy gives up; time passes by its delays and by `stepMs` for each request. */
async function tries(
  budgetMs: number,
  failure: RetryErrorInfo,
  stepMs: number,
): Promise<{ count: number; ms: number }> {
  let nowMs = 0
  const strategy = retryWithin(budgetMs, () => nowMs)
  let token = await strategy.acquireInitialRetryToken('s3')
  for (;;) {
    nowMs += stepMs
    try {
      token = await strategy.refreshRetryTokenForRetry(token, failure)
    } catch {
      return { count: token.getRetryCount(), ms: nowMs }
    }
    nowMs += token.getRetryDelay()
  }
}

describe('retryWithin', () => {
  it('tries again until the time is over, however often that is', async () => {
    const { count, ms } = await tries(20_000, passing, 1)
    expect(count).toBeGreaterThan(6)
    expect(ms).toBeLessThanOrEqual(20_001)
    expect(ms).toBeGreaterThan(16_000)
  })

  it.each(['THROTTLING', 'SERVER_ERROR', 'TRANSIENT'] as const)('tries again after %s', async (errorType) => {
    expect((await tries(5_000, { errorType }, 1)).count).toBeGreaterThan(2)
  })

  it('does not try again what no retry can help', async () => {
    expect(await tries(60_000, { errorType: 'CLIENT_ERROR' }, 5)).toEqual({ count: 0, ms: 5 })
  })

  it('waits as long as the store asks for, within reason', async () => {
    const strategy = retryWithin(60_000)
    const first = await strategy.acquireInitialRetryToken('s3')
    const ask = async (seconds: number) =>
      strategy.refreshRetryTokenForRetry(first, {
        ...passing,
        retryAfterHint: new Date(Date.now() + seconds * 1_000),
      })
    expect((await ask(5)).getRetryDelay()).toBeGreaterThan(4_500)
    expect((await ask(3_600)).getRetryDelay()).toBe(10_000)
  })

  it('counts the time of each request by itself', async () => {
    let nowMs = 0
    const strategy = retryWithin(1_000, () => nowMs)
    await strategy.acquireInitialRetryToken('s3')
    nowMs = 10_000
    const late = await strategy.acquireInitialRetryToken('s3')
    await expect(strategy.refreshRetryTokenForRetry(late, passing)).resolves.toBeDefined()
  })
})
