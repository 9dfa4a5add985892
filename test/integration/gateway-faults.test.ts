import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { createGateway } from '../../core/adapters/gateway'
import { GantryError } from '../../core/contract/errors'
import type { MediaGateway } from '../../core/ports/media-gateway'
import type { ByteRange } from '../../core/ports/object-store'
import { httpGet } from '../support/http-get'
import { FAST, brokenStream, bytesOf, pattern, slices, unavailable } from '../support/served-pattern'

let gateway: MediaGateway
beforeEach(async () => {
  gateway = await createGateway(FAST)
})
afterEach(async () => {
  await gateway.close()
})

describe('gateway: faults', () => {
  it.each<[string, (range: ByteRange) => Readable]>([
    ['a store that is away', (range) => brokenStream(range, 0, unavailable())],
    ['a fault in mid-block', (range) => brokenStream(range, 12_345, unavailable())],
    ['a raw socket error', (range) => brokenStream(range, 1, new Error('read ECONNRESET'))],
    ['a short read', (range) => Readable.from([bytesOf({ start: range.start, end: range.start + 99 })])],
    ['an empty read', () => Readable.from([])],
    ['a stalled read', () => new Readable({ read: () => undefined })],
  ])('hides %s from ffmpeg and goes on at the exact byte', async (_, trouble) => {
    const resource = pattern(300_000, (n, range) => (n === 2 || n === 4 ? trouble(range) : null))
    const open = await gateway.open(resource)
    const reply = await httpGet(open.url, { range: 'bytes=1000-298999' })
    expect(reply.isCut).toBe(false)
    expect(reply.body.equals(bytesOf({ start: 1_000, end: 298_999 }))).toBe(true)
    expect(open.failure()).toBeNull()
    expect(resource.reads.length).toBeGreaterThan(5)
  })

  it('reads in blocks', async () => {
    const resource = pattern(150_000)
    const open = await gateway.open(resource)
    await httpGet(open.url)
    expect(resource.reads).toEqual([
      { start: 0, end: 65_535 },
      { start: 65_536, end: 131_071 },
      { start: 131_072, end: 149_999 },
    ])
  })

  it('opens the next block early for a fast reader, and goes on at the exact byte when that one fails', async () => {
    const slowOpening = pattern(3_000_000, (n, range) => (n % 7 === 0 ? brokenStream(range, 0, unavailable()) : null))
    const open = await gateway.open(slowOpening)
    const digest = createHash('sha256')
    const expected = createHash('sha256')
    for (const part of slices({ start: 0, end: 2_999_999 })) expected.update(part)
    const reply = await httpGet(open.url)
    expect(digest.update(reply.body).digest('hex')).toBe(expected.digest('hex'))
    expect(open.failure()).toBeNull()
  })

  it('cuts the reply on a final error and keeps it', async () => {
    const changed = new GantryError('SOURCE_CHANGED', 'the etag is another')
    const open = await gateway.open(
      pattern(200_000, (n, range) => (n === 2 ? brokenStream(range, 100, changed) : null)),
    )
    const reply = await httpGet(open.url)
    expect(reply.isCut).toBe(true)
    expect(reply.body.length).toBeLessThan(200_000)
    expect(open.failure()).toBe(changed)
  })

  it('gives up after the attempts, with the last error', async () => {
    const resource = pattern(200_000, (n, range) => (n > 1 ? brokenStream(range, 0, unavailable()) : null))
    const open = await gateway.open(resource)
    expect((await httpGet(open.url)).isCut).toBe(true)
    expect(open.failure()).toMatchObject({ code: 'STORE_UNAVAILABLE', message: 'the store answered 503' })
    expect(resource.reads).toHaveLength(1 + FAST.attempts)
  })

  it('gives up on a resource that ends before its length', async () => {
    const resource = pattern(200_000, (n) => (n > 1 ? Readable.from([]) : null))
    const open = await gateway.open(resource)
    expect((await httpGet(open.url)).isCut).toBe(true)
    expect(open.failure()).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('gave 0 of') })
    expect(resource.reads).toHaveLength(1 + FAST.attempts)
  })

  it('takes more bytes than asked for a fault and never passes them on', async () => {
    const open = await gateway.open(pattern(1_000, () => Readable.from([Buffer.alloc(2_000)])))
    const reply = await httpGet(open.url, { range: 'bytes=0-9' })
    expect(reply).toMatchObject({ isCut: true })
    expect(reply.body).toHaveLength(0)
    expect(open.failure()).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('does not call it a failure when the reader goes away, and stops reading', async () => {
    const resource = pattern(500_000_000)
    const open = await gateway.open(resource)
    const socket = connect(Number(new URL(open.url).port), '127.0.0.1')
    socket.write(`GET ${new URL(open.url).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await once(socket, 'data')
    const stream = resource.streams.at(-1)
    socket.destroy()
    if (stream !== undefined && !stream.closed) await once(stream, 'close')
    await httpGet((await gateway.open(pattern(5_000_000))).url)
    expect(open.failure()).toBeNull()
    expect(open.bytesSent()).toBeLessThan(50_000_000)
    expect(resource.streams.every((each) => each.destroyed)).toBe(true)
  })
})
