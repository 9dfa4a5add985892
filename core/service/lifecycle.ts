/** The life of a process: what was started is stopped in reverse order, once, whatever the reason. */
import type { EventEmitter } from 'node:events'
import { asGantryError, GantryError } from '../contract/errors'
import type { Logger } from './logger'

export type Release = () => Promise<unknown>

export interface Releases {
  /** @throws QUEUE_INTERNAL when all was released already: nobody would release this. */
  add(name: string, release: Release): void
  /**
   * Last taken first, each once. A release that fails is logged and keeps no other from running. What is added
   * meanwhile is released too. Twice is the same as once.
   */
  run(): Promise<void>
  /** What the first failing release threw; null when none did. */
  firstError(): { error: unknown } | null
}

export function createReleases(log: Logger): Releases {
  const stack: { name: string; release: Release }[] = []
  let running: Promise<void> | null = null
  let isOver = false
  let first: { error: unknown } | null = null
  const releaseAll = async (): Promise<void> => {
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const startedMs = performance.now()
      const part = { part: next.name }
      try {
        await next.release()
        log.debug({ ...part, ms: Math.round(performance.now() - startedMs) }, 'released')
      } catch (error) {
        first ??= { error }
        log.warn({ ...part, ms: Math.round(performance.now() - startedMs), err: error }, 'release failed')
      }
    }
    isOver = true
  }
  return {
    add: (name, release) => {
      if (isOver) throw new GantryError('QUEUE_INTERNAL', `'${name}' was started after everything was released`)
      stack.push({ name, release })
    },
    run: () => (running ??= releaseAll()),
    firstError: () => first,
  }
}

/**
 * The part of `process` that says when to stop: signals, and `disconnect` when the parent that forked us is gone,
 * however it ended.
 */
export type StopSource = Pick<EventEmitter, 'on' | 'off'>

const STOP_EVENTS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const

export type StopReason = (typeof STOP_EVENTS)[number]

/**
 * Resolves with the first reason to stop; `forget` takes the listeners away. Until then they stay: Ctrl-C under npm
 * arrives twice, from the terminal and from npm, and a second signal without a listener would end the process at once.
 */
export function stopRequested(
  source: StopSource,
  events: readonly StopReason[] = STOP_EVENTS,
): { reason: Promise<StopReason>; forget: () => void } {
  const listeners = new Map<StopReason, () => void>()
  const reason = new Promise<StopReason>((resolve) => {
    for (const event of events) {
      const listener = (): void => resolve(event)
      listeners.set(event, listener)
      source.on(event, listener)
    }
  })
  const forget = (): void => listeners.forEach((listener, event) => source.off(event, listener))
  return { reason, forget }
}

/** Where a service hears of signals, of its parent's end and of its own faults: `process`. */
export type ServiceHost = Pick<EventEmitter, 'on' | 'off'>

export interface ServiceOptions {
  host: ServiceHost
  /** Time for all releases together; then the process ends without them. */
  drainMs: number
  /** What ends the service; all of StopReason unless told. */
  stopOn?: readonly StopReason[]
}

/**
 * Starts the parts of a service. Each is handed to `onStop` as soon as it runs.
 * The signal is aborted when the service is asked to stop, also before `body` is through.
 */
export type ServiceBody = (onStop: (name: string, release: Release) => void, signal: AbortSignal) => Promise<void>

/**
 * Signals this soon after the first are the same wish: a terminal signals the whole process group, and npm hands on
 * what its child has got already.
 */
const SAME_WISH_MS = 5_000

/**
 * Runs a service until it is asked to stop or fails, then releases what it has.
 *
 * A signal later than 5 s after the first ends the drain: others take over the work. An exception that nobody caught
 * stops the service too, since what it left half done is not known.
 *
 * @returns the exit code: 0 when it was asked to stop and everything was released in time, else 1. The caller exits
 * with it; parts that were not released may still run.
 */
export async function runService(log: Logger, options: ServiceOptions, body: ServiceBody): Promise<number> {
  const releases = createReleases(log)
  const abort = new AbortController()
  const watch = watchHost(log, options)
  try {
    const started = (async () => body((name, release) => releases.add(name, release), abort.signal))()
    const failure = new Promise<'failure'>((resolve) => {
      started.catch((error: unknown) => {
        // What a start that was broken off says is no news.
        if (abort.signal.aborted) return
        log.fatal({ code: asGantryError(error).code, err: error }, 'service failed')
        resolve('failure')
      })
    })
    const reason = await Promise.race([watch.stopped, failure])
    log.info({ reason }, 'service stops')
    abort.abort(new GantryError('QUEUE_SHUTDOWN', `the service was asked to stop (${reason})`))
    const isDrained = await drained(log, releases.run(), options.drainMs, watch.forced)
    const isClean = isDrained && releases.firstError() === null && !watch.hasCrashed()
    return isClean && reason !== 'failure' ? 0 : 1
  } finally {
    watch.forget()
  }
}

interface HostWatch {
  stopped: Promise<StopReason | 'crash'>
  /** A signal that does not want to wait. */
  forced: Promise<void>
  hasCrashed(): boolean
  forget(): void
}

function watchHost(log: Logger, { host, stopOn = STOP_EVENTS }: ServiceOptions): HostWatch {
  let firstMs: number | null = null
  let crashed = false
  const listeners = new Map<string, (detail?: unknown) => void>()
  let force = (): void => undefined
  const forced = new Promise<void>((resolve) => {
    force = resolve
  })
  const stopped = new Promise<StopReason | 'crash'>((resolve) => {
    for (const event of stopOn) {
      listeners.set(event, () => {
        const sinceMs = firstMs === null ? 0 : performance.now() - firstMs
        firstMs ??= performance.now()
        resolve(event)
        // That the parent is gone, too, does not make the rest more urgent.
        if (sinceMs >= SAME_WISH_MS && event !== 'disconnect') force()
      })
    }
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      listeners.set(event, (thrown) => {
        crashed = true
        log.fatal({ err: thrown instanceof Error ? thrown : new Error(String(thrown)) }, event)
        firstMs ??= performance.now()
        resolve('crash')
      })
    }
  })
  listeners.forEach((listener, event) => host.on(event, listener))
  const forget = (): void => listeners.forEach((listener, event) => host.off(event, listener))
  return { stopped, forced, hasCrashed: () => crashed, forget }
}

async function drained(log: Logger, release: Promise<void>, drainMs: number, forced: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeOver = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('the time is over'), drainMs)
  })
  const end = await Promise.race([release.then(() => null), forced.then(() => 'asked again'), timeOver])
  clearTimeout(timer)
  if (end !== null) log.warn({ why: end, drainMs }, 'service ends without waiting for all parts')
  return end === null
}
