/** One way of a connection through the proxy: bytes are held, delayed, counted and passed on in their order. */
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type Behaviour =
  | 'pass'
  /** Connections stay, and new ones are taken; nothing passes, not even an end. */
  | 'black hole'
  /** New connections are reset; open ones go on. */
  | 'refuse'
  /** Each way. */
  | { latencyMs: number }
  /** Each way of each connection. */
  | { bytesPerSecond: number }
  /** A connection is reset when so many bytes, both ways together, have passed on it since this was said. */
  | { cutAfterBytes: number }

export interface Way {
  passedBytes(): number
  /** No further byte is passed on; the receiver sees the end. */
  end(): void
}

export interface WayRule {
  behaviour: () => Behaviour
  /** Resolves when the behaviour is another one. */
  change: (signal?: AbortSignal) => Promise<void>
  /** Bytes that the connection may still pass. */
  allowance: () => number
  /** The sender broke off, or nothing more may pass. */
  onBroken: () => void
}

/** Bytes on their way before the sender has to wait; a network holds about as much. */
const HELD_BYTES = 256 * 1024
/** A slow way passes so many parts a second. */
const SLOW_PARTS = 20

export function bytesPassed(ways: readonly Way[]): number {
  return ways.reduce((sum, way) => sum + way.passedBytes(), 0)
}

export function wayOf(from: Socket, to: Socket, rule: WayRule): Way {
  const at = { passed: 0, held: 0, isEnded: false }
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = (step: () => Promise<unknown>): void => {
    last = last.then(step).catch(() => undefined)
  }
  const pass = async (bytes: Buffer): Promise<void> => {
    if (at.isEnded || to.destroyed) return
    at.passed += bytes.length
    // Told of the end of a socket, too.
    await new Promise((resolve) => to.write(bytes, resolve))
  }
  from.on('data', (bytes: Buffer) => {
    const takenAtMs = performance.now()
    at.held += bytes.length
    if (at.held > HELD_BYTES) from.pause()
    inTurn(async () => {
      await deliver(bytes, takenAtMs, { rule, pass, isOver: () => to.destroyed })
      at.held -= bytes.length
      if (at.held <= HELD_BYTES) from.resume()
    })
  })
  const end = (): void => {
    at.isEnded = true
    to.end()
  }
  from.once('end', () => inTurn(async () => void (await opened(rule), end())))
  from.once('error', () => inTurn(async () => void (await opened(rule), rule.onBroken())))
  return { passedBytes: () => at.passed, end }
}

interface Delivery {
  rule: WayRule
  pass: (bytes: Buffer) => Promise<void>
  isOver: () => boolean
}

async function deliver(bytes: Buffer, takenAtMs: number, { rule, pass, isOver }: Delivery): Promise<void> {
  for (let at = 0; at < bytes.length && !isOver();) {
    await opened(rule)
    const behaviour = rule.behaviour()
    const { latencyMs = 0, bytesPerSecond = Infinity } = delaysOf(behaviour)
    const restMs = takenAtMs + latencyMs - performance.now()
    // Whatever is said meanwhile counts at once.
    if (latencyMs > 0 && restMs > 0 && (await isOther(rule, restMs))) continue
    const size = Math.min(Math.max(1, Math.floor(bytesPerSecond / SLOW_PARTS)), rule.allowance())
    if (size > 0) await pass(bytes.subarray(at, Math.min(bytes.length, at + size)))
    if (rule.allowance() <= 0) return rule.onBroken()
    at += size
    if (bytesPerSecond !== Infinity) await isOther(rule, 1_000 / SLOW_PARTS)
  }
}

function delaysOf(behaviour: Behaviour): { latencyMs?: number; bytesPerSecond?: number } {
  return typeof behaviour === 'object' && !('cutAfterBytes' in behaviour) ? behaviour : {}
}

async function opened(rule: WayRule): Promise<void> {
  while (rule.behaviour() === 'black hole') await rule.change()
}

/** Whether the behaviour was changed within this time. */
async function isOther(rule: WayRule, ms: number): Promise<boolean> {
  const over = new AbortController()
  try {
    return await Promise.race([
      rule.change(over.signal).then(() => true),
      delay(ms, false, { signal: over.signal }).catch(() => false),
    ])
  } finally {
    over.abort()
  }
}
