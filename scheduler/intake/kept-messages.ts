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
import { readRecord, sha256Hex, writeRecord, writeRecordOnce } from '../../core/state/records'
import { parseS3Events } from './s3-events'
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

export function keptMessages({ sources, log }: { sources: readonly Place[]; log: Logger }): KeptMessages {
  const abort = new AbortController()
  const running = new Map<string, Promise<void>>()
  let parts: OpenParts | null = null
  let timer: NodeJS.Timeout | undefined

  const work = (key: string, open: OpenParts): void => {
    if (abort.signal.aborted || running.has(key) || running.size >= open.concurrency) return
    const done = workOn({ bucket: open.state.bucket, key }, open, log, abort.signal).finally(() => {
      running.delete(key)
      if (running.size === 0) void sweep(open)
    })
    running.set(key, done)
  }
  /** Also takes up what found no room before. */
  const sweep = async (open: OpenParts): Promise<void> => {
    clearTimeout(timer)
    try {
      const prefix = at(open.state, stateKeys.intakePrefix).key
      for await (const { key } of open.store.list({ bucket: open.state.bucket, prefix })) work(key, open)
    } catch (error) {
      log.warn({ err: error }, 'kept messages cannot be listed')
    }
    clearTimeout(timer)
    if (!abort.signal.aborted) timer = setTimeout(() => void sweep(open), SWEEP_MS)
  }
  return {
    accept: (body) => keep(body, { sources, open: parts, onKept: work }).catch(verdictOf),
    open: (given) => {
      parts = given
      void sweep(given)
    },
    close: async (graceMs) => {
      clearTimeout(timer)
      const grace = new AbortController()
      const all = Promise.allSettled(running.values()).finally(() => grace.abort())
      await delay(graceMs, undefined, { signal: grace.signal }).catch(() => undefined)
      abort.abort(new GantryError('QUEUE_SHUTDOWN', 'the scheduler was asked to stop'))
      await all
    },
  }
}

interface Keeping {
  sources: readonly Place[]
  open: OpenParts | null
  onKept: (key: string, open: OpenParts) => void
}

/** Nothing is written for a message without a master: a store may tell of that very record, and so on for ever. */
async function keep(body: string, { sources, open, onKept }: Keeping): Promise<Verdict> {
  const { arrived, rejected } = parseS3Events(body)
  const masters = arrived.filter(({ bucket, keys }) =>
    keys.some((key) => isIn(sources, { bucket, key }) && !isIn(open?.ownPlaces ?? [], { bucket, key })),
  )
  if (masters.length === 0) {
    const [reason] = rejected
    return reason === undefined ? { outcome: 'done' } : { outcome: 'reject', reason }
  }
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

async function workOn(where: ObjectAt, open: OpenParts, log: Logger, signal: AbortSignal): Promise<void> {
  try {
    const message = await readRecord<KeptMessage>(open.store, where)
    if (message === null) return
    const verdict = await open.take(message.body, signal)
    if (verdict.outcome === 'later') {
      log.warn({ code: verdict.reason.code, reason: verdict.reason.message, key: where.key }, 'message is tried again')
      return
    }
    if (verdict.outcome === 'reject') await putAside(where, message, verdict.reason, open, log)
    await open.store.remove(where)
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error, key: where.key }, 'message is tried again')
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
