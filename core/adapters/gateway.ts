/** The loopback HTTP server through which ffmpeg reads masters: it knows the store, ffmpeg knows a random path. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { asGantryError, GantryError } from '../contract/errors'
import type { MediaGateway, OpenResource, ServedResource } from '../ports/media-gateway'
import type { ByteRange } from '../ports/object-store'
import { requestedRange } from './byte-range'
import { DEFAULT_PACE, replyPace, type PaceClock, type PacePolicy } from './reply-pace'
import { DEFAULT_POLICY, readRange, type ReadPolicy } from './served-read'
import { unreadBytes } from './unread-bytes'

/** 128 bits that nobody guesses; the path is the only key. */
const PATH_BYTES = 16

interface Served {
  resource: ServedResource
  /** Aborted by `close` of the resource; ends its replies. */
  closed: AbortController
  bytesSent: number
  isHeldBack: boolean
  failure: GantryError | null
}

const CLOCK: PaceClock = {
  nowMs: () => performance.now(),
  wait: (ms, signal) => delay(ms, undefined, { signal }),
}

export type GatewayPolicy = ReadPolicy & PacePolicy

/**
 * A gateway on 127.0.0.1 and a free port, listening already.
 *
 * It answers GET and HEAD for the paths it gave out and 404 for everything else; it never redirects, ignores the Host
 * header, and closes each connection after its reply, since ffmpeg opens a new one for each seek. A reply that cannot be
 * completed is cut, and the error kept for `failure()`.
 */
export async function createGateway(policy: Partial<GatewayPolicy> = {}): Promise<MediaGateway> {
  const served = new Map<string, Served>()
  const whole = { ...DEFAULT_POLICY, ...DEFAULT_PACE, ...policy }
  const server = createServer({ keepAlive: false }, (request, response) => {
    // A broken connection is seen by its 'close'.
    response.on('error', () => undefined)
    const entry = served.get(request.url ?? '')
    if (entry === undefined) refuse(response, 404)
    else void answer(entry, request, response, whole)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    open: (resource) => {
      if (!server.listening) return Promise.reject(new GantryError('QUEUE_INTERNAL', 'the media gateway is closed'))
      const path = `/${randomBytes(PATH_BYTES).toString('hex')}`
      const entry: Served = { resource, closed: new AbortController(), bytesSent: 0, isHeldBack: false, failure: null }
      served.set(path, entry)
      return Promise.resolve(openResource(entry, `http://127.0.0.1:${port}${path}`, () => served.delete(path)))
    },
    close: async () => {
      if (!server.listening) return
      for (const entry of served.values()) entry.closed.abort()
      served.clear()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function openResource(entry: Served, url: string, forget: () => void): OpenResource {
  return {
    url,
    bytesSent: () => entry.bytesSent,
    failure: () => entry.failure,
    holdBack: () => {
      entry.isHeldBack = true
    },
    close: () => {
      forget()
      entry.closed.abort()
    },
  }
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...headers, Connection: 'close', 'Content-Length': '0' })
  response.end()
}

async function answer(
  entry: Served,
  request: IncomingMessage,
  response: ServerResponse,
  policy: GatewayPolicy,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, { Allow: 'GET, HEAD' })
  const { bytes } = entry.resource
  const asked = requestedRange(request.headers.range, bytes)
  if (asked === 'unsatisfiable') return refuse(response, 416, { 'Content-Range': `bytes */${bytes}` })
  const range = asked === 'whole' ? { start: 0, end: bytes - 1 } : asked
  response.writeHead(asked === 'whole' ? 200 : 206, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(range.end - range.start + 1),
    'Accept-Ranges': 'bytes',
    Connection: 'close',
    ...(asked === 'whole' ? {} : { 'Content-Range': `bytes ${range.start}-${range.end}/${bytes}` }),
  })
  if (request.method === 'HEAD') response.end()
  else await sendBody(entry, range, response, policy)
}

/** Never rejects: what goes wrong is kept in `entry` and cuts the connection. */
async function sendBody(
  entry: Served,
  range: ByteRange,
  response: ServerResponse,
  policy: GatewayPolicy,
): Promise<void> {
  const { socket } = response
  const unread = async (): Promise<number | null> => {
    return entry.isHeldBack && socket !== null ? unreadBytes(socket) : null
  }
  const pace = replyPace(unread, CLOCK, policy)
  const over = new AbortController()
  const { signal } = over
  const end = (): void => over.abort()
  response.once('close', end)
  entry.closed.signal.addEventListener('abort', end, { once: true })
  try {
    for await (const chunk of readRange(entry.resource, range, { policy, pace }, signal)) {
      entry.bytesSent += chunk.length
      if (!response.write(chunk)) await once(response, 'drain', { signal })
      signal.throwIfAborted()
    }
    response.end()
  } catch (thrown) {
    // ffmpeg closes its connection whenever it seeks, and `close` cuts on purpose: neither is a fault.
    if (!signal.aborted) entry.failure ??= asGantryError(thrown)
    response.destroy()
  } finally {
    entry.closed.signal.removeEventListener('abort', end)
  }
}
