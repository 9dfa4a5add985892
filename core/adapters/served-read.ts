/** Reads a range of a resource in blocks, and goes on at the exact byte after a passing fault. */
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { asGantryError, GantryError } from '../contract/errors'
import type { ServedResource } from '../ports/media-gateway'
import type { ByteRange } from '../ports/object-store'

export interface ReadPolicy {
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
  attempts: 8,
  firstDelayMs: 200,
  maxDelayMs: 5_000,
  stallMs: 30_000,
}

/** How much is read at once, and when. */
export interface ReadPace {
  /** Of the next block: one read of the resource. */
  blockBytes(): number
  /** Whether the next block is opened while one is read: its first byte comes late, and a fast reader would wait for it. */
  isFast(): boolean
  /** Resolves when the consumer has use for another block. @param readBytes All that it was given so far. */
  room(readBytes: number, signal: AbortSignal): Promise<void>
}

const STEADY_BLOCK_BYTES = 4 * 1024 * 1024

/** For a consumer that takes all it asked for. */
export const STEADY_PACE: ReadPace = {
  blockBytes: () => STEADY_BLOCK_BYTES,
  isFast: () => false,
  room: () => Promise.resolve(),
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
  { policy, pace }: { policy: ReadPolicy; pace: ReadPace },
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let next = range.start
  let failures = 0
  let ahead: AheadBlock | null = null
  const blockAt = (start: number): ByteRange => ({ start, end: Math.min(range.end, start + pace.blockBytes() - 1) })
  try {
    while (next <= range.end) {
      if (next > range.start && failures === 0) await pace.room(next - range.start, signal)
      const { block, opening }: NextBlock = ahead ?? { block: blockAt(next), opening: null }
      ahead = null
      try {
        for await (const chunk of readBlock(resource, { block, opening }, policy, signal)) {
          next += chunk.length
          failures = 0
          yield chunk
          const isHalfRead = next - block.start >= (block.end - block.start) / 2
          if (ahead === null && isHalfRead && block.end < range.end && pace.isFast()) {
            ahead = openAhead(resource, blockAt(block.end + 1), signal)
          }
        }
      } catch (thrown) {
        // It lies behind bytes that are still missing.
        closeAhead(ahead)
        ahead = null
        signal.throwIfAborted()
        const error = asGantryError(thrown)
        failures += 1
        if (!error.retryable || failures >= policy.attempts) throw error
        await delay(Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (failures - 1)), undefined, { signal })
      }
    }
  } finally {
    closeAhead(ahead)
  }
}

interface NextBlock {
  block: ByteRange
  /** Null where it was not opened ahead of its turn. */
  opening: Promise<Readable> | null
}

type AheadBlock = NextBlock & { opening: Promise<Readable> }

/** What goes wrong is told when the block's turn comes. */
function openAhead(resource: ServedResource, block: ByteRange, signal: AbortSignal): AheadBlock {
  const opening = resource.read(block, signal).then((stream) => stream.on('error', () => undefined))
  opening.catch(() => undefined)
  return { block, opening }
}

function closeAhead(ahead: AheadBlock | null): void {
  void ahead?.opening.then((stream) => stream.destroy()).catch(() => undefined)
}

async function* readBlock(
  resource: ServedResource,
  { block, opening }: NextBlock,
  policy: ReadPolicy,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const wanted = block.end - block.start + 1
  const watch = watchStall(policy.stallMs, signal)
  let got = 0
  try {
    const stream = await opened(opening ?? resource.read(block, watch.signal), watch)
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
function opened(opening: Promise<Readable>, watch: StallWatch): Promise<Readable> {
  const stream = opening.then((found) => {
    found.on('error', () => undefined)
    if (watch.signal.aborted) found.destroy()
    return found
  })
  return Promise.race([stream, watch.cut])
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
