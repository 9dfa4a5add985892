/** Reads objects below one address of the web, for looking at assets: one host, limits, no private addresses. */
import { lookup, type LookupAddress } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { GantryError } from '../contract/errors'
import { isPrivateAddress } from './private-addresses'

export interface WebReaderOptions {
  /** Folder that paths are below; ends with a slash. */
  base: URL
  /** Also addresses of this machine and of private networks. */
  allowPrivate: boolean
  signal: AbortSignal
  maxRequests?: number
  maxBytes?: number
  /** From one byte to the next. */
  idleMs?: number
}

export interface WebReader {
  /** Null where the server says that there is nothing; `bytes` is null where it does not say how much. */
  head(path: string): Promise<{ bytes: number | null } | null>
  /** @throws STORE_UNAVAILABLE also for more than `maxBytes`; null as above. */
  read(path: string, range: { start: number; end: number } | null, maxBytes: number): Promise<Buffer | null>
}

const MAX_REQUESTS = 50_000
const MAX_BYTES = 16 * 2 ** 30
const IDLE_MS = 30_000
const MAX_REDIRECTS = 3

interface Asked {
  method: 'HEAD' | 'GET'
  headers: Readonly<Record<string, string>>
  maxBytes: number
  /** What is more is left unread and no fault: a server that knows no ranges sends all. */
  isPart: boolean
}

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
}

/** @throws STORE_DENIED for a private address, or a redirect to another host; STORE_UNAVAILABLE. */
export function createWebReader(options: WebReaderOptions): WebReader {
  const { base, maxRequests = MAX_REQUESTS, maxBytes: allBytes = MAX_BYTES } = options
  let requests = 0
  let bytes = 0
  const ask = async (path: string, asked: Asked): Promise<Answer | null> => {
    let url = new URL(path.split('/').map(encodeURIComponent).join('/'), base)
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      requests += 1
      if (requests > maxRequests) throw unavailable(url, `more than ${maxRequests} requests are needed`)
      const answer = await request(url, asked, options)
      bytes += answer.body.byteLength
      if (bytes > allBytes) throw unavailable(url, `more than ${allBytes} bytes are needed`)
      if (answer.status === 404 || answer.status === 410) return null
      if (answer.status === 401 || answer.status === 403) throw denied(url, `the server answers ${answer.status}`)
      if (answer.status < 300 || answer.status >= 400) return checked(url, answer)
      url = redirected(url, answer.headers.location ?? '')
    }
    throw unavailable(url, `more than ${MAX_REDIRECTS} redirects`)
  }
  return {
    head: async (path) => {
      const answer = await ask(path, { method: 'HEAD', headers: {}, maxBytes: 0, isPart: false })
      const length = Number(answer?.headers['content-length'] ?? NaN)
      return answer === null ? null : { bytes: Number.isSafeInteger(length) ? length : null }
    },
    read: async (path, range, maxBytes) => {
      const headers = range === null ? {} : { range: `bytes=${range.start}-${range.end}` }
      const limit = range === null ? maxBytes : range.end + 1
      const answer = await ask(path, { method: 'GET', headers, maxBytes: limit, isPart: range !== null })
      if (answer === null || range === null || answer.status === 206) return answer?.body ?? null
      return answer.body.subarray(range.start, range.end + 1)
    },
  }
}

function checked(url: URL, answer: Answer): Answer {
  if (answer.status === 200 || answer.status === 206) return answer
  throw unavailable(url, `the server answers ${answer.status}`)
}

/** What a user named is one host; what that names instead is another's choice. */
function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null
  if (to !== null && to.origin === from.origin) return to
  throw denied(from, `it redirects to another host: ${to?.origin ?? 'no URL'}`)
}

function request(url: URL, asked: Asked, options: WebReaderOptions): Promise<Answer> {
  const { allowPrivate, signal, idleMs = IDLE_MS } = options
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) return Promise.reject(privateHost(url))
  return new Promise((resolve, reject) => {
    const fail = (thrown: unknown): void => reject(thrown instanceof GantryError ? thrown : networkError(url, thrown))
    const sent = (url.protocol === 'https:' ? https : http).request(
      url,
      {
        method: asked.method,
        headers: { ...asked.headers, 'accept-encoding': 'identity', 'user-agent': 'gantry-verify' },
        lookup: allowPrivate ? lookup : publicLookup(url),
        timeout: idleMs,
        signal,
      },
      (answer) => {
        collect(answer, url, asked).then(
          (body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
          fail,
        )
      },
    )
    sent.on('timeout', () => sent.destroy(unavailable(url, `no byte came for ${idleMs} ms`)))
    sent.on('error', fail)
    sent.end()
  })
}

/** The connection is made to what was looked up here, so a name cannot change its address in between. */
function publicLookup(url: URL): LookupFunction {
  return (name, { all, ...options }, done) => {
    lookup(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses
      if (error !== null || first === undefined) return done(error ?? new Error('no address'), '')
      if (addresses.some(({ address }) => isPrivateAddress(address))) return done(privateHost(url), '')
      return all === true ? done(null, addresses) : done(null, first.address, first.family)
    })
  }
}

async function collect(answer: http.IncomingMessage, url: URL, { maxBytes, isPart }: Asked): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    chunks.push(chunk)
    if (bytes <= maxBytes) continue
    answer.destroy()
    if (isPart) break
    throw unavailable(url, `it has more than the ${maxBytes} bytes that are read`)
  }
  return Buffer.concat(chunks)
}

function privateHost(url: URL): GantryError {
  return denied(url, 'the host has a private address; give --allow-private to read from it')
}

/** Without query and user: both may hold secrets. */
function named(url: URL): string {
  return `'${url.origin}${url.pathname}'`
}

function denied(url: URL, message: string): GantryError {
  return new GantryError('STORE_DENIED', `${named(url)} is not read: ${message}`)
}

function unavailable(url: URL, message: string): GantryError {
  return new GantryError('STORE_UNAVAILABLE', `${named(url)} cannot be read: ${message}`)
}

function networkError(url: URL, thrown: unknown): GantryError {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new GantryError('STORE_UNAVAILABLE', `${named(url)} cannot be read: ${message}`, {}, { cause: thrown })
}
