/** The life of a process: what was started is stopped in reverse order, once, whatever the reason. */
import type { EventEmitter } from 'node:events'
import type { Logger } from './logger'

export interface Releases {
  add(name: string, release: () => Promise<unknown>): void
  /** Last taken first. A release that fails is logged and keeps no other from running. Twice is the same as once. */
  run(): Promise<void>
}

export function createReleases(log: Logger): Releases {
  const stack: { name: string; release: () => Promise<unknown> }[] = []
  let running: Promise<void> | null = null
  const releaseAll = async (): Promise<void> => {
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const startedMs = performance.now()
      try {
        await next.release()
        log.debug({ part: next.name, ms: Math.round(performance.now() - startedMs) }, 'released')
      } catch (error) {
        log.warn({ part: next.name, err: error }, 'release failed')
      }
    }
  }
  return {
    add: (name, release) => void stack.push({ name, release }),
    run: () => (running ??= releaseAll()),
  }
}

/**
 * The part of `process` that says when to stop: signals, and `disconnect` when the parent that forked us is gone,
 * however it ended.
 */
export type StopSource = Pick<EventEmitter, 'once' | 'off'>

const STOP_EVENTS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const

export type StopReason = (typeof STOP_EVENTS)[number]

/** Resolves with the first reason to stop; `forget` takes the listeners away. */
export function stopRequested(
  source: StopSource,
  events: readonly StopReason[] = STOP_EVENTS,
): { reason: Promise<StopReason>; forget: () => void } {
  const listeners = new Map<StopReason, () => void>()
  const reason = new Promise<StopReason>((resolve) => {
    for (const event of events) {
      const listener = (): void => resolve(event)
      listeners.set(event, listener)
      source.once(event, listener)
    }
  })
  const forget = (): void => listeners.forEach((listener, event) => source.off(event, listener))
  return { reason, forget }
}
