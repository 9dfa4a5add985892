/** The HTTP intake: stores that cannot write to a queue post their events here. */
import { createHash, timingSafeEqual } from 'node:crypto'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { GantryError } from '../contract/errors'
import type { Intake, Verdict } from '../ports/intake'
import { listen } from '../service/admin'
import type { Logger } from '../service/logger'

export interface WebhookOptions {
  host: string
  /** 0 for a free one. */
  port: number
  token: string
  log: Logger
}

export interface WebhookIntake extends Intake {
  port: number
}

const BODY_BYTES = 256 * 1_024
/** Headers and body of a small message; a sender that takes longer holds a connection for nothing. */
const REQUEST_MS = 10_000
const RETRY_AFTER_SECONDS = 5

/**
 * Listens for `POST /events` with the token as `Authorization: Bearer <token>` or, for senders that know a URL alone, as
 * `?token=`. Answers 202 when `accept` has made the message safe, 422 when it will never be understood, 503 when it is
 * to be sent again, 401 without the token, 413 above 256 KiB. Errors are problem documents (RFC 9457).
 *
 * @param accept Must be quick: senders wait some seconds, and not all of them try again. A throw counts as `later`.
 * @throws CONFIG_PORT_BUSY
 */
export async function startWebhookIntake(
  options: WebhookOptions,
  accept: (body: string) => Promise<Verdict>,
): Promise<WebhookIntake> {
  const server = fastify({ bodyLimit: BODY_BYTES, requestTimeout: REQUEST_MS, forceCloseConnections: true })
  // Whatever type the sender names, the message is text until it is parsed.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body))
  server.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    problem(reply, error.statusCode ?? 500, 'API_EVENT_INVALID', error.message),
  )
  server.setNotFoundHandler((_, reply) => problem(reply, 404, 'API_USAGE', 'there is POST /events and nothing else'))
  const isToken = tokenCheck(options.token)
  server.post('/events', {
    // Before the body is read: a stranger's is not.
    onRequest: async (request, reply) => {
      if (!isToken(tokenOf(request))) {
        return problem(reply, 401, 'API_TOKEN', 'the request has no token or a wrong one')
      }
    },
    handler: async (request, reply) => answer(reply, await verdictOf(accept, textOf(request.body)), options.log),
  })
  const port = await listen(server, options, 'GANTRY_WEBHOOK_PORT')
  options.log.info({ host: options.host, port }, 'webhook listens')
  return { port, close: () => server.close() }
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : ''
}

async function verdictOf(accept: (body: string) => Promise<Verdict>, body: string): Promise<Verdict> {
  try {
    return await accept(body)
  } catch (cause) {
    return { outcome: 'later', reason: new GantryError('QUEUE_INTERNAL', 'the message was not kept', {}, { cause }) }
  }
}

function answer(reply: FastifyReply, verdict: Verdict, log: Logger): FastifyReply {
  if (verdict.outcome === 'done') return reply.code(202).send({ status: 'accepted' })
  const { code, message } = verdict.reason
  log.warn({ code, reason: message, outcome: verdict.outcome }, 'webhook message not taken')
  if (verdict.outcome === 'reject') return problem(reply, 422, code, message)
  return problem(reply.header('Retry-After', RETRY_AFTER_SECONDS), 503, code, message)
}

function problem(reply: FastifyReply, status: number, code: string, detail: string): FastifyReply {
  const body = JSON.stringify({ type: 'about:blank', title: code, status, detail, code })
  return reply.code(status).type('application/problem+json').send(body)
}

function tokenOf({ headers, query }: FastifyRequest): string {
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const asked = (query as Record<string, unknown>).token
  return bearer ?? (typeof asked === 'string' ? asked : '')
}

/** By digests, which have one length and take one time to compare. */
function tokenCheck(token: string): (given: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const expected = digest(token)
  return (given) => timingSafeEqual(digest(given), expected)
}
