/** What the S3 store makes of answers that fail, break off or get lost; a real server behind a proxy with faults. */
import { CreateBucketCommand, ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createS3Client } from '../../core/adapters/s3-client'
import { hasConditionalWrites, nativeGuard } from '../../core/adapters/s3-guard'
import { createS3Store } from '../../core/adapters/s3-store'
import { GantryError } from '../../core/contract/errors'
import type { ObjectStore, WriteOptions } from '../../core/ports/object-store'
import { startFaultProxy, type Fault, type FaultProxy, type SeenRequest } from '../support/fault-proxy'
import { startVersitygw, type S3Server } from '../support/servers/versitygw'

const MIB = 2 ** 20
const bucket = 'faults'
let server: S3Server
let proxy: FaultProxy
let client: S3Client
let store: ObjectStore

const connect = (retryMs: number): ObjectStore => {
  const access = { region: server.region, endpoint: proxy.url, pathStyle: true, retryMs }
  client = createS3Client(access, server)
  return createS3Store({
    client,
    own: [{ bucket, prefix: '' }],
    defaults: {
      tags: { team: 'video + sound' },
      cacheControl: { immutable: 'max-age=31536000, immutable', revalidate: 'no-cache' },
      kmsKeyId: 'key-1',
    },
    guard: nativeGuard,
    urlOf: ({ key }) => key,
  })
}

beforeAll(async () => {
  server = await startVersitygw()
  proxy = await startFaultProxy(server.endpoint)
  connect(5_000)
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
})
afterAll(async () => {
  await proxy.close()
  await server.close()
})

beforeEach(() => {
  store = connect(10_000)
})
afterEach(async () => {
  proxy.decide = () => null
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  client.destroy()
  expect(Uploads).toEqual([])
})

let count = 0
const fresh = (): { bucket: string; key: string } => ({ bucket, key: `object-${(count += 1)}` })
const put = (at: { bucket: string; key: string }, body: Uint8Array | Readable, how: Partial<WriteOptions> = {}) =>
  store.write(at, body, { contentType: 'video/mp4', ...how })
const read = async (at: { bucket: string; key: string; etag?: string }): Promise<Buffer> => buffer(await store.read(at))

/** Breaks the first `times` requests that `which` chooses. @returns How many were broken. */
function breakFirst(times: number, which: (request: SeenRequest) => boolean, fault: Fault): () => number {
  let broken = 0
  proxy.decide = (request) => {
    if (broken >= times || !which(request)) return null
    broken += 1
    return fault
  }
  return () => broken
}

const isPut = ({ method }: SeenRequest): boolean => method === 'PUT'
const isGet = ({ method }: SeenRequest): boolean => method === 'GET'
const isPart = ({ method, url }: SeenRequest): boolean => method === 'PUT' && url.includes('partNumber=')
const isComplete = ({ method, url }: SeenRequest): boolean => method === 'POST' && url.includes('uploadId=')

function pattern(bytes: number): Buffer {
  const block = Buffer.alloc(bytes)
  for (let i = 0; i + 4 <= bytes; i += 4) block.writeUInt32LE((i * 2_654_435_761) % 2 ** 32, i)
  return block
}

const large = pattern(20 * MIB)
const streamed = (): Readable =>
  Readable.from(Array.from({ length: 20 }, (_, i) => large.subarray(i * MIB, (i + 1) * MIB)))

describe.each([500, 503])('answers of %d', (status) => {
  it('are ridden out by reads, writes and looks', async () => {
    const at = fresh()
    const broken = breakFirst(4, isPut, { answer: status })
    await put(at, Buffer.from('abc'), { condition: { absent: true } })
    expect(broken()).toBe(4)
    breakFirst(4, () => true, { answer: status })
    expect(await store.head(at)).toMatchObject({ bytes: 3 })
    breakFirst(4, isGet, { answer: status })
    expect((await read(at)).toString()).toBe('abc')
  })
})

it('a store that stays away is told after the time for retries, with a code that may be tried again', async () => {
  client.destroy()
  store = connect(600)
  proxy.decide = () => ({ answer: 503 })
  await expect(put(fresh(), Buffer.from('x'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
  proxy.decide = () => null
})

describe('answers of 409, by which a store asks for another try', () => {
  const inTheWay = { answer: 409, body: '<Error><Code>ExistingObjectIsDirectory</Code></Error>' }

  it('are ridden out by writes and by the look for conditional writes', async () => {
    const at = fresh()
    const brokenWrites = breakFirst(3, isPut, inTheWay)
    await put(at, Buffer.from('abc'))
    expect(brokenWrites()).toBe(3)
    expect((await read(at)).toString()).toBe('abc')
    const brokenLooks = breakFirst(3, isPut, inTheWay)
    expect(await hasConditionalWrites(client, { bucket, prefix: 'state' })).toBe(true)
    expect(brokenLooks()).toBe(3)
  })

  it('may be tried again later when they stay, unless somebody else has won', async () => {
    proxy.decide = () => inTheWay
    const passing = { code: 'STORE_UNAVAILABLE', retryable: true }
    await expect(put(fresh(), Buffer.from('x'))).rejects.toMatchObject(passing)
    await expect(put(fresh(), Readable.from([Buffer.from('x')]))).rejects.toMatchObject(passing)
    const lost = put(fresh(), Buffer.from('x'), { condition: { absent: true } })
    await expect(lost).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
  })
})

describe('an answer that gets lost', () => {
  it('leaves the writer of a new object the winner that it is', async () => {
    const at = fresh()
    const broken = breakFirst(1, isPut, 'lose the answer')
    const written = await put(at, Buffer.from('mine'), { condition: { absent: true } })
    expect(broken()).toBe(1)
    expect(await store.head(at)).toEqual(written)
  })

  it('leaves the writer that replaces an object the winner that it is', async () => {
    const at = fresh()
    const { etag } = await put(at, Buffer.from('old'))
    breakFirst(1, isPut, 'lose the answer')
    const written = await put(at, Buffer.from('new'), { condition: { etag } })
    expect(await store.head(at)).toEqual(written)
    expect((await read(at)).toString()).toBe('new')
  })

  it('does not make a loser the winner, not even with the same bytes', async () => {
    const at = fresh()
    await put(at, Buffer.from('same'))
    breakFirst(1, isPut, { answer: 503 })
    const late = put(at, Buffer.from('same'), { condition: { absent: true } })
    await expect(late).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
  })

  it('does not lose a long upload at its last step', async () => {
    const at = fresh()
    const broken = breakFirst(1, isComplete, 'lose the answer')
    const written = await put(at, streamed(), { condition: { absent: true } })
    expect(broken()).toBe(1)
    expect(written).toEqual(await store.head(at))
    expect((await read(at)).equals(large)).toBe(true)
  })
})

describe('a reply that breaks off', () => {
  it('is continued at the next byte, again and again', async () => {
    const at = fresh()
    await put(at, large)
    const from = proxy.seen.length
    let cuts = 0
    proxy.decide = (request) => (isGet(request) && (cuts += 1) <= 8 ? { cutAfter: 2 * MIB + 12_345 } : null)
    expect((await read(at)).equals(large)).toBe(true)
    const reads = proxy.seen.slice(from).filter(isGet)
    expect(reads.length).toBeGreaterThan(8)
    // Each but the first asks for the same object, from another byte on.
    expect(reads.slice(1).every(({ headers }) => headers['if-match'] !== undefined)).toBe(true)
    expect(new Set(reads.map(({ headers }) => headers.range)).size).toBe(reads.length)
  })

  it('is continued inside of a range', async () => {
    const at = fresh()
    await put(at, large)
    breakFirst(3, isGet, { cutAfter: MIB })
    const middle = await buffer(await store.read(at, { start: 3 * MIB + 1, end: 9 * MIB }))
    expect(middle.equals(large.subarray(3 * MIB + 1, 9 * MIB + 1))).toBe(true)
  })

  it('is not continued in another object', async () => {
    const at = fresh()
    await put(at, large)
    breakFirst(1, isGet, { cutAfter: MIB })
    const stream = await store.read(at)
    await put(at, Buffer.alloc(large.length, 1))
    await expect(buffer(stream)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })

  it('ends the read when it breaks without a byte each time', async () => {
    const at = fresh()
    await put(at, large)
    let gets = 0
    proxy.decide = (request) => (isGet(request) ? ((gets += 1) === 1 ? { cutAfter: MIB } : { cutAfter: 0 }) : null)
    client.destroy()
    store = connect(200)
    await expect(read(at)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('a long upload', () => {
  it('is stored whole although parts fail', async () => {
    const at = fresh()
    const broken = breakFirst(3, isPart, { answer: 503 })
    const written = await put(at, streamed())
    expect(broken()).toBe(3)
    expect(written.bytes).toBe(large.length)
    expect((await read(at)).equals(large)).toBe(true)
  })

  it('leaves neither object nor parts when it is aborted while parts are on their way', async () => {
    const at = fresh()
    const control = new AbortController()
    const reason = new GantryError('QUEUE_SHUTDOWN', 'asked to stop')
    proxy.decide = (request) => {
      if (!isPart(request)) return null
      setImmediate(() => control.abort(reason))
      return 'hang'
    }
    const body = streamed()
    await expect(put(at, body, { signal: control.signal })).rejects.toBe(reason)
    expect(body.destroyed).toBe(true)
    expect(await store.head(at)).toBeNull()
  })

  it('leaves nothing when its body breaks, and says why it broke', async () => {
    const at = fresh()
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield large
      throw new GantryError('FFMPEG_EXIT', 'the encoder ended early')
    }
    await expect(put(at, Readable.from(broken()))).rejects.toMatchObject({ code: 'FFMPEG_EXIT' })
    expect(await store.head(at)).toBeNull()
  })

  it('leaves nothing when it cannot be completed', async () => {
    client.destroy()
    store = connect(500)
    const at = fresh()
    proxy.decide = (request) => (isComplete(request) ? { answer: 500 } : null)
    await expect(put(at, streamed())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await store.head(at)).toBeNull()
  })

  it('is not taken for stored when the answer says 200 and its body says otherwise', async () => {
    client.destroy()
    store = connect(500)
    const at = fresh()
    const body = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>try again</Message></Error>'
    proxy.decide = (request) => (isComplete(request) ? { answer: 200, body } : null)
    await expect(put(at, streamed())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await store.head(at)).toBeNull()
  })

  it('of two with one key lets one win, and leaves no parts of the other', async () => {
    const at = fresh()
    const both = [streamed(), streamed()].map((body) => put(at, body, { condition: { absent: true } }))
    const ends = await Promise.allSettled(both)
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'STORE_CONFLICT' } })
    expect((await read(at)).equals(large)).toBe(true)
  })
})

it('each write tells S3 its type, its caching, its tags and its key', async () => {
  const from = proxy.seen.length
  await put(fresh(), Buffer.from('x'), { caching: 'immutable' })
  await put(fresh(), streamed(), { caching: 'revalidate', contentType: 'text/vtt' })
  const sent = proxy.seen
    .slice(from)
    .filter(({ url, method }) => isPut({ url, method, headers: {} }) || url.includes('uploads'))
  const whole = sent.filter((request) => !isPart(request)).map(({ headers }) => headers)
  expect(whole).toMatchObject([
    { 'content-type': 'video/mp4', 'cache-control': 'max-age=31536000, immutable' },
    { 'content-type': 'text/vtt', 'cache-control': 'no-cache' },
  ])
  for (const headers of whole) {
    expect(headers).toMatchObject({
      'x-amz-tagging': 'team=video%20%2B%20sound',
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
    })
  }
})

it('nothing is written where masters are', async () => {
  const elsewhere = { bucket: 'masters', key: 'a.mp4' }
  const denied = { code: 'STORE_DENIED' }
  await expect(put(elsewhere, Buffer.from('x'))).rejects.toMatchObject(denied)
  await expect(store.remove(elsewhere)).rejects.toMatchObject(denied)
  await expect(store.copy({ bucket, key: 'a' }, elsewhere)).rejects.toMatchObject(denied)
})
