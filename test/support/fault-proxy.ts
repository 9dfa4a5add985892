/** An HTTP proxy in front of one server that breaks chosen requests on purpose. Heads are passed on as they came. */
import { once } from 'node:events'
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type Fault =
  /** Answered here; the server does not see it. */
  | { answer: number; body?: string }
  /** The server does it, and its answer is lost. */
  | 'lose the answer'
  /** The connection ends after so many bytes of the answer's body. */
  | { cutAfter: number }
  /** The answer's body comes in this many bytes a second. */
  | { bytesPerSecond: number }
  /** No answer ever; ends when the client goes. */
  | 'hang'

export interface SeenRequest {
  method: string
  /** Path and query, as sent. */
  url: string
  headers: IncomingMessage['headers']
}

export interface FaultProxy {
  url: string
  /** All requests so far. */
  seen: SeenRequest[]
  /** Decides about each request; null lets it pass. */
  decide: (request: SeenRequest) => Fault | null
  close(): Promise<void>
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target)
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request
    seen.push({ method, url, headers })
    // A connection that is cut on purpose is no error of the proxy.
    for (const end of [request, response]) end.on('error', () => undefined)
    const fault = proxy.decide({ method, url, headers })
    if (fault === 'hang') return
    if (typeof fault === 'object' && fault !== null && 'answer' in fault) return refuse(request, response, fault)
    forward({ hostname, port: Number(port) }, request, response, fault)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    decide: () => null,
    close: async () => {
      const closed = once(server.close(), 'close')
      server.closeAllConnections()
      await closed
    },
  }
  return proxy
}

function refuse(request: IncomingMessage, response: ServerResponse, fault: { answer: number; body?: string }): void {
  const name = fault.answer === 503 ? 'SlowDown' : 'InternalError'
  request.resume().once('end', () => {
    response.writeHead(fault.answer, { 'Content-Type': 'application/xml' })
    response.end(request.method === 'HEAD' ? '' : (fault.body ?? `<Error><Code>${name}</Code></Error>`))
  })
}

function forward(
  target: { hostname: string; port: number },
  request: IncomingMessage,
  response: ServerResponse,
  fault: 'lose the answer' | { cutAfter: number } | { bytesPerSecond: number } | null,
): void {
  const { method, url, headers } = request
  const passed = send({ ...target, method, path: url, headers, agent: false }, (answer) => {
    answer.on('error', () => response.destroy())
    if (fault === 'lose the answer') {
      answer.resume().once('end', () => response.destroy())
      return
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    if (fault === null) answer.pipe(response)
    else if ('cutAfter' in fault) cutAfter(answer, response, fault.cutAfter)
    else void sendSlowly(answer, response, fault.bytesPerSecond)
  })
  passed.on('error', () => response.destroy())
  request.pipe(passed)
}

function cutAfter(answer: IncomingMessage, response: ServerResponse, bytes: number): void {
  let left = bytes
  answer.on('data', (chunk: Buffer) => {
    if (left <= 0) return
    const part = chunk.subarray(0, left)
    left -= part.length
    response.write(part, () => {
      if (left <= 0) response.destroy()
    })
  })
  answer.once('end', () => response.end())
}

/** So many parts a second, each of the same size. */
const SLOW_PARTS = 10

async function sendSlowly(answer: IncomingMessage, response: ServerResponse, bytesPerSecond: number): Promise<void> {
  const bytes = Math.max(1, Math.round(bytesPerSecond / SLOW_PARTS))
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length && !response.destroyed; at += bytes) {
      response.write(chunk.subarray(at, at + bytes))
      await delay(1_000 / SLOW_PARTS)
    }
  }
  response.end()
}
