/** The HTTP intake by real requests, with versitygw as a sender, and what keeps its messages. */
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { startWebhookIntake, type WebhookIntake } from '../../core/adapters/webhook-intake'
import { GantryError } from '../../core/contract/errors'
import type { Verdict } from '../../core/ports/intake'
import type { ObjectStore } from '../../core/ports/object-store'
import { createLogger } from '../../core/service/logger'
import { readRecord } from '../../core/state/records'
import { keptMessages, type KeptMessages, type OpenParts } from '../../scheduler/intake/kept-messages'
import { parseS3Events } from '../../scheduler/intake/s3-events'
import { startVersitygw } from '../support/servers/versitygw'
import { tempStore, type TempStore } from '../support/temp-store'

const TOKEN = 'a-secret-of-this-test'
const DONE: Verdict = { outcome: 'done' }
const reject: Verdict = { outcome: 'reject', reason: new GantryError('API_EVENT_INVALID', 'not an object event') }
const later: Verdict = { outcome: 'later', reason: new GantryError('STORE_UNAVAILABLE', 'the store is away') }

let logged: string
let webhook: WebhookIntake | null = null
const log = createLogger({ service: 'test', level: 'trace', to: { write: (line) => void (logged += line) } })
const logLines = (msg: string): unknown[] => logged.split('\n').filter((line) => line.includes(`"msg":"${msg}"`))

beforeEach(() => {
  logged = ''
})
afterEach(async () => {
  await webhook?.close()
  webhook = null
})

/** @returns Its address, and what it was given. */
async function listening(accept: (body: string) => Promise<Verdict> = async () => DONE) {
  const bodies: string[] = []
  webhook = await startWebhookIntake({ host: '127.0.0.1', port: 0, token: TOKEN, log }, async (body) => {
    bodies.push(body)
    return accept(body)
  })
  return { port: webhook.port, url: `http://127.0.0.1:${webhook.port}/events`, bodies }
}

async function until(what: string, isSo: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}\n${logged}`)
    await delay(20)
  }
}

const bearer = { authorization: `Bearer ${TOKEN}` }
const post = (url: string, body: string, headers: Record<string, string> = bearer): Promise<Response> =>
  fetch(url, { method: 'POST', body, headers })

describe('the token', () => {
  it.each([
    ['as a bearer', '', bearer],
    ['as a bearer in other letters', '', { authorization: `bearer ${TOKEN}` }],
    ['in the query', `?token=${TOKEN}`, {}],
  ])('lets a message in %s', async (_, query, headers) => {
    const { url, bodies } = await listening()
    const reply = await post(`${url}${query}`, '{"größe":"🎬"}', headers)
    expect([reply.status, await reply.json()]).toEqual([202, { status: 'accepted' }])
    expect(bodies).toEqual(['{"größe":"🎬"}'])
  })

  it.each([
    ['none', '', {}],
    ['a wrong one', '', { authorization: 'Bearer x' }],
    ['one letter too few', '', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['another scheme', '', { authorization: `Basic ${TOKEN}` }],
    ['a wrong one in the query', '?token=x', {}],
    ['two in the query', `?token=${TOKEN}&token=${TOKEN}`, {}],
    ['an empty one', '?token=', { authorization: 'Bearer ' }],
    ['a wrong one beside the right one', `?token=${TOKEN}`, { authorization: 'Bearer x' }],
  ])('is asked for: %s is 401', async (_, query, headers) => {
    const { url, bodies } = await listening()
    const reply = await post(`${url}${query}`, '{}', headers)
    expect(reply.status).toBe(401)
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(await reply.json()).toMatchObject({ status: 401, code: 'API_TOKEN' })
    expect(bodies).toEqual([])
  })

  it('is asked for before the body is read', async () => {
    const { url } = await listening()
    const sent = request(url, { method: 'POST', headers: { 'content-length': 100_000 }, agent: false })
    sent.on('error', () => undefined)
    sent.flushHeaders()
    const [reply] = (await once(sent, 'response')) as [{ statusCode: number }]
    expect(reply.statusCode).toBe(401)
    sent.destroy()
  })

  it('is in no line of the log', async () => {
    const { url } = await listening(async (body) => (body === 'bad' ? reject : later))
    for (const body of ['bad', 'busy', 'x'.repeat(300_000)]) await post(`${url}?token=${TOKEN}`, body, {})
    await post(`${url}?token=${TOKEN}x`, 'x', {})
    expect(logLines('webhook message not taken')).toHaveLength(2)
    expect(logged).not.toContain(TOKEN)
  })
})

describe('a request', () => {
  it.each([
    ...['application/json; charset=utf-8', 'text/plain;charset=UTF-8', 'application/cloudevents+json'],
    ...['application/x-www-form-urlencoded', 'application/octet-stream'],
  ])('of type %s gives its text as it is', async (type) => {
    const { url, bodies } = await listening()
    expect((await post(url, ' {"a":"%2B+"}\n', { ...bearer, 'content-type': type })).status).toBe(202)
    expect(bodies).toEqual([' {"a":"%2B+"}\n'])
  })

  it('without a type or without a body is a message, too', async () => {
    const { url, bodies } = await listening()
    const status = (body: Uint8Array | null) =>
      fetch(url, { method: 'POST', body, headers: bearer }).then((reply) => reply.status)
    expect([await status(Buffer.from('x')), await status(null)]).toEqual([202, 202])
    expect(bodies).toEqual(['x', ''])
  })

  it('may have 256 KiB and not a byte more', async () => {
    const { url, bodies } = await listening()
    expect((await post(url, 'x'.repeat(262_144))).status).toBe(202)
    const reply = await post(url, 'x'.repeat(262_145))
    expect([reply.status, await reply.json()]).toMatchObject([413, { status: 413, code: 'API_EVENT_INVALID' }])
    expect(bodies.map(({ length }) => length)).toEqual([262_144])
  })

  it.each(['GET /events', 'PUT /events', 'POST /', 'POST /events/x'])('%s is 404', async (line) => {
    const { port, bodies } = await listening()
    const [method = '', path = ''] = line.split(' ')
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: bearer })
    expect(reply.status).toBe(404)
    expect(await reply.json()).toMatchObject({ status: 404, code: 'API_USAGE' })
    expect(bodies).toEqual([])
  })
})

describe('an answer', () => {
  it('is 422 with the reason for what will never be understood', async () => {
    const { url } = await listening(async () => reject)
    const reply = await post(url, 'hello')
    const problem = { type: 'about:blank', status: 422, code: 'API_EVENT_INVALID', detail: 'not an object event' }
    expect([reply.status, await reply.json()]).toMatchObject([422, problem])
    expect(reply.headers.get('retry-after')).toBeNull()
  })

  it.each([
    ['is to come again', async () => later, 'STORE_UNAVAILABLE'],
    ['could not be kept', () => Promise.reject(new TypeError('secret inner words')), 'QUEUE_INTERNAL'],
  ])('is 503 with a time to come again when the message %s', async (_, accept, code) => {
    const { url } = await listening(accept)
    const reply = await post(url, 'hello')
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5'])
    const text = await reply.text()
    expect(JSON.parse(text)).toMatchObject({ status: 503, code })
    expect(text).not.toContain('inner words')
  })
})

describe('a webhook', () => {
  it('does not start on a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const started = startWebhookIntake({ host: '127.0.0.1', port, token: TOKEN, log }, async () => DONE)
    await expect(started).rejects.toMatchObject({ code: 'CONFIG_PORT_BUSY', details: { port } })
    await once(other.close(), 'close')
  })

  it('ends open connections when it is closed: one that is idle, and one in the middle of its body', async () => {
    const { port } = await listening()
    const open = async (words: string): Promise<{ closed: Promise<unknown> }> => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined).write(words)
      const closed = new Promise((resolve) => socket.once('close', resolve))
      await once(socket, 'data')
      return { closed }
    }
    const head = `POST /events?token=${TOKEN} HTTP/1.1\r\nHost: x\r\n`
    const idle = await open(`${head}Content-Length: 0\r\n\r\n`)
    const half = await open(`${head}Expect: 100-continue\r\nContent-Length: 100\r\n\r\nhalf`)
    const closing = performance.now()
    await Promise.all([webhook?.close(), idle.closed, half.closed])
    expect(performance.now() - closing).toBeLessThan(5_000)
    await expect(fetch(`http://127.0.0.1:${port}/events`)).rejects.toThrow('fetch failed')
  })
})

describe('what versitygw sends', () => {
  it('is understood: its test, puts and uploads in parts of keys with any letters, removals', async () => {
    const { url, bodies } = await listening()
    const s3 = await startVersitygw({ webhookUrl: `${url}?token=${TOKEN}` })
    const { endpoint, region } = s3
    const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: s3 })
    try {
      const at = { Bucket: 'films' }
      await client.send(new CreateBucketCommand(at))
      const keys = ['a.mp4', 'my film.mp4', 'a+b.mp4', 'a%2Bb %41.mp4', 'a+b c.mp4', 'é e\u0301 🎬.mp4', 'x/y/z.mp4']
      for (const Key of keys) await client.send(new PutObjectCommand({ ...at, Key, Body: Key }))
      const whole = { ...at, Key: 'in parts +.mp4' }
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(whole))
      const part = { ...whole, UploadId, PartNumber: 1 }
      const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: 'all of it' }))
      const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] }
      const completed = await client.send(new CompleteMultipartUploadCommand({ ...whole, UploadId, MultipartUpload }))
      await client.send(new DeleteObjectCommand({ ...at, Key: 'a.mp4' }))
      await until('all are told', () => bodies.length >= keys.length + 3)

      const parsed = bodies.map((body) => parseS3Events(body))
      expect(parsed.flatMap(({ rejected }) => rejected)).toEqual([])
      const arrived = parsed.flatMap((one) => one.arrived)
      expect(arrived).toHaveLength(keys.length + 1)
      // Quotes in its etags tell that its keys are plain.
      expect(arrived.map((object) => object.keys[0]).sort()).toEqual([...keys, whole.Key].sort())
      expect(arrived.find((object) => object.keys[0] === whole.Key)).toMatchObject({
        bucket: 'films',
        etag: completed.ETag?.replaceAll('"', ''),
      })
      expect(parsed.flatMap(({ ignored }) => ignored).sort()).toEqual(['"s3:ObjectRemoved:Delete"', 's3:TestEvent'])
    } finally {
      client.destroy()
      await s3.close()
    }
  })
})

describe('messages that are kept', () => {
  const STATE = { bucket: 'state', prefix: 'gantry' }
  const OWN = [STATE, { bucket: 'films', prefix: 'in/own' }]
  let temp: TempStore
  let keepers: KeptMessages[]
  beforeEach(async () => {
    temp = await tempStore()
    keepers = []
  })
  afterEach(async () => {
    await Promise.all(keepers.map((keeper) => keeper.close(0)))
    await temp.remove()
  })

  function keeper(parts: Partial<OpenParts> | null, sweepMs?: number): KeptMessages {
    const sources = [{ bucket: 'films', prefix: 'in' }]
    const kept = keptMessages({ sources, log, ...(sweepMs !== undefined && { sweepMs }) })
    keepers.push(kept)
    const common = { store: temp.store, state: STATE, ownPlaces: OWN, take: async () => DONE, concurrency: 2 }
    if (parts !== null) kept.open({ ...common, checkRequest: () => undefined, ...parts })
    return kept
  }

  const event = (key = 'in/a.mp4', bucket = 'films'): string =>
    JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: bucket }, object: { key } } }] })

  async function keys(below = ''): Promise<string[]> {
    const found: string[] = []
    for await (const { key } of temp.store.list({ bucket: 'state', prefix: `gantry/${below}` })) found.push(key)
    return found
  }
  const isEmpty = async (): Promise<boolean> => (await keys('intake/')).length === 0

  /** Work that ends when it is told to, or is cut off. */
  function held() {
    const told = new AbortController()
    const bodies: string[] = []
    const take: OpenParts['take'] = async (body, signal) => {
      bodies.push(body)
      if (!told.signal.aborted) await once(AbortSignal.any([told.signal, signal]), 'abort')
      return signal.aborted ? later : DONE
    }
    return { take, bodies, letGo: () => told.abort() }
  }

  it('are in the state before they are answered, worked on once, and gone when they are done', async () => {
    const { take, bodies, letGo } = held()
    const kept = keeper({ take })
    expect(await kept.accept(event())).toEqual(DONE)
    const [key = '', ...others] = await keys()
    expect([key, others]).toEqual([expect.stringMatching(/^gantry\/intake\/[0-9a-f]{40}\.json$/), []])
    expect(await readRecord(temp.store, { bucket: 'state', key })).toMatchObject({ v: 1, body: event() })
    await until('it is worked on', () => bodies.length > 0)
    letGo()
    await until('it is gone', isEmpty)
    expect([bodies, await keys()]).toEqual([[event()], []])
  })

  it('are not answered as taken when they cannot be kept', async () => {
    const write = () => Promise.reject(new GantryError('STORE_UNAVAILABLE', 'away'))
    const store: ObjectStore = { ...temp.store, write }
    expect(await keeper({ store }).accept(event())).toMatchObject({ outcome: 'later', reason: { message: 'away' } })
  })

  it('are found by the next process when one ends before their work', async () => {
    const [first, second] = [held(), held()]
    const ended = keeper({ take: first.take })
    await ended.accept(event())
    await until('it is worked on', () => first.bodies.length > 0)
    await ended.close(0)
    expect(await keys('intake/')).toHaveLength(1)
    second.letGo()
    keeper({ take: second.take })
    await until('it is gone', isEmpty)
    expect(second.bodies).toEqual([event()])
  })

  it('stay while they are for later, and are tried again after a while, not at once and again and again', async () => {
    const tries = new Map<string, number[]>(Array.from({ length: 5 }, (_, number) => [event(`in/${number}`), []]))
    const take = async (body: string): Promise<Verdict> => {
      const count = tries.get(body)?.push(performance.now()) ?? 0
      expect((await keys('intake/')).length).toBeGreaterThan(0)
      return count < 3 ? later : DONE
    }
    // More than are in work at once.
    const kept = keeper({ take }, 200)
    await Promise.all([...tries.keys()].map((body) => kept.accept(body)))
    await until('all are gone', isEmpty)
    const pauses = [...tries.values()].map(([a = 0, b = 0, c = 0, ...more]) => [b - a, c - b, ...more])
    expect([pauses.map(({ length }) => length), Math.min(...pauses.flat()) > 95]).toEqual([Array(5).fill(2), true])
    expect(logLines('message is tried again')).toHaveLength(10)
  })

  it('go to rejected/ with their reason when they can never be taken', async () => {
    await keeper({ take: async () => reject }).accept(event())
    await until('it is put aside', isEmpty)
    const [key = ''] = await keys()
    expect(key).toMatch(/^gantry\/rejected\/[0-9a-f]{40}\.json$/)
    expect(await readRecord(temp.store, { bucket: 'state', key })).toMatchObject({
      ...{ body: event(), code: 'API_EVENT_INVALID', reason: 'not an object event' },
    })
  })

  it('are one when they are delivered twice', async () => {
    const { take, bodies, letGo } = held()
    const kept = keeper({ take })
    expect(await Promise.all([kept.accept(event()), kept.accept(event())])).toEqual([DONE, DONE])
    expect(await kept.accept(event())).toEqual(DONE)
    expect(await keys()).toHaveLength(1)
    letGo()
    await until('it is gone', isEmpty)
    expect(bodies).toHaveLength(1)
  })

  it.each([
    ['of the own places', event('in/own/x.mp4'), 'done'],
    ['of the own state', event('gantry/intake/x.json', 'state'), 'done'],
    ['of another bucket', event('in/a.mp4', 'films2'), 'done'],
    ['of another prefix', event('in2/a.mp4'), 'done'],
    ['of a folder marker', event('in/x/'), 'done'],
    ['that are none', 'hello', 'reject'],
    ['that are bad', '{"Records":[{}]}', 'reject'],
  ])('are none when they are events %s: nothing is written', async (_, body, outcome) => {
    const { take, bodies } = held()
    expect(await keeper({ take }).accept(body)).toMatchObject({ outcome })
    expect([await keys(), bodies]).toEqual([[], []])
  })

  it('are to come again while the store is not there yet', async () => {
    const kept = keeper(null)
    expect(await kept.accept(event())).toMatchObject({ outcome: 'later', reason: { code: 'STORE_UNAVAILABLE' } })
    expect(await kept.accept(event('in/a.mp4', 'films2'))).toEqual(DONE)
  })

  it('do not wait behind one that takes long, and no more are in work than may be', async () => {
    const { take, bodies, letGo } = held()
    let [now, most] = [0, 0]
    const counted: OpenParts['take'] = async (body, signal) => {
      most = Math.max(most, (now += 1))
      const verdict = body === event('in/long') ? await take(body, signal) : await delay(5, DONE)
      now -= 1
      return verdict
    }
    const kept = keeper({ take: counted })
    await kept.accept(event('in/long'))
    await until('the long one is begun', () => bodies.length > 0)
    await Promise.all(Array.from({ length: 12 }, (_, number) => kept.accept(event(`in/${number}`))))
    await until('all others are done', async () => (await keys('intake/')).length === 1)
    letGo()
    await until('it is gone', isEmpty)
    expect(most).toBe(2)
  })

  it('are kept for the next process while this one stops', async () => {
    const { take, bodies } = held()
    const kept = keeper({ take })
    await kept.close(0)
    expect(await kept.accept(event())).toEqual(DONE)
    expect([await keys('intake/'), bodies]).toEqual([[expect.any(String)], []])
  })
})
