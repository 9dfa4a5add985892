/** What the scheduler makes of a message about objects: each object on its own, one verdict for all. */
import { setTimeout as delay } from 'node:timers/promises'
import { asGantryError, GantryError } from '../../core/contract/errors'
import type { ObjectAt, Place, SourceArrived } from '../../core/contract/source'
import type { TakeMessage, Verdict } from '../../core/ports/intake'
import type { ObjectStat, VersionedAt } from '../../core/ports/object-store'
import type { Logger } from '../../core/service/logger'
import { isIn } from './places'
import { parseS3Events, type ArrivedObject } from './s3-events'

export interface TakerParts {
  /** Where masters are taken from; nothing is asked of the store for others. */
  sources: readonly Place[]
  /** Where Gantry itself writes. */
  ownPlaces: readonly Place[]
  find: (at: VersionedAt) => Promise<ObjectStat | null>
  submit: (source: SourceArrived, signal: AbortSignal) => Promise<'taken' | 'stale'>
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
    let parsed: ReturnType<typeof parseS3Events>
    try {
      parsed = parseS3Events(body)
    } catch (thrown) {
      parts.onCount('rejected')
      return { outcome: 'reject', reason: asGantryError(thrown) }
    }
    const verdicts: Verdict[] = parsed.rejected.map((reason) => ({ outcome: 'reject', reason }))
    parsed.rejected.forEach(() => parts.onCount('rejected'))
    parsed.ignored.forEach(() => parts.onCount('ignored'))
    if (parsed.ignored.length > 0) parts.log.debug({ ignored: parsed.ignored }, 'events of no interest')
    for (const object of parsed.arrived) {
      const verdict = await takeObject(parts, object, signal)
      parts.onCount(verdict.counted)
      verdicts.push(verdict)
    }
    return worst(verdicts)
  }
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
  try {
    const source = await findSource(parts, allowed, object, signal)
    if (source === null) {
      parts.log.warn({ bucket: first.bucket, key: first.key }, 'the object of an event is not there; it was removed')
      return { outcome: 'done', counted: 'missing' }
    }
    return { outcome: 'done', counted: await parts.submit(source, signal) }
  } catch (thrown) {
    const reason = asGantryError(thrown)
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
  const found = await findAll(parts, places, object)
  if (found.length > 0) return found.find(({ etag }) => etag === object.etag) ?? found[0] ?? null
  await delay(parts.missingMs ?? MISSING_MS, undefined, { signal })
  return (await findAll(parts, places, object))[0] ?? null
}

async function findAll(
  { find }: TakerParts,
  places: readonly ObjectAt[],
  { versionId, sequencer }: ArrivedObject,
): Promise<SourceArrived[]> {
  const version = versionId === undefined ? {} : { versionId }
  const order = sequencer === undefined ? {} : { sequencer }
  const found: SourceArrived[] = []
  for (const at of places) {
    const stat = await find({ ...at, ...version })
    if (stat !== null) found.push({ ...at, ...version, ...order, ...stat })
  }
  return found
}
