import { GantryError } from '../../core/contract/errors'
import type { FailureCode } from '../../core/contract/failures'
import type { ObjectAt, Place, SourceArrived } from '../../core/contract/source'
import type { Verdict } from '../../core/ports/intake'
import type { ObjectStat, VersionedAt } from '../../core/ports/object-store'
import { isIn } from '../../scheduler/intake/places'
import { createMessageTaker, type TakerParts } from '../../scheduler/intake/take-message'

const never = new AbortController().signal
const FILMS: Place = { bucket: 'in', prefix: 'films' }
const OWN: Place[] = [
  { bucket: 'out', prefix: '' },
  { bucket: 'in', prefix: 'films/renditions' },
]
const ETAG = '9dd4e461268c8034f5c8564e155c67a6'

type Object = { key: string; bucket?: string; eTag?: string; size?: number; versionId?: string; sequencer?: string }

const record = ({ bucket = 'in', ...object }: Object, eventName = 'ObjectCreated:Put'): object => ({
  eventName,
  s3: { bucket: { name: bucket }, object: { eTag: ETAG, size: 7, ...object } },
})
const message = (...records: unknown[]): string => JSON.stringify({ Records: records })

/** What is in the store: `bucket/key` -> what `find` gives or throws. */
type There = Readonly<Record<string, ObjectStat | FailureCode>>

interface Asked {
  /** Keys that were looked at, in order. */
  looks: VersionedAt[]
  submitted: SourceArrived[]
  counts: string[]
  take: (body: string, signal?: AbortSignal) => Promise<Verdict>
}

/** A taker over objects that are what `there` says at each look. */
function taker(there: There | (() => There), more: Partial<TakerParts> = {}): Asked {
  const [looks, submitted, counts]: [VersionedAt[], SourceArrived[], string[]] = [[], [], []]
  const silent = (): void => undefined
  const take = createMessageTaker({
    sources: [FILMS],
    ownPlaces: OWN,
    find: async (at) => {
      looks.push(at)
      const found = (typeof there === 'function' ? there() : there)[`${at.bucket}/${at.key}`]
      if (typeof found === 'string') throw new GantryError(found, 'as the test says')
      return found ?? null
    },
    submit: async (source) => {
      submitted.push(source)
      return 'taken'
    },
    submitRequest: async () => 'taken',
    onCount: (outcome) => void counts.push(outcome),
    log: { info: silent, warn: silent, debug: silent },
    missingMs: 1,
    ...more,
  })
  return { looks, submitted, counts, take: (body, signal = never) => take(body, signal) }
}

const at = (key: string): ObjectAt => ({ bucket: 'in', key })
const verdict = (outcome: Verdict['outcome'], code: FailureCode): unknown =>
  expect.objectContaining({ outcome, reason: expect.objectContaining({ code }) })
const rejected = (code: FailureCode): unknown => verdict('reject', code)
const later = (code: FailureCode): unknown => verdict('later', code)

describe('where masters are taken from', () => {
  it.each([
    [{ key: 'films2/a.mp4' }],
    [{ key: 'films' }],
    [{ key: 'other/films/a.mp4' }],
    [{ key: 'films%32/a.mp4' }],
    [{ key: 'films/a.mp4', bucket: 'in2' }],
    [{ key: 'Films/a.mp4' }],
  ])('does not hold %j: nothing is asked of the store', async (object) => {
    const { take, looks, submitted, counts } = taker({ 'in/films2/a.mp4': { etag: ETAG, bytes: 7 } })
    const outcome = await take(message(record(object)))
    expect(outcome).toEqual(rejected('API_BUCKET_NOT_ALLOWED'))
    expect(outcome).toMatchObject({
      reason: { message: expect.stringMatching(/not taken from "in2?\/.*GANTRY_SOURCES$/) },
    })
    expect({ looks, submitted, counts }).toEqual({ looks: [], submitted: [], counts: ['rejected'] })
  })

  it('looks at those of the possible keys alone that are in it', async () => {
    const { take, looks } = taker({})
    await take(message(record({ key: 'films%2Fa.mp4' })))
    expect(looks).toEqual([at('films/a.mp4'), at('films/a.mp4')])
  })

  it('may be a whole bucket, and may be written with a slash', () => {
    expect(isIn([{ bucket: 'in', prefix: '' }], at('a.mp4'))).toBe(true)
    expect(isIn([{ bucket: 'in', prefix: 'films/' }], at('films/a.mp4'))).toBe(true)
    expect(isIn([{ bucket: 'in', prefix: 'films/' }], at('films2/a.mp4'))).toBe(false)
    expect(isIn([], at('a.mp4'))).toBe(false)
  })

  it.each([
    [{ key: 'x/master.m3u8', bucket: 'out' }],
    [{ key: 'films/renditions/a.m4s' }],
    [{ key: 'films%2Frenditions%2Fa.m4s' }],
  ])('is not where Gantry writes: %j is ignored', async (object) => {
    const { take, looks, counts } = taker({})
    expect(await take(message(record(object)))).toEqual({ outcome: 'done' })
    expect({ looks, counts }).toEqual({ looks: [], counts: ['ignored'] })
  })
})

describe('the object of an event', () => {
  it('is taken with size and etag of the store, and with version and sequencer of the event', async () => {
    const { take, looks, submitted, counts } = taker({ 'in/films/a.mp4': { etag: 'of-now', bytes: 5_000 } })
    const [versionId, sequencer] = ['v1', '0055AED6DCD90281E5']
    const body = message(record({ key: 'films/a.mp4', size: 7, versionId, sequencer }))
    expect(await take(body)).toEqual({ outcome: 'done' })
    expect(looks).toEqual([{ ...at('films/a.mp4'), versionId }])
    expect(submitted).toEqual([{ ...at('films/a.mp4'), versionId, sequencer, etag: 'of-now', bytes: 5_000 }])
    expect(counts).toEqual(['taken'])
  })

  it('has neither version nor sequencer where the event has none', async () => {
    const { take, submitted } = taker({ 'in/films/a.mp4': { etag: ETAG, bytes: 1 } })
    await take(message(record({ key: 'films/a.mp4' })))
    expect(submitted).toStrictEqual([{ ...at('films/a.mp4'), etag: ETAG, bytes: 1 }])
  })

  it('is of several possible keys the one with the etag of the event', async () => {
    const there = { 'in/films/a b.mp4': { etag: 'other', bytes: 1 }, 'in/films/a+b.mp4': { etag: ETAG, bytes: 2 } }
    const { take, submitted } = taker(there)
    await take(message(record({ key: 'films/a+b.mp4' })))
    expect(submitted).toEqual([{ ...at('films/a+b.mp4'), etag: ETAG, bytes: 2 }])
  })

  it('is the first that there is when it was overwritten since, with the etag that it has now', async () => {
    const there = { 'in/films/a b.mp4': { etag: 'newer', bytes: 1 }, 'in/films/a+b.mp4': { etag: 'older', bytes: 2 } }
    const { take, submitted } = taker(there)
    await take(message(record({ key: 'films/a+b.mp4' })))
    expect(submitted).toEqual([{ ...at('films/a b.mp4'), etag: 'newer', bytes: 1 }])
  })

  it('is found with one look when its most likely key has it: other keys may be forbidden', async () => {
    const { take, looks } = taker({ 'in/films/a b.mp4': { etag: ETAG, bytes: 1 }, 'in/films/a+b.mp4': 'STORE_DENIED' })
    expect(await take(message(record({ key: 'films/a+b.mp4' })))).toEqual({ outcome: 'done' })
    expect(looks).toEqual([at('films/a b.mp4')])
  })

  it.each(['STORE_DENIED', 'STORE_KEY_INVALID'] as const)('counts when another possible key gives %s', async (code) => {
    const overwritten = { etag: 'newer', bytes: 1 }
    const second = taker({ 'in/films/a b.mp4': code, 'in/films/a+b.mp4': overwritten })
    expect(await second.take(message(record({ key: 'films/a+b.mp4' })))).toEqual({ outcome: 'done' })
    expect(second.submitted).toMatchObject([at('films/a+b.mp4')])
    const first = taker({ 'in/films/a b.mp4': overwritten, 'in/films/a+b.mp4': code })
    expect(await first.take(message(record({ key: 'films/a+b.mp4' })))).toEqual({ outcome: 'done' })
    expect(first.submitted).toMatchObject([at('films/a b.mp4')])
  })

  it('is not guessed while the store does not answer for its most likely key', async () => {
    const there = { 'in/films/a b.mp4': 'STORE_UNAVAILABLE', 'in/films/a+b.mp4': { etag: 'other', bytes: 1 } } as const
    const { take, submitted } = taker(there)
    expect(await take(message(record({ key: 'films/a+b.mp4' })))).toEqual(later('STORE_UNAVAILABLE'))
    expect(submitted).toEqual([])
  })
})

describe('an object that is not there', () => {
  it('is looked for once more after a while, and then known as removed', async () => {
    const { take, looks, submitted, counts } = taker({})
    expect(await take(message(record({ key: 'films/a.mp4' })))).toEqual({ outcome: 'done' })
    expect({ looks, submitted, counts }).toEqual({
      looks: [at('films/a.mp4'), at('films/a.mp4')],
      submitted: [],
      counts: ['missing'],
    })
  })

  it('is taken when the second look finds it, the one with the etag of the event before others', async () => {
    const there = { 'in/films/a b.mp4': { etag: 'other', bytes: 1 }, 'in/films/a+b.mp4': { etag: ETAG, bytes: 2 } }
    let looks = 0
    const { take, submitted } = taker(() => (looks++ < 2 ? {} : there))
    await take(message(record({ key: 'films/a+b.mp4' })))
    expect(submitted).toEqual([{ ...at('films/a+b.mp4'), etag: ETAG, bytes: 2 }])
  })

  it('is missing, not invalid, when one of its possible keys cannot exist', async () => {
    const { take, counts } = taker({ 'in/films/a+b.mp4': 'STORE_KEY_INVALID' })
    expect(await take(message(record({ key: 'films/a+b.mp4' })))).toEqual({ outcome: 'done' })
    expect(counts).toEqual(['missing'])
  })

  it('is waited for no longer than the message may be worked on', async () => {
    const abort = new AbortController()
    const { take, counts } = taker(
      () => {
        queueMicrotask(() => abort.abort(new GantryError('QUEUE_SHUTDOWN', 'stop')))
        return {}
      },
      { missingMs: 3_600_000 },
    )
    expect(await take(message(record({ key: 'films/a.mp4' })), abort.signal)).toEqual(later('QUEUE_SHUTDOWN'))
    expect(counts).toEqual(['later'])
  })
})

describe('what fails', () => {
  const body = message(record({ key: 'films/a.mp4' }))
  const found = { 'in/films/a.mp4': { etag: ETAG, bytes: 1 } }

  it.each(['STORE_UNAVAILABLE', 'STORE_DENIED'] as const)('with %s is for later', async (code) => {
    const { take, counts } = taker({ 'in/films/a.mp4': code })
    expect(await take(body)).toEqual(later(code))
    expect(counts).toEqual(['later'])
  })

  it.each(['STORE_KEY_INVALID', 'SOURCE_EMPTY'] as const)('with %s is rejected', async (code) => {
    const { take, counts } = taker({ 'in/films/a.mp4': code })
    expect(await take(body)).toEqual(rejected(code))
    expect(counts).toEqual(['rejected'])
  })

  it.each([
    ['QUEUE_UNAVAILABLE', later('QUEUE_UNAVAILABLE')],
    ['CONFIG_INVALID', rejected('CONFIG_INVALID')],
  ] as const)('in the submission with %s has the same verdicts', async (code, expected) => {
    const submit = () => Promise.reject(new GantryError(code, 'as the test says'))
    expect(await taker(found, { submit }).take(body)).toEqual(expected)
  })

  it('unexpectedly is for later: it may be a fault that is mended', async () => {
    const submit = () => Promise.reject(new TypeError('x is not a function'))
    expect(await taker(found, { submit }).take(body)).toEqual(later('QUEUE_INTERNAL'))
  })

  it.each(['QUEUE_SHUTDOWN', 'QUEUE_DROPPED'] as const)('in mid-work because of %s is for later', async (code) => {
    const abort = new AbortController()
    const submit = async (_: SourceArrived, signal: AbortSignal): Promise<never> => {
      expect(signal).toBe(abort.signal)
      abort.abort(new GantryError(code, 'stop'))
      throw new GantryError('CONFIG_INVALID', 'cut off')
    }
    expect(await taker(found, { submit }).take(body, abort.signal)).toEqual(later(code))
  })

  it('to begin because the process stops asks nothing of the store', async () => {
    const { take, looks } = taker(found)
    const signal = AbortSignal.abort(new GantryError('QUEUE_SHUTDOWN', 'stop'))
    expect(await take(message(...Array<object>(3).fill(record({ key: 'films/a.mp4' }))), signal)).toEqual(
      later('QUEUE_SHUTDOWN'),
    )
    expect(looks).toEqual([])
  })

  it('to be read as an event is rejected', async () => {
    const { take, counts } = taker(found)
    expect(await take('hello')).toEqual(rejected('API_EVENT_INVALID'))
    expect(counts).toEqual(['rejected'])
  })
})

describe('a message of several records', () => {
  const good = (key: string): object => record({ key: `films/${key}` })
  const there: There = {
    ...Object.fromEntries(['1', '2', '3'].map((key) => [`in/films/${key}`, { etag: ETAG, bytes: 1 }])),
    'in/films/busy': 'STORE_UNAVAILABLE',
  }

  it('has the good ones taken when one is bad, and is rejected with its reason', async () => {
    const { take, submitted, counts } = taker(there)
    const outcome = await take(message(good('1'), { bad: true }, record({ key: 'elsewhere/x' }), good('2')))
    expect(outcome).toEqual(rejected('API_EVENT_INVALID'))
    expect(submitted.map(({ key }) => key)).toEqual(['films/1', 'films/2'])
    expect(counts.sort()).toEqual(['rejected', 'rejected', 'taken', 'taken'])
  })

  it('comes again when one of them is for later, though another is bad', async () => {
    const { take, submitted } = taker(there)
    expect(await take(message({ bad: true }, good('1'), good('busy'), good('2')))).toEqual(later('STORE_UNAVAILABLE'))
    expect(submitted.map(({ key }) => key)).toEqual(['films/1', 'films/2'])
  })

  it('is done with tests, removals, folder markers, own objects and missing ones in it', async () => {
    const { take, counts } = taker(there)
    const outcome = await take(
      message(
        good('1'),
        record({ key: 'films/1' }, 'ObjectRemoved:Delete'),
        good('folder/'),
        record({ key: 'x', bucket: 'out' }),
        good('gone'),
      ),
    )
    expect(outcome).toEqual({ outcome: 'done' })
    expect(counts.sort()).toEqual(['ignored', 'ignored', 'ignored', 'missing', 'taken'])
    expect(await take(message())).toEqual({ outcome: 'done' })
  })

  it('has its records worked on one after the other, in order', async () => {
    const story: string[] = []
    const { take } = taker(there, {
      submit: async ({ key }) => {
        story.push(`begin ${key}`)
        await new Promise((resolve) => setImmediate(resolve))
        story.push(`end ${key}`)
        return 'stale'
      },
    })
    await take(message(good('1'), good('2')))
    expect(story).toEqual(['begin films/1', 'end films/1', 'begin films/2', 'end films/2'])
  })

  it('counts what is stale as stale, and gives the same verdict any number of times', async () => {
    const { take, counts } = taker(there, { submit: async () => 'stale' })
    const body = message(good('1'))
    expect([await take(body), await take(body)]).toEqual([{ outcome: 'done' }, { outcome: 'done' }])
    expect(counts).toEqual(['stale', 'stale'])
  })
})
