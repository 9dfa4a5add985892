/** When a failed request to S3 is sent again: by time, not by number. */
import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types'

const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 3_000
/** A store that asks for more patience than this is not obeyed to the letter. */
const MAX_HINT_MS = 10_000

/**
 * Tries again with full jitter until `budgetMs` have passed since the request was first sent.
 *
 * The SDK's own strategy counts attempts (3 by default, some hundred milliseconds in all) and shares a quota among all
 * requests of a client, so an outage of 20 s fails each of them at once. A store that is back after the outage should
 * find the work where it was.
 */
export function retryWithin(budgetMs: number, now: () => number = () => performance.now()): RetryStrategyV2 {
  const begun = new WeakMap<RetryToken, number>()
  const token = (count: number, delayMs: number, startedMs: number): RetryToken => {
    const made = { getRetryCount: () => count, getRetryDelay: () => delayMs }
    begun.set(made, startedMs)
    return made
  }
  return {
    acquireInitialRetryToken: () => Promise.resolve(token(0, 0, now())),
    refreshRetryTokenForRetry: (before, failure) => {
      const startedMs = begun.get(before) ?? now()
      const count = before.getRetryCount() + 1
      const delayMs = delayBefore(count, failure)
      const isHopeless = failure.errorType === 'CLIENT_ERROR' || now() - startedMs + delayMs > budgetMs
      if (isHopeless) return Promise.reject(new Error('the request is not tried again'))
      return Promise.resolve(token(count, delayMs, startedMs))
    },
    recordSuccess: () => undefined,
  }
}

function delayBefore(count: number, { retryAfterHint }: RetryErrorInfo): number {
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (count - 1))
  const hintMs = retryAfterHint === undefined ? 0 : retryAfterHint.getTime() - Date.now()
  return Math.max(Math.random() * ceiling, Math.min(hintMs, MAX_HINT_MS))
}
