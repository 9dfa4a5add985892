/**
 * Messages whose sender does not repeat them (a webhook): kept in the state (`intake/<hash>.json`) before they are
 * answered, worked on afterwards, and taken out when they are done. What a crash leaves is found again.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { asGantryError, GantryError } from '../../core/contract/errors'
import { at, stateKeys } from '../../core/contract/keys'
import type { ObjectAt, Place } from '../../core/contract/source'
import type { TakeMessage, Verdict } from '../../core/ports/intake'
import type { ObjectStore } from '../../core/ports/object-store'
import type { Logger } from '../../core/service/logger'
import type { RequestDocument } from '../../routes/request-schema'
import { readRecord, sha256Hex, writeRecord, writeRecordOnce } from '../../core/state/records'
import { parseMessage } from './message'
import { isIn } from './places'

export interface KeptMessages {
  /** Says what the sender is told. Never throws. */
  accept(body: string): Promise<Verdict>
  /** From now on messages are taken; those that an earlier process kept, too. */
  open(parts: OpenParts): void
  /** Waits for what is in work, at most so long; the rest is found by the next process. */
  close(graceMs: number): Promise<void>
}

export interface OpenParts {
  store: ObjectStore
  state: Place
  /** Where Gantry itself writes: stores that tell of every object tell of these, too. */
  ownPlaces: readonly Place[]
  /** Says at once what keeps a request from being taken, while its sender listens. @throws GantryError */
  checkRequest: (request: RequestDocument) => void
  take: TakeMessage
  /** Messages in work at once. */
  concurrency: number
}

interface KeptMessage {
  v: 1
  body: string
  /** ISO 8601. */
  at: string
}

/** How often is looked for messages that nobody works on. */
const SWEEP_MS = 30_000

export interface KeptOptions {
  sources: readonly Place[]
  log: Logger
  sweepMs?: number
}

export function keptMessages({ sources, log, sweepMs = SWEEP_MS }: KeptOptions): KeptMessages {
  let parts: OpenParts | null = null
  const bench = workBench(log, sweepMs)
  return {
    accept: (body) => keep(body, { sources, open: parts, onKept: bench.work }).catch(verdictOf),
    open: (given) => {
      parts = given
      void bench.sweep(given)
    },
    close: bench.close,
  }
}

interface WorkBench {
  /** Works on a message unless somebody does, it is for later, or there is no room; then a sweep takes it up. */
  work: (key: string, open: OpenParts) => void
  sweep: (open: OpenParts) => Promise<void>
  close: (graceMs: number) => Promise<void>
}

function workBench(log: Logger, sweepMs: number): WorkBench {
  const abort = new AbortController()
  const running = new Map<string, Promise<void>>()
  /** Messages that are for later, and when: taken up at once they would keep the store busy with nothing else. */
  const later = new Map<string, number>()
  const now = { isFull: false, isClosed: false }
  const takesNone = (): boolean => now.isFull || now.isClosed
  let timer: NodeJS.Timeout | undefined

  const work = (key: string, open: OpenParts): void => {
    if (now.isClosed || running.has(key) || (later.get(key) ?? 0) > performance.now()) return
    now.isFull ||= running.size >= open.concurrency
    if (now.isFull) return
    const done = workOn({ bucket: open.state.bucket, key }, open, log, abort.signal).then((isOver) => {
      running.delete(key)
      later.delete(key)
      if (!isOver) later.set(key, performance.now() + sweepMs / 2)
      if (now.isFull) void sweep(open)
    })
    running.set(key, done)
  }
  const sweep = async (open: OpenParts): Promise<void> => {
    now.isFull = false
    const listed = open.store.list({ bucket: open.state.bucket, prefix: at(open.state, stateKeys.intakePrefix).key })
    try {
      for await (const { key } of listed) {
        work(key, open)
        if (takesNone()) break
      }
    } catch (error) {
      if (!now.isClosed) log.warn({ err: error }, 'kept messages cannot be listed')
    }
    clearTimeout(timer)
    if (!now.isClosed) timer = setTimeout(() => void sweep(open), sweepMs)
  }
  const close = async (graceMs: number): Promise<void> => {
    now.isClosed = true
    clearTimeout(timer)
    await endedWithin([...running.values()], graceMs, abort)
  }
  return { work, sweep, close }
}

/** Waits for work to end; after a while it is told to. */
async function endedWithin(work: readonly Promise<void>[], graceMs: number, abort: AbortController): Promise<void> {
  const grace = new AbortController()
  const all = Promise.allSettled(work).finally(() => grace.abort())
  await delay(graceMs, undefined, { signal: grace.signal }).catch(() => undefined)
  abort.abort(new GantryError('QUEUE_SHUTDOWN', 'the scheduler was asked to stop'))
  await all
}

interface Keeping extends Pick<KeptOptions, 'sources'> {
  open: OpenParts | null
  onKept: (key: string, open: OpenParts) => void
}

/** Nothing is written for a message without a master: a store may tell of that very record, and so on for ever. */
async function keep(body: string, keeping: Keeping): Promise<Verdict> {
  const { sources, open } = keeping
  const message = parseMessage(body)
  if ('request' in message) {
    open?.checkRequest(message.request)
    return store(body, keeping)
  }
  const { arrived, rejected } = message.events
  const masters = arrived.filter(({ bucket, keys }) =>
    keys.some((key) => isIn(sources, { bucket, key }) && !isIn(open?.ownPlaces ?? [], { bucket, key })),
  )
  if (masters.length === 0) {
    const [reason] = rejected
    return reason === undefined ? { outcome: 'done' } : { outcome: 'reject', reason }
  }
  return store(body, keeping)
}

async function store(body: string, { open, onKept }: Keeping): Promise<Verdict> {
  if (open === null) {
    return { outcome: 'later', reason: new GantryError('STORE_UNAVAILABLE', 'the scheduler is starting') }
  }
  const where = at(open.state, stateKeys.intake(sha256Hex(Buffer.from(body)).slice(0, 40)))
  const record: KeptMessage = { v: 1, body, at: new Date().toISOString() }
  await writeRecordOnce(open.store, where, record)
  onKept(where.key, open)
  return { outcome: 'done' }
}

function verdictOf(thrown: unknown): Verdict {
  const reason = asGantryError(thrown)
  return { outcome: reason.retryable ? 'later' : 'reject', reason }
}

/** @returns whether nothing is left to do. */
async function workOn(where: ObjectAt, open: OpenParts, log: Logger, signal: AbortSignal): Promise<boolean> {
  try {
    const message = await readRecord<KeptMessage>(open.store, where)
    if (message === null) return true
    const verdict = await open.take(message.body, signal)
    if (verdict.outcome === 'later') {
      log.warn({ code: verdict.reason.code, reason: verdict.reason.message, key: where.key }, 'message is tried again')
      return false
    }
    if (verdict.outcome === 'reject') await putAside(where, message, verdict.reason, open, log)
    await open.store.remove(where)
    return true
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error, key: where.key }, 'message is tried again')
    return false
  }
}

/** Kept with its reason for whoever looks; nothing works on it any more. */
async function putAside(
  { key }: ObjectAt,
  message: KeptMessage,
  reason: GantryError,
  { store, state }: OpenParts,
  log: Logger,
): Promise<void> {
  const name = key.slice(key.lastIndexOf('/') + 1)
  await writeRecord(store, at(state, stateKeys.rejectedMessage(name)), {
    ...message,
    code: reason.code,
    reason: reason.message,
  })
  log.error({ code: reason.code, reason: reason.message, key: name }, 'message rejected')
}
