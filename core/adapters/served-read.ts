/** Reads a range of a resource in blocks, and goes on at the exact byte after a passing fault. */
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { asGantryError, GantryError } from '../contract/errors'
import type { ServedResource } from '../ports/media-gateway'
import type { ByteRange } from '../ports/object-store'

export interface ReadPolicy {
  /** One read of the resource; what is thrown away at most when ffmpeg closes its connection. */
  blockBytes: number
  /** Failures in a row without a new byte after which the error is final. */
  attempts: number
  /** Doubles with each failure in a row. */
  firstDelayMs: number
  maxDelayMs: number
  /** The resource gives nothing for this long: a fault, the connection is likely dead. */
  stallMs: number
}

/** Rides out 16 s of a store that answers with errors at once. */
export const DEFAULT_POLICY: ReadPolicy = {
  blockBytes: 4 * 1024 * 1024,
  attempts: 8,
  firstDelayMs: 200,
  maxDelayMs: 5_000,
  stallMs: 30_000,
}

/**
 * The bytes of `range`, exactly.
 *
 * Pulling is back-pressure: nothing is read while the consumer does not ask. A fault, a short or a stalled read is tried
 * again from the next byte on if its error is retryable.
 *
 * @throws The first error that is not retryable, or the last one when the attempts are spent; the reason of `signal`.
 */
export async function* readRange(
  resource: ServedResource,
  range: ByteRange,
  policy: ReadPolicy,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let next = range.start
  let failures = 0
  while (next <= range.end) {
    const block = { start: next, end: Math.min(range.end, next + policy.blockBytes - 1) }
    try {
      for await (const chunk of readBlock(resource, block, policy, signal)) {
        next += chunk.length
        failures = 0
        yield chunk
      }
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asGantryError(thrown)
      failures += 1
      if (!error.retryable || failures >= policy.attempts) throw error
      await delay(Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (failures - 1)), undefined, { signal })
    }
  }
}

async function* readBlock(
  resource: ServedResource,
  block: ByteRange,
  policy: ReadPolicy,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const wanted = block.end - block.start + 1
  const watch = watchStall(policy.stallMs, signal)
  let got = 0
  try {
    const stream = await openBlock(resource, block, watch)
    const chunks = stream.iterator() as AsyncIterator<Buffer | string, undefined>
    try {
      for (;;) {
        const { done, value } = await Promise.race([chunks.next(), watch.cut])
        if (done === true) break
        const chunk = typeof value === 'string' ? Buffer.from(value) : value
        got += chunk.length
        if (got > wanted) throw fault(`more than the ${wanted} bytes`, block)
        watch.pause()
        yield chunk
        watch.resume()
      }
    } finally {
      stream.destroy()
    }
    if (got < wanted) throw fault(`${got} of ${wanted} bytes`, block)
  } finally {
    watch.stop()
  }
}

/** The stream of a read that came too late is closed; each has an error listener, or a late error ends the process. */
async function openBlock(resource: ServedResource, block: ByteRange, watch: StallWatch): Promise<Readable> {
  const opening = resource.read(block, watch.signal).then((stream) => {
    stream.on('error', () => undefined)
    if (watch.signal.aborted) stream.destroy()
    return stream
  })
  return Promise.race([opening, watch.cut])
}

function fault(got: string, block: ByteRange): GantryError {
  return new GantryError('STORE_UNAVAILABLE', `a read of bytes ${block.start} to ${block.end} gave ${got}`)
}

interface StallWatch {
  /** Aborts with the outer signal, and on a stall. */
  signal: AbortSignal
  /** Rejects when `signal` aborts. */
  cut: Promise<never>
  pause(): void
  resume(): void
  stop(): void
}

/** Not AbortSignal.any: a signal made by it stays in memory as long as `outer`, and a long reply has thousands. */
function watchStall(stallMs: number, outer: AbortSignal): StallWatch {
  const controller = new AbortController()
  const stalled = new GantryError('STORE_UNAVAILABLE', `the store gave no byte for ${stallMs / 1_000} s`)
  const arm = (): NodeJS.Timeout => setTimeout(() => controller.abort(stalled), stallMs)
  const onOuter = (): void => controller.abort(outer.reason)
  let timer = arm()
  const cut = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error), { once: true })
  })
  cut.catch(() => undefined)
  if (outer.aborted) onOuter()
  else outer.addEventListener('abort', onOuter, { once: true })
  return {
    signal: controller.signal,
    cut,
    // While the consumer is busy the store cannot be blamed.
    pause: () => clearTimeout(timer),
    resume: () => {
      timer = arm()
    },
    stop: () => {
      clearTimeout(timer)
      outer.removeEventListener('abort', onOuter)
    },
  }
}
