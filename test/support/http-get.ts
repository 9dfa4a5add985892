/** One plain HTTP request for tests, with the raw outcome: no redirects followed, a cut reply is told apart. */
import { request } from 'node:http'

export interface HttpReply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  /** The connection ended before the promised length. */
  isCut: boolean
}

export function httpGet(
  url: string,
  options: { method?: string; range?: string; host?: string } = {},
): Promise<HttpReply> {
  const headers = {
    ...(options.range === undefined ? {} : { Range: options.range }),
    ...(options.host === undefined ? {} : { Host: options.host }),
  }
  return new Promise((resolve) => {
    const sent = request(url, { method: options.method ?? 'GET', headers, agent: false }, (reply) => {
      const chunks: Buffer[] = []
      const end = (isCut: boolean): void =>
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(chunks), isCut })
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.once('end', () => end(false))
      reply.once('error', () => end(true))
    })
    // Cut before its head arrived.
    sent.once('error', () => resolve({ status: 0, headers: {}, body: Buffer.alloc(0), isCut: true }))
    sent.end()
  })
}
