/** What the scheduler makes of a message about objects: each object on its own, one verdict for all. */
import { setTimeout as delay } from 'node:timers/promises'
import { asGantryError, GantryError } from '../../core/contract/errors'
import type { ObjectAt, Place, SourceArrived } from '../../core/contract/source'
import type { TakeMessage, Verdict } from '../../core/ports/intake'
import type { ObjectStat, VersionedAt } from '../../core/ports/object-store'
import type { Logger } from '../../core/service/logger'
import type { RequestDocument } from '../../routes/request-schema'
import { isIn } from './places'
import { parseMessage, type Message } from './message'
import type { ArrivedObject } from './s3-events'

export interface TakerParts {
  /** Where masters are taken from; nothing is asked of the store for others. */
  sources: readonly Place[]
  /** Where Gantry itself writes. */
  ownPlaces: readonly Place[]
  find: (at: VersionedAt) => Promise<ObjectStat | null>
  /** Of an event's object; one that the routes leave alone is ignored. */
  submit: (source: SourceArrived, signal: AbortSignal) => Promise<'taken' | 'stale' | 'ignored'>
  /** Finds what a request names, and takes it. @throws What keeps it from being taken. */
  submitRequest: (request: RequestDocument, signal: AbortSignal) => Promise<'taken' | 'stale'>
  onCount: (outcome: 'taken' | 'stale' | 'missing' | 'ignored' | 'rejected' | 'later') => void
  log: Pick<Logger, 'info' | 'warn' | 'debug'>
  /** How long an object that is not there is waited for. */
  missingMs?: number
}

/** Stores that answer from several places may show an object a moment after its event. */
const MISSING_MS = 5_000

type RecordVerdict = Verdict & { counted: Parameters<TakerParts['onCount']>[0] }

/** A message may come twice, late, and in any order: what is done with it is idempotent, and looks at the object itself. */
export function createMessageTaker(parts: TakerParts): TakeMessage {
  return async (body, signal) => {
    let message: Message
    try {
      message = parseMessage(body)
    } catch (thrown) {
      parts.onCount('rejected')
      return { outcome: 'reject', reason: asGantryError(thrown) }
    }
    if ('request' in message) {
      const { request } = message
      return counted(parts, await judged(() => parts.submitRequest(request, signal), signal))
    }
    const parsed = message.events
    const verdicts: Verdict[] = parsed.rejected.map((reason) => ({ outcome: 'reject', reason }))
    parsed.rejected.forEach(() => parts.onCount('rejected'))
    parsed.ignored.forEach(() => parts.onCount('ignored'))
    if (parsed.ignored.length > 0) parts.log.debug({ ignored: parsed.ignored }, 'events of no interest')
    for (const object of parsed.arrived) {
      verdicts.push(counted(parts, await takeObject(parts, object, signal)))
    }
    return worst(verdicts)
  }
}

function counted({ onCount }: TakerParts, verdict: RecordVerdict): RecordVerdict {
  onCount(verdict.counted)
  return verdict
}

/** A message that is to come again comes whole; what of it is done already is known by then. */
function worst(verdicts: readonly Verdict[]): Verdict {
  return (
    verdicts.find(({ outcome }) => outcome === 'later') ??
    verdicts.find(({ outcome }) => outcome === 'reject') ?? { outcome: 'done' }
  )
}

async function takeObject(parts: TakerParts, object: ArrivedObject, signal: AbortSignal): Promise<RecordVerdict> {
  const places = object.keys.map((key) => ({ bucket: object.bucket, key }))
  if (places.some((at) => isIn(parts.ownPlaces, at))) return { outcome: 'done', counted: 'ignored' }
  const allowed = places.filter((at) => isIn(parts.sources, at))
  const [first] = allowed
  if (first === undefined) return notAllowed(object)
  return judged(async () => {
    const source = await findSource(parts, allowed, object, signal)
    if (source !== null) return parts.submit(source, signal)
    parts.log.warn({ bucket: first.bucket, key: first.key }, 'the object of an event is not there; it was removed')
    return 'missing'
  }, signal)
}

/** What becomes of a message by what its work came to. */
async function judged(work: () => Promise<RecordVerdict['counted']>, signal: AbortSignal): Promise<RecordVerdict> {
  try {
    signal.throwIfAborted()
    return { outcome: 'done', counted: await work() }
  } catch (thrown) {
    const reason = asGantryError(signal.aborted ? signal.reason : thrown)
    // A policy that was just changed takes some time to reach all of S3; a queue gives up after some deliveries.
    const mayPass = reason.retryable || reason.code === 'STORE_DENIED' || signal.aborted
    return mayPass ? { outcome: 'later', reason, counted: 'later' } : { outcome: 'reject', reason, counted: 'rejected' }
  }
}

function notAllowed({ bucket, keys }: ArrivedObject): RecordVerdict {
  const message = `masters are not taken from ${JSON.stringify(`${bucket}/${keys[0] ?? ''}`)}: it is not in GANTRY_SOURCES`
  return { outcome: 'reject', reason: new GantryError('API_BUCKET_NOT_ALLOWED', message), counted: 'rejected' }
}

/**
 * The object as it is now: its size and etag are asked for, since events tell neither reliably. Of several possible keys
 * the one with the event's etag counts, else the first that there is: an object that was replaced meanwhile is taken as
 * it is, and the event of the newer one changes nothing.
 */
async function findSource(
  parts: TakerParts,
  places: readonly ObjectAt[],
  object: ArrivedObject,
  signal: AbortSignal,
): Promise<SourceArrived | null> {
  const found = await findNow(parts, places, object)
  if (found !== null) return found
  await delay(parts.missingMs ?? MISSING_MS, undefined, { signal })
  return findNow(parts, places, object)
}

/**
 * Once the object of the event is found nothing more is asked: a key that nobody has may be one that no store takes, and
 * S3 refuses to tell of keys that are not there who may not list the bucket.
 */
async function findNow(
  { find }: TakerParts,
  places: readonly ObjectAt[],
  { versionId, sequencer, etag }: ArrivedObject,
): Promise<SourceArrived | null> {
  const version = versionId === undefined ? {} : { versionId }
  const order = sequencer === undefined ? {} : { sequencer }
  const failures: GantryError[] = []
  let other: SourceArrived | null = null
  for (const at of places) {
    try {
      const stat = await find({ ...at, ...version })
      if (stat === null) continue
      const source = { ...at, ...version, ...order, ...stat }
      if (stat.etag === etag) return source
      other ??= source
    } catch (thrown) {
      const failure = asGantryError(thrown)
      if (failure.retryable) throw failure
      failures.push(failure)
    }
  }
  const hiding = failures.find(({ code }) => code !== 'STORE_KEY_INVALID')
  const [failure] = hiding !== undefined ? [hiding] : failures.length === places.length ? failures : []
  if (other === null && failure !== undefined) throw failure
  return other
}
