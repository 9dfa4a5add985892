/** A clock that is set while requests are signed: the store refuses what is signed by the wrong time, once. */
import type { S3Client, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3'
import type { FinalizeRequestMiddleware } from '@smithy/types'

/** The store takes 15 minutes; the SDK corrects its own time from 4 minutes on. */
const SKEW_MS = 240_000

/**
 * Has just those requests sent again that were refused for the time in their signature. From the answer's date the SDK
 * learns by how much the clock is wrong. But it does not try again where a clock that was wrong is right again; and where
 * one is wrong it tries every failure again, also that nothing is under a key, since each answer moves its correction by
 * some milliseconds (seen with 3.1169.0: ten tries for a 404).
 */
export function retryAfterClockJumps(client: S3Client): void {
  // Not in the client's types: the SDK changes it when an answer shows another time.
  const config = client.config as unknown as { systemClockOffset: number }
  const watch: FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next) => async (args) => {
    const before = config.systemClockOffset
    try {
      return await next(args)
    } catch (error) {
      mark(error, { isCorrected: Math.abs(config.systemClockOffset - before) >= SKEW_MS })
      throw error
    }
  }
  const place = { relation: 'after', toMiddleware: 'retryMiddleware' } as const
  client.middlewareStack.addRelativeTo(watch, { ...place, name: 'retryAfterClockJumps' })
}

/** What the SDK's own look at an error goes by. */
function mark(error: unknown, { isCorrected }: { isCorrected: boolean }): void {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return
  Object.assign(error.$metadata as object, { clockSkewCorrected: isCorrected })
}
