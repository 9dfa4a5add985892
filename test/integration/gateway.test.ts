import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { createGateway } from '../../core/adapters/gateway'
import type { MediaGateway, OpenResource } from '../../core/ports/media-gateway'
import { httpGet } from '../support/http-get'
import { FAST, bytesOf, pattern } from '../support/served-pattern'

let gateway: MediaGateway
beforeEach(async () => {
  gateway = await createGateway(FAST)
})
afterEach(async () => {
  await gateway.close()
})

describe('gateway: requests', () => {
  const bytes = 200_000
  let open: OpenResource
  beforeEach(async () => {
    open = await gateway.open(pattern(bytes))
  })

  it('gives a loopback URL with 128 random bits, another for each resource', async () => {
    expect(open.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}$/)
    const other = await gateway.open(pattern(1))
    expect(other.url).not.toBe(open.url)
  })

  it('serves the whole resource without a range', async () => {
    const reply = await httpGet(open.url)
    expect(reply).toMatchObject({ status: 200, isCut: false, headers: { 'content-length': '200000' } })
    expect(reply.headers).toMatchObject({ 'accept-ranges': 'bytes', connection: 'close' })
    expect(reply.body.equals(bytesOf({ start: 0, end: bytes - 1 }))).toBe(true)
    expect(open.bytesSent()).toBe(bytes)
  })

  it.each([
    ['bytes=0-', 0, 199_999],
    ['bytes=199999-', 199_999, 199_999],
    ['bytes=65535-65536', 65_535, 65_536],
    ['bytes=10-999999999', 10, 199_999],
    ['bytes=-7', 199_993, 199_999],
    ['bytes=-900000', 0, 199_999],
  ])('serves %s as bytes %i to %i', async (range, start, end) => {
    const reply = await httpGet(open.url, { range })
    expect(reply.status).toBe(206)
    expect(reply.headers['content-range']).toBe(`bytes ${start}-${end}/200000`)
    expect(reply.body.equals(bytesOf({ start, end }))).toBe(true)
  })

  it.each(['bytes=200000-', 'bytes=200000-200001', 'bytes=-0'])('answers 416 to %s', async (range) => {
    const reply = await httpGet(open.url, { range })
    expect(reply).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */200000' } })
  })

  it.each(['bytes=5-3', 'bytes=0-1,5-6', 'bytes=-', 'bytes=a-b', 'items=0-1', 'bytes=0-1x'])(
    'ignores a range it does not understand: %s',
    async (range) => {
      const reply = await httpGet(open.url, { range })
      expect(reply).toMatchObject({ status: 200, headers: { 'content-length': '200000' } })
    },
  )

  it('answers HEAD without reading anything', async () => {
    const reply = await httpGet(open.url, { method: 'HEAD', range: 'bytes=5-9' })
    expect(reply).toMatchObject({ status: 206, headers: { 'content-length': '5' } })
    expect(reply.body).toHaveLength(0)
    expect(open.bytesSent()).toBe(0)
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    expect(await httpGet(open.url, { method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  })

  it('knows no other path, near ones and whole URLs among them', async () => {
    const { origin, pathname } = new URL(open.url)
    const paths = [
      '/',
      `${pathname}/`,
      `${pathname}?a=1`,
      pathname.toUpperCase(),
      pathname.slice(0, -1),
      `/${pathname}`,
    ]
    const replies = await Promise.all(paths.map((path) => rawGet(origin, path)))
    expect(replies).toEqual(paths.map(() => 404))
    expect(await rawGet(origin, `http://127.0.0.1:1${pathname}`)).toBe(404)
  })

  it('pays no heed to the Host header', async () => {
    expect(await httpGet(open.url, { host: 'evil.example', range: 'bytes=0-1' })).toMatchObject({ status: 206 })
  })

  it('serves an empty resource', async () => {
    const empty = await gateway.open(pattern(0))
    expect(await httpGet(empty.url)).toMatchObject({ status: 200, headers: { 'content-length': '0' } })
    expect(await httpGet(empty.url, { range: 'bytes=0-' })).toMatchObject({ status: 416 })
  })
})

/** The status of a request whose path is sent as it is. */
function rawGet(origin: string, path: string): Promise<number> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, agent: false }, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
    sent.once('error', reject)
    sent.end()
  })
}

describe('gateway: flow', () => {
  it('reads no further than the buffers of a reader that does not read', async () => {
    const open = await gateway.open(pattern(500_000_000))
    const socket = connect(Number(new URL(open.url).port), '127.0.0.1')
    socket.write(`GET ${new URL(open.url).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await once(socket, 'data')
    socket.pause()
    // Another reader is the clock: what it gets in this time the first one would have got too.
    await httpGet((await gateway.open(pattern(60_000_000))).url)
    expect(open.bytesSent()).toBeLessThan(20_000_000)
    socket.destroy()
  })

  it('cuts open replies on close of the resource, and forgets the path', async () => {
    const open = await gateway.open(pattern(500_000_000))
    const other = await gateway.open(pattern(10))
    const reply = httpGet(open.url)
    while (open.bytesSent() === 0) await new Promise(setImmediate)
    open.close()
    expect((await reply).isCut).toBe(true)
    expect(open.failure()).toBeNull()
    expect((await httpGet(open.url)).status).toBe(404)
    expect((await httpGet(other.url)).status).toBe(200)
  })

  it('opens nothing after it was closed, and closes twice', async () => {
    await gateway.close()
    await gateway.close()
    await expect(gateway.open(pattern(1))).rejects.toMatchObject({ code: 'QUEUE_INTERNAL' })
  })
})
