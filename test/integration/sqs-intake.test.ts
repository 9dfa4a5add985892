/** The SQS intake on a real server: what is delivered, hidden, deleted, and put aside. */
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { startSqsIntake, type SqsOptions } from '../../core/adapters/sqs-intake'
import { GantryError } from '../../core/contract/errors'
import type { Intake, TakeMessage, Verdict } from '../../core/ports/intake'
import { createLogger } from '../../core/service/logger'
import { startElasticMq, type SqsServer } from '../support/servers/elasticmq'
import { freePorts } from '../support/servers/server-process'

const QUEUES = ['done', 'slow', 'later', 'put-aside', 'rejects', 'redrive', 'shared', 'cut', 'drained', 'throws']
const MAX_RECEIVES = 2
const DONE: Verdict = { outcome: 'done' }
const REASON = 'not an object event\n\u001b[31m\0\ud800\uffff'

interface LogLine {
  msg: string
  level: number
  [field: string]: unknown
}

let server: SqsServer
let client: SQSClient
let intakes: Intake[]
let lines: LogLine[]
const credentials = { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' }
const before = new Map(Object.keys(credentials).map((name) => [name, process.env[name]]))

beforeAll(async () => {
  Object.assign(process.env, credentials)
  server = await startElasticMq(QUEUES, { maxReceives: MAX_RECEIVES })
  client = new SQSClient({ region: server.region, endpoint: server.endpoint })
})
afterAll(async () => {
  client.destroy()
  await server.close()
  for (const [name, value] of before) {
    if (value === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = value
  }
})
beforeEach(() => {
  intakes = []
  lines = []
})
afterEach(() => Promise.all(intakes.map((intake) => intake.close())))

const log = createLogger({
  service: 'test',
  level: 'debug',
  to: { write: (line) => void lines.push(JSON.parse(line) as LogLine) },
})

function start(queue: string, take: TakeMessage, more: Partial<SqsOptions> = {}): Intake {
  const { endpoint, region } = server
  const common = { region, endpoint, visibilitySeconds: 30, concurrency: 4, drainMs: 1_000, log }
  const intake = startSqsIntake({ queueUrl: server.queueUrl(queue), ...common, ...more }, take)
  intakes.push(intake)
  return intake
}

async function until(what: string, isSo: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}\n${JSON.stringify(lines, null, 1)}`)
    await delay(20)
  }
}

const send = (queue: string, body: string, to = client) =>
  to.send(new SendMessageCommand({ QueueUrl: server.queueUrl(queue), MessageBody: body }))

async function counts(queue: string): Promise<{ waiting: number; hidden: number }> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
  const command = new GetQueueAttributesCommand({ QueueUrl: server.queueUrl(queue), AttributeNames: [...names] })
  const { Attributes = {} } = await client.send(command)
  const [waiting, hidden] = names.map((name) => Number(Attributes[name]))
  return { waiting: waiting ?? NaN, hidden: hidden ?? NaN }
}

/** The one message of a queue; taken out of it. */
async function only(queue: string, waitSeconds = 0): Promise<Message> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: server.queueUrl(queue),
      WaitTimeSeconds: waitSeconds,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    }),
  )
  const [message] = Messages
  if (Messages.length !== 1 || message === undefined) throw new Error(`${queue} has ${Messages.length} messages`)
  await client.send(
    new DeleteMessageCommand({ QueueUrl: server.queueUrl(queue), ReceiptHandle: message.ReceiptHandle }),
  )
  return message
}

const isEmpty = (queue: string) => async (): Promise<boolean> => {
  const { waiting, hidden } = await counts(queue)
  return waiting + hidden === 0
}

/** Work that lasts until it is let go. */
function held(): { take: TakeMessage; bodies: string[]; letGo: () => void } {
  const bodies: string[] = []
  let letGo = (): void => undefined
  const over = new Promise<void>((resolve) => (letGo = resolve))
  const take: TakeMessage = async (body) => {
    bodies.push(body)
    await over
    return DONE
  }
  return { take, bodies, letGo }
}

describe('a message', () => {
  it('is hidden while it is worked on, and deleted only when it is done', async () => {
    const { take, bodies, letGo } = held()
    const verdicts: Verdict[] = []
    start('done', take, { onVerdict: (verdict) => void verdicts.push(verdict) })
    await send('done', 'größer 🎬')
    await until('it is taken', () => bodies.length > 0)
    expect(bodies).toEqual(['größer 🎬'])
    expect(await counts('done')).toEqual({ waiting: 0, hidden: 1 })
    letGo()
    await until('it is deleted', isEmpty('done'))
    expect(verdicts).toEqual([DONE])
  })

  it('stays hidden for as long as its work takes, beyond its time limit', async () => {
    const bodies: string[] = []
    const take: TakeMessage = async (body) => {
      bodies.push(body)
      // Twice the time that it is hidden, and some more: what is measured here.
      await delay(4_600)
      return DONE
    }
    start('slow', take, { visibilitySeconds: 2 })
    await send('slow', 'slow')
    await until('it is taken', () => bodies.length > 0)
    await until('it is deleted', isEmpty('slow'))
    expect(bodies).toEqual(['slow'])
  })

  it('for later is delivered again, each time after twice the pause, and in the end goes to the dead letters', async () => {
    const reason = new GantryError('STORE_UNAVAILABLE', 'busy')
    const atMs: number[] = []
    start('later', async () => {
      atMs.push(performance.now())
      return { outcome: 'later', reason }
    })
    await send('later', 'again')
    await until('it is put aside', async () => (await counts('later-dead')).waiting === 1, 60_000)
    expect(lines.filter(({ msg }) => msg === 'message is delivered again')).toMatchObject([
      { code: 'STORE_UNAVAILABLE', deliveries: 1, againInSeconds: 5 },
      { code: 'STORE_UNAVAILABLE', deliveries: 2, againInSeconds: 10 },
    ])
    const [first = 0, second = 0, ...more] = atMs
    expect(more).toEqual([])
    expect(second - first).toBeGreaterThan(4_500)
    expect((await only('later-dead')).Body).toBe('again')
    expect(await isEmpty('later')()).toBe(true)
  })

  it('that is rejected goes to the dead letters with its reason, which no control character spoils', async () => {
    const verdicts: string[] = []
    const deadLetterUrl = server.queueUrl('put-aside')
    const onVerdict = ({ outcome }: Verdict): void => void verdicts.push(outcome)
    start('rejects', async () => ({ outcome: 'reject', reason: new GantryError('API_EVENT_INVALID', REASON) }), {
      deadLetterUrl,
      onVerdict,
    })
    await send('rejects', 'hello 🎬')
    await until('it is put aside', async () => (await counts('put-aside')).waiting === 1)
    await until('it is deleted', isEmpty('rejects'))
    const { Body, MessageAttributes } = await only('put-aside')
    expect(Body).toBe('hello 🎬')
    expect(MessageAttributes).toMatchObject({
      'gantry-code': { DataType: 'String', StringValue: 'API_EVENT_INVALID' },
      'gantry-reason': { DataType: 'String', StringValue: 'not an object event  [31m   ' },
    })
    expect(verdicts).toEqual(['reject'])
    expect(await isEmpty('rejects-dead')()).toBe(true)
    expect(lines.filter(({ msg }) => msg === 'message rejected')).toMatchObject([{ level: 50 }])
  })

  it('that is rejected where no dead letter queue is named is left to the redrive policy', async () => {
    let deliveries = 0
    start('redrive', async () => {
      deliveries += 1
      return { outcome: 'reject', reason: new GantryError('API_EVENT_INVALID', REASON) }
    })
    await send('redrive', 'hello')
    await until('it is put aside', async () => (await counts('redrive-dead')).waiting === 1, 60_000)
    expect(deliveries).toBe(MAX_RECEIVES)
    expect((await only('redrive-dead')).Body).toBe('hello')
  })

  it('whose work breaks is delivered again when it is visible again', async () => {
    const bodies: string[] = []
    const take: TakeMessage = async (body) => {
      bodies.push(body)
      if (bodies.length === 1) throw new Error('a fault')
      return DONE
    }
    start('throws', take, { visibilitySeconds: 1 })
    await send('throws', 'x')
    await until('it is deleted', isEmpty('throws'))
    expect(bodies).toEqual(['x', 'x'])
  })
})

describe('several intakes on one queue', () => {
  it('share it: none has more in work than it may, and what one has no room for the other gets', async () => {
    const [narrow, wide] = [held(), held()]
    await Promise.all(Array.from({ length: 25 }, (_, number) => send('shared', String(number))))
    start('shared', narrow.take, { concurrency: 3 })
    await until('one is full', () => narrow.bodies.length === 3)
    expect(await counts('shared')).toEqual({ waiting: 22, hidden: 3 })
    start('shared', wide.take, { concurrency: 22 })
    await until('the other has the rest', () => wide.bodies.length === 22)
    expect(narrow.bodies).toHaveLength(3)
    narrow.letGo()
    wide.letGo()
    await until('all are done', isEmpty('shared'))
    const all = [...narrow.bodies, ...wide.bodies].map(Number).sort((a, b) => a - b)
    expect(all).toEqual(Array.from({ length: 25 }, (_, number) => number))
  })
})

describe('an intake that is closed', () => {
  it('in mid-work waits a while, then cuts the work off, and its message is visible at once', async () => {
    let signal: AbortSignal | null = null
    const take: TakeMessage = async (_, given) => {
      signal = given
      await once(given, 'abort')
      return { outcome: 'later', reason: given.reason as GantryError }
    }
    // Full: it waits for work, not for messages.
    const intake = start('cut', take, { concurrency: 1, drainMs: 700 })
    await send('cut', 'cut off')
    await until('it is taken', () => signal !== null)
    const closing = performance.now()
    await intake.close()
    const tookMs = performance.now() - closing
    expect([tookMs >= 690, tookMs < 5_000]).toEqual([true, true])
    expect(signal).toMatchObject({ reason: { code: 'QUEUE_SHUTDOWN' } })
    expect(await only('cut')).toMatchObject({ Body: 'cut off', Attributes: { ApproximateReceiveCount: '2' } })
  })

  it('lets work end that needs no more than the while, and takes nothing new', async () => {
    const { take, bodies, letGo } = held()
    let wasCut = true
    const intake = start(
      'drained',
      async (body, signal) => {
        const verdict = await take(body, signal)
        wasCut = signal.aborted
        return verdict
      },
      { concurrency: 1, drainMs: 30_000 },
    )
    await send('drained', 'first')
    await until('it is taken', () => bodies.length > 0)
    await send('drained', 'second')
    const closed = intake.close()
    letGo()
    await closed
    expect(wasCut).toBe(false)
    expect(bodies).toEqual(['first'])
    expect(await only('drained')).toMatchObject({ Body: 'second', Attributes: { ApproximateReceiveCount: '1' } })
  })
})

describe('a server that is away', () => {
  it('and comes back is worked with again, by itself; the outage is told once', async () => {
    const [port = 0] = await freePorts(1)
    const first = await startElasticMq(['q'], { port })
    const bodies: string[] = []
    const take: TakeMessage = async (body) => {
      bodies.push(body)
      return DONE
    }
    start('q', take, { queueUrl: first.queueUrl('q'), endpoint: first.endpoint })
    const told = (msg: string): LogLine[] => lines.filter((line) => line.msg === msg)
    const sendTo = async (to: SqsServer, body: string): Promise<void> => {
      const other = new SQSClient({ region: to.region, endpoint: to.endpoint })
      await other.send(new SendMessageCommand({ QueueUrl: to.queueUrl('q'), MessageBody: body }))
      other.destroy()
    }
    await sendTo(first, 'before')
    await until('the first is taken', () => bodies.length === 1)
    await first.close()
    await until('the outage is told', () => told('sqs does not answer').length > 0)
    const second = await startElasticMq(['q'], { port })
    try {
      await sendTo(second, 'after')
      await until('the second is taken', () => bodies.length === 2, 60_000)
      expect(bodies).toEqual(['before', 'after'])
      const warning = { level: 40, code: 'INTAKE_UNAVAILABLE', queueUrl: first.queueUrl('q') }
      expect(told('sqs does not answer')).toMatchObject([warning])
      expect(told('sqs answers again')).toHaveLength(1)
      await Promise.all(intakes.map((intake) => intake.close()))
    } finally {
      await second.close()
    }
  })

  it('or takes connections and says nothing is given up on, told of, and left at once by a close', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const sockets = new Set<{ destroy: () => unknown }>()
    silent.on('connection', (socket) => sockets.add(socket))
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const intake = start('q', async () => DONE, { endpoint, queueUrl: `${endpoint}/000000000000/q`, answerMs: 300 })
    await until('it is told', () => lines.some(({ msg }) => msg === 'sqs does not answer'))
    expect(lines[0]).toMatchObject({ code: 'INTAKE_UNAVAILABLE', reason: expect.stringContaining('Timeout') })
    const closing = performance.now()
    await intake.close()
    expect(performance.now() - closing).toBeLessThan(2_000)
    sockets.forEach((socket) => socket.destroy())
    await once(silent.close(), 'close')
  })
})
