/** Messages from SQS: long poll, hidden while they are worked on, deleted when their work is recorded. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { GantryError } from '../contract/errors'
import type { Intake, TakeMessage, Verdict } from '../ports/intake'
import type { Logger } from '../service/logger'

export interface SqsOptions {
  queueUrl: string
  /** Where messages go that will never be understood, with the reason; else the queue's redrive policy sees to them. */
  deadLetterUrl?: string
  region: string
  endpoint?: string
  /** How long a message is hidden from others; renewed while the work lasts. */
  visibilitySeconds: number
  /** Messages in work at once. */
  concurrency: number
  /** How long work may go on after `close`. */
  drainMs: number
  /** How long an answer may take; longer than a long poll. */
  answerMs?: number
  onVerdict?: (verdict: Verdict) => void
  log: Logger
}

/**
 * How long SQS waits for a message. A poll that is cut off in the middle may take a message with it, which then stays hidden
 * for its whole time; so a poll is waited for when the intake closes, and is shorter than the 20 s it could be.
 * Source: Amazon SQS developer guide, "Short and long polling"; seen with ElasticMQ.
 */
const WAIT_SECONDS = 5
const BATCH = 10
/** A server that took a connection and fell silent would be waited for without end. */
const ANSWER_MS = (WAIT_SECONDS + 10) * 1_000
const CONNECT_MS = 5_000
/** A poll that has no end by then is of a server that says nothing, and takes no message with it. */
const POLL_END_MS = (WAIT_SECONDS + 2) * 1_000
/** SQS lets a message be hidden for 12 h in all; probing one takes seconds. */
const RENEW_PART = 3
const FIRST_PAUSE_MS = 500
const MAX_PAUSE_MS = 20_000
/** A message that is to come again comes after 5 s, 10 s, 20 s, ... by the number of its deliveries. */
const FIRST_BACKOFF_SECONDS = 5
const MAX_BACKOFF_SECONDS = 300

/** Each is given once, in this order, when the intake closes. */
interface Ends {
  polling: AbortController
  silent: AbortController
  working: AbortController
}

/** Starts to poll. What SQS answers meanwhile, it goes on by itself; outages are told once each. */
export function startSqsIntake(options: SqsOptions, take: TakeMessage): Intake {
  const client = sqsClient(options)
  const ends = { polling: new AbortController(), silent: new AbortController(), working: new AbortController() }
  const running = new Set<Promise<void>>()
  const looping = poll(client, options, take, running, ends)
  return {
    close: async () => {
      ends.polling.abort()
      const late = setTimeout(() => ends.silent.abort(), POLL_END_MS)
      await looping
      clearTimeout(late)
      await settledWithin(running, options.drainMs, () => {
        ends.working.abort(new GantryError('QUEUE_SHUTDOWN', 'the scheduler was asked to stop'))
      })
      client.destroy()
    },
  }
}

async function poll(
  client: SQSClient,
  options: SqsOptions,
  take: TakeMessage,
  running: Set<Promise<void>>,
  { polling, silent, working }: Ends,
): Promise<void> {
  const { log } = options
  const isStopping = (): boolean => polling.signal.aborted
  let pauseMs = 0
  while (!isStopping()) {
    try {
      const messages = await receive(client, options, options.concurrency - running.size, silent.signal)
      if (pauseMs > 0) log.info('sqs answers again')
      pauseMs = 0
      if (isStopping()) return await handBack(client, options, messages)
      for (const message of messages) {
        const done = work(client, options, message, take, working.signal).finally(() => running.delete(done))
        running.add(done)
      }
      // Never more than can be begun: what waits here is hidden from the others.
      if (running.size >= options.concurrency) await oneEnded(running, polling.signal)
    } catch (error) {
      if (isStopping()) return
      if (pauseMs === 0) log.warn({ ...unavailable(error), queueUrl: options.queueUrl }, 'sqs does not answer')
      pauseMs = Math.min(MAX_PAUSE_MS, Math.max(FIRST_PAUSE_MS, pauseMs * 2))
      await delay(pauseMs, undefined, { signal: polling.signal }).catch(() => undefined)
    }
  }
}

function sqsClient({ region, endpoint, answerMs = ANSWER_MS }: SqsOptions): SQSClient {
  // Read by the SDK at its first call; else it prints a warning on stderr, between lines of JSON.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  return new SQSClient({
    region,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECT_MS,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
    }),
    ...(endpoint !== undefined && { endpoint }),
  })
}

/** Until one ends or the signal is given; nothing is left on a signal that lasts as long as the process. */
async function oneEnded(work: Iterable<Promise<void>>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const over = new AbortController()
  const given = once(signal, 'abort', { signal: over.signal }).catch(() => undefined)
  await Promise.race([...work, given])
  over.abort()
}

/** Waits for work to end; after a while it is told to. */
async function settledWithin(work: Iterable<Promise<void>>, graceMs: number, end: () => void): Promise<void> {
  const timer = setTimeout(end, graceMs)
  await Promise.all(work)
  clearTimeout(timer)
}

function unavailable(error: unknown): { code: string; reason: string } {
  return {
    code: 'INTAKE_UNAVAILABLE',
    reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  }
}

async function receive(
  client: SQSClient,
  { queueUrl, visibilitySeconds }: SqsOptions,
  room: number,
  silent: AbortSignal,
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: Math.min(BATCH, Math.max(1, room)),
    WaitTimeSeconds: WAIT_SECONDS,
    VisibilityTimeout: visibilitySeconds,
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  })
  return (await client.send(command, { abortSignal: silent })).Messages ?? []
}

/** What came with the last poll is for others, at once. */
async function handBack(client: SQSClient, { queueUrl }: SqsOptions, messages: readonly Message[]): Promise<void> {
  const sent = messages.map(({ ReceiptHandle }) =>
    client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
  )
  await Promise.all(sent)
}

/** One message from its delivery to its end. Never rejects: what cannot be told to SQS is delivered again. */
async function work(
  client: SQSClient,
  options: SqsOptions,
  message: Message,
  take: TakeMessage,
  signal: AbortSignal,
): Promise<void> {
  const { visibilitySeconds, log } = options
  const hide = (seconds: number): Promise<unknown> =>
    client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: options.queueUrl,
        ReceiptHandle: message.ReceiptHandle,
        VisibilityTimeout: seconds,
      }),
    )
  const renewal = setInterval(
    () => void hide(visibilitySeconds).catch((error: unknown) => log.debug({ err: error }, 'message not renewed')),
    (visibilitySeconds * 1_000) / RENEW_PART,
  )
  try {
    const verdict = await take(message.Body ?? '', signal)
    clearInterval(renewal)
    options.onVerdict?.(verdict)
    await settle(client, options, message, verdict, hide, signal.aborted)
  } catch (error) {
    log.warn({ ...unavailable(error), messageId: message.MessageId }, 'message is delivered again')
  } finally {
    clearInterval(renewal)
  }
}

async function settle(
  client: SQSClient,
  options: SqsOptions,
  message: Message,
  verdict: Verdict,
  hide: (seconds: number) => Promise<unknown>,
  isStopping: boolean,
): Promise<void> {
  const { queueUrl, deadLetterUrl, log } = options
  const forget = new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle })
  if (verdict.outcome === 'done') return void (await client.send(forget))
  const told = { code: verdict.reason.code, reason: verdict.reason.message, messageId: message.MessageId }
  if (verdict.outcome === 'later') {
    const deliveries = Number(message.Attributes?.ApproximateReceiveCount ?? 1)
    const pause = Math.min(MAX_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** Math.min(10, deliveries - 1))
    log.warn({ ...told, deliveries, againInSeconds: isStopping ? 0 : pause }, 'message is delivered again')
    return void (await hide(isStopping ? 0 : pause))
  }
  log.error(told, deadLetterUrl === undefined ? 'message rejected; left to the redrive policy' : 'message rejected')
  if (deadLetterUrl === undefined) return void (await hide(FIRST_BACKOFF_SECONDS))
  await client.send(
    new SendMessageCommand({
      QueueUrl: deadLetterUrl,
      MessageBody: message.Body ?? '',
      MessageAttributes: {
        'gantry-code': attribute(verdict.reason.code),
        'gantry-reason': attribute(verdict.reason.message),
      },
    }),
  )
  await client.send(forget)
}

/** SQS takes no controls and not the last two of the first plane. Source: Amazon SQS API reference, SendMessage. */
function attribute(value: string): { DataType: 'String'; StringValue: string } {
  return {
    DataType: 'String',
    StringValue: Array.from(value.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, ' '))
      .slice(0, 500)
      .join(''),
  }
}
