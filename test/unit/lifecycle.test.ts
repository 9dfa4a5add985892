import { EventEmitter } from 'node:events'
import { createReleases, runService, stopRequested, type ServiceBody } from '../../core/service/lifecycle'
import { createLogger, type Logger } from '../../core/service/logger'

let lines: Record<string, unknown>[]
let log: Logger
beforeEach(() => {
  lines = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>)
  log = createLogger({ service: 'test', level: 'debug', to: { write } })
  jest.useFakeTimers()
})
afterEach(() => jest.useRealTimers())

const messages = (): unknown[] => lines.map(({ msg }) => msg)
const after = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

describe('createReleases', () => {
  it('releases in reverse order, one after the other, and says how long each took', async () => {
    const order: string[] = []
    const releases = createReleases(log)
    for (const [name, ms] of [
      ['redis', 10],
      ['queue', 300],
      ['workers', 20],
    ] as const) {
      releases.add(name, async () => {
        order.push(`${name} begins`)
        await after(ms)
        order.push(`${name} ends`)
      })
    }
    const running = releases.run()
    await jest.runAllTimersAsync()
    await running
    expect(order).toEqual(['workers', 'queue', 'redis'].flatMap((name) => [`${name} begins`, `${name} ends`]))
    expect(lines).toMatchObject([
      { msg: 'released', part: 'workers', ms: 20 },
      { msg: 'released', part: 'queue', ms: 300 },
      { msg: 'released', part: 'redis', ms: 10 },
    ])
  })

  it('runs each release once, however often it is asked', async () => {
    let count = 0
    const releases = createReleases(log)
    releases.add('a', () => Promise.resolve((count += 1)))
    await Promise.all([releases.run(), releases.run()])
    await releases.run()
    expect(count).toBe(1)
  })

  it('goes on after a release that fails, and keeps the first error', async () => {
    const order: string[] = []
    const releases = createReleases(log)
    const failing = (name: string) => async (): Promise<void> => {
      order.push(name)
      throw new Error(`${name} hangs`)
    }
    releases.add('a', () => Promise.resolve(order.push('a')))
    releases.add('b', failing('b'))
    releases.add('c', failing('c'))
    expect(releases.firstError()).toBeNull()
    await releases.run()
    expect(order).toEqual(['c', 'b', 'a'])
    expect(releases.firstError()).toEqual({ error: new Error('c hangs') })
    expect(lines).toMatchObject([
      { msg: 'release failed', part: 'c', err: { message: 'c hangs' } },
      { msg: 'release failed', part: 'b', err: { message: 'b hangs' } },
      { msg: 'released', part: 'a' },
    ])
  })

  it('goes on after a release that throws before it gives a promise', async () => {
    const releases = createReleases(log)
    releases.add('a', () => {
      throw new Error('at once')
    })
    await releases.run()
    expect(releases.firstError()).toEqual({ error: new Error('at once') })
  })

  it('releases what is added while it runs, and refuses what comes after', async () => {
    const order: string[] = []
    const releases = createReleases(log)
    releases.add('a', () => Promise.resolve(order.push('a')))
    releases.add('b', async () => {
      releases.add('late', () => Promise.resolve(order.push('late')))
    })
    await releases.run()
    expect(order).toEqual(['late', 'a'])
    expect(() => releases.add('too late', () => Promise.resolve())).toThrow(
      expect.objectContaining({ code: 'QUEUE_INTERNAL', message: expect.stringContaining("'too late'") }),
    )
  })
})

describe('stopRequested', () => {
  it('gives the first reason only, and takes its listeners away', async () => {
    const host = new EventEmitter()
    const stop = stopRequested(host)
    host.emit('SIGINT')
    host.emit('SIGTERM')
    expect(await stop.reason).toBe('SIGINT')
    stop.forget()
    expect(host.eventNames()).toEqual([])
  })

  it('goes on listening after the first signal, since one without a listener ends the process', async () => {
    const host = new EventEmitter()
    const stop = stopRequested(host)
    host.emit('SIGINT')
    await stop.reason
    expect(host.listenerCount('SIGINT')).toBe(1)
    stop.forget()
  })
})

describe('runService', () => {
  const DRAIN_MS = 100_000
  let host: EventEmitter
  let code: number | null
  beforeEach(() => {
    host = new EventEmitter()
    code = null
  })

  /** Starts a service and lets its body run until it waits. */
  const start = async (body: ServiceBody, drainMs = DRAIN_MS): Promise<void> => {
    void runService(log, { host, drainMs }, body).then((value) => {
      code = value
    })
    await jest.advanceTimersByTimeAsync(0)
  }
  /** A part whose release takes some time. */
  const slow =
    (ms: number): ServiceBody =>
    async (onStop) =>
      onStop('queue', () => after(ms))

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'])(
    'runs until %s, then releases and exits with 0',
    async (event) => {
      await start(slow(50))
      await jest.advanceTimersByTimeAsync(1_000_000)
      expect(code).toBeNull()
      host.emit(event)
      await jest.advanceTimersByTimeAsync(49)
      expect(code).toBeNull()
      await jest.advanceTimersByTimeAsync(1)
      expect(code).toBe(0)
      expect(lines).toMatchObject([
        { msg: 'service stops', reason: event },
        { msg: 'released', part: 'queue' },
      ])
      expect(host.eventNames()).toEqual([])
      expect(jest.getTimerCount()).toBe(0)
    },
  )

  it('stops only on what it is told to', async () => {
    void runService(log, { host, drainMs: DRAIN_MS, stopOn: ['SIGTERM'] }, slow(0))
    expect(host.eventNames().sort()).toEqual(['SIGTERM', 'uncaughtException', 'unhandledRejection'])
  })

  it('takes signals within 5 s for the same wish', async () => {
    await start(slow(8_000))
    for (let second = 0; second < 5; second += 1) {
      host.emit('SIGINT')
      await jest.advanceTimersByTimeAsync(999)
    }
    expect(code).toBeNull()
    await jest.advanceTimersByTimeAsync(8_000)
    expect(code).toBe(0)
  })

  it('leaves at once, with 1, on a signal after 5 s', async () => {
    await start(slow(60_000))
    host.emit('SIGTERM')
    await jest.advanceTimersByTimeAsync(5_000)
    host.emit('SIGINT')
    await jest.advanceTimersByTimeAsync(0)
    expect(code).toBe(1)
    expect(lines.at(-1)).toMatchObject({ msg: 'service ends without waiting for all parts', why: 'asked again' })
  })

  it('goes on with its drain when its parent ends later', async () => {
    await start(slow(60_000))
    host.emit('SIGTERM')
    await jest.advanceTimersByTimeAsync(30_000)
    host.emit('disconnect')
    await jest.advanceTimersByTimeAsync(29_999)
    expect(code).toBeNull()
    await jest.advanceTimersByTimeAsync(1)
    expect(code).toBe(0)
  })

  it('leaves with 1 when the time to drain is over', async () => {
    await start(async (onStop) => onStop('queue', () => new Promise(() => undefined)), 2_000)
    host.emit('SIGTERM')
    await jest.advanceTimersByTimeAsync(1_999)
    expect(code).toBeNull()
    await jest.advanceTimersByTimeAsync(1)
    expect(code).toBe(1)
  })

  it('exits with 1 when a release fails, after all others ran', async () => {
    let released = false
    await start(async (onStop) => {
      onStop('redis', async () => {
        released = true
      })
      onStop('queue', () => Promise.reject(new Error('lost')))
    })
    host.emit('SIGTERM')
    await jest.advanceTimersByTimeAsync(0)
    expect(code).toBe(1)
    expect(released).toBe(true)
  })

  it('releases what was started when the start fails, and exits with 1', async () => {
    let released = false
    await start(async (onStop) => {
      onStop('redis', async () => {
        released = true
      })
      throw new Error('no ffmpeg')
    })
    expect(code).toBe(1)
    expect(released).toBe(true)
    expect(lines[0]).toMatchObject({ level: 60, msg: 'service failed', err: { message: 'no ffmpeg' } })
  })

  it('can be stopped while it starts, and tells the start so', async () => {
    let told: unknown
    await start(async (onStop, signal) => {
      onStop('redis', () => Promise.resolve())
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      told = signal.reason
      signal.throwIfAborted()
    })
    host.emit('SIGTERM')
    await jest.advanceTimersByTimeAsync(0)
    expect(code).toBe(0)
    expect(told).toMatchObject({ code: 'QUEUE_SHUTDOWN' })
    expect(messages()).toEqual(['service stops', 'released'])
  })

  it('does not wait for a start that hangs', async () => {
    await start(() => new Promise(() => undefined))
    host.emit('SIGTERM')
    await jest.advanceTimersByTimeAsync(0)
    expect(code).toBe(0)
  })

  it.each([
    ['uncaughtException', new Error('boom')],
    ['unhandledRejection', 'boom'],
  ])('logs an %s, releases, and exits with 1', async (event, thrown) => {
    await start(slow(10))
    host.emit(event, thrown)
    host.emit(event, thrown)
    await jest.advanceTimersByTimeAsync(10)
    expect(code).toBe(1)
    expect(lines[0]).toMatchObject({ level: 60, msg: event, err: { message: 'boom' } })
    expect(messages()).toEqual([event, event, 'service stops', 'released'])
  })

  it('exits with 1 when something breaks during the drain', async () => {
    await start(slow(10))
    host.emit('SIGTERM')
    host.emit('unhandledRejection', new Error('boom'))
    await jest.advanceTimersByTimeAsync(10)
    expect(code).toBe(1)
  })
})
