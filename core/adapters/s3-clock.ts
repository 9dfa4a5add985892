/** A clock that is set while requests are signed: the store refuses what is signed by the wrong time, once. */
import type { S3Client, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3'
import type { FinalizeRequestMiddleware } from '@smithy/types'

/** The store takes 15 minutes; the SDK corrects its own time from 4 minutes on. */
const SKEW_MS = 240_000

/**
 * Has requests sent again that were refused for the time in their signature. From the answer's date the SDK learns by how
 * much the clock is wrong; but it tries again only where the clock is wrong now, not where one that was wrong is right
 * again, and for a HEAD, whose answer says no reason, neither.
 */
export function retryAfterClockJumps(client: S3Client): void {
  // Not in the client's types: the SDK changes it when an answer shows another time.
  const config = client.config as unknown as { systemClockOffset: number }
  const watch: FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next) => async (args) => {
    const before = config.systemClockOffset
    try {
      return await next(args)
    } catch (error) {
      if (Math.abs(config.systemClockOffset - before) >= SKEW_MS) markCorrected(error)
      throw error
    }
  }
  const place = { relation: 'after', toMiddleware: 'retryMiddleware' } as const
  client.middlewareStack.addRelativeTo(watch, { ...place, name: 'retryAfterClockJumps' })
}

/** What the SDK's own look at an error goes by. */
function markCorrected(error: unknown): void {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return
  Object.assign(error.$metadata as object, { clockSkewCorrected: true })
}
