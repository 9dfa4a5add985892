/** Holds a reply back to what its reader takes in about a second: what it never asks for is not fetched for it. */
import type { ReadPace } from './served-read'

export interface PacePolicy {
  /** The first block of a reply, and the least one. */
  firstBlockBytes: number
  mostBlockBytes: number
  /** The next block is sent when no more than this is left to read, or what is read in half a second. */
  leastAheadBytes: number
}

export const DEFAULT_PACE: PacePolicy = {
  firstBlockBytes: 512 * 1024,
  mostBlockBytes: 8 * 1024 * 1024,
  leastAheadBytes: 256 * 1024,
}

export interface PaceClock {
  /** Never goes back. */
  nowMs(): number
  /** Rejects when `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** A block lasts its reader about this long. */
const BLOCK_SECONDS = 1
const AHEAD_SECONDS = 0.5
/** ffmpeg fills its queues before it encodes, so a block is never much larger than the one before. */
const MOST_GROWTH = 2
/** A loopback socket holds about 4 MB: who reads that in one and a half seconds needs the next block at once. */
const FAST_BYTES_PER_SECOND = 2.8e6
/** Looks that lie nearer together say nothing of the speed; and each costs 4 ms where Linux has a large table (measured). */
const LEAST_LOOK_MS = 250
const LONGEST_WAIT_MS = 1_000

/**
 * The pace of one reply.
 *
 * @param unread Bytes that were sent and not read yet; null where nobody knows, and then nothing is held back.
 */
export function replyPace(
  unread: () => Promise<number | null>,
  clock: PaceClock,
  policy: PacePolicy = DEFAULT_PACE,
): ReadPace {
  let [lookedMs, takenBytes, bytesPerSecond] = [clock.nowMs(), 0, 0]
  let blockBytes = policy.firstBlockBytes
  const isFast = (): boolean => bytesPerSecond >= FAST_BYTES_PER_SECOND

  const look = async (sentBytes: number): Promise<number> => {
    const waiting = (await unread()) ?? 0
    const [ms, taken] = [clock.nowMs() - lookedMs, sentBytes - waiting]
    if (ms >= LEAST_LOOK_MS) {
      bytesPerSecond = Math.max(0, ((taken - takenBytes) * 1_000) / ms)
      ;[lookedMs, takenBytes] = [lookedMs + ms, taken]
    }
    return waiting
  }

  return {
    isFast,
    blockBytes: () => {
      const wanted = Math.min(MOST_GROWTH * blockBytes, Math.round(bytesPerSecond * BLOCK_SECONDS))
      blockBytes = Math.min(policy.mostBlockBytes, Math.max(policy.firstBlockBytes, wanted))
      return blockBytes
    },
    room: async (sentBytes, signal) => {
      for (;;) {
        if (isFast() && clock.nowMs() - lookedMs < LEAST_LOOK_MS) return
        const waiting = await look(sentBytes)
        const over = waiting - Math.max(policy.leastAheadBytes, bytesPerSecond * AHEAD_SECONDS)
        if (over <= 0) return
        await clock.wait(waitMs(over, bytesPerSecond), signal)
      }
    },
  }
}

/** Until the reader should have taken `bytes`, by its speed so far. */
function waitMs(bytes: number, bytesPerSecond: number): number {
  const ms = bytesPerSecond === 0 ? LEAST_LOOK_MS : (bytes * 1_000) / bytesPerSecond
  return Math.min(LONGEST_WAIT_MS, Math.max(LEAST_LOOK_MS, ms))
}
