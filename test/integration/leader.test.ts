/** Leases, locks and signals on a real Redis; who leads; and the admin port by real requests. */
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { connectRedis, redisTarget } from '../../core/adapters/redis-connection'
import { redisLock, takeLease } from '../../core/adapters/redis-lock'
import { startRedisServer, type RedisServer } from '../../core/adapters/redis-server'
import { redisSignals } from '../../core/adapters/redis-signals'
import { GantryError } from '../../core/contract/errors'
import type { Signals } from '../../core/ports/signals'
import { openAdmin, startAdmin, type Admin } from '../../core/service/admin'
import { startLeadership, type Leadership } from '../../core/service/leader'
import { createLogger } from '../../core/service/logger'
import { createMetrics } from '../../core/service/metrics'

const LASTS_MS = 900
const log = createLogger({ service: 'test', level: 'silent' })

let root: string
let server: RedisServer
let connections: Redis[]
let leaderships: Leadership[]
let count = 0

async function startRedis(name: string, onRestart = (): void => undefined): Promise<RedisServer> {
  const folder = join(root, name)
  await mkdir(folder)
  return startRedisServer({ program: 'redis-server', folder, onRestart })
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'gantry-leader-'))
  server = await startRedis('shared')
})
afterAll(async () => {
  await server.close()
  await rm(root, { recursive: true, force: true })
})
beforeEach(() => {
  count += 1
  connections = []
  leaderships = []
})
afterEach(async () => {
  await Promise.all(leaderships.map((one) => one.close()))
  connections.forEach((connection) => connection.disconnect())
})

function connected(to = server): Redis {
  const connection = connectRedis(redisTarget(to.url), () => undefined)
  connections.push(connection)
  return connection
}

async function until(what: string, isSo: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`)
    await delay(10)
  }
}

const key = (): string => `{l${count}}:leader`

interface Candidate {
  leadership: Leadership
  changes: boolean[]
  leads: () => boolean
}

function candidate(redis = connected()): Candidate {
  const changes: boolean[] = []
  const onChange = (leads: boolean): void => void changes.push(leads)
  const leadership = startLeadership({
    take: () => takeLease(redis, key(), LASTS_MS),
    lastsMs: LASTS_MS,
    onChange,
    log,
  })
  leaderships.push(leadership)
  return { leadership, changes, leads: () => leadership.leads() }
}

describe('of two candidates', () => {
  it('one leads and goes on to lead; the other takes over when it closes, without waiting for the lease to end', async () => {
    const first = candidate()
    await until('the first leads', first.leads)
    const second = candidate()
    const end = performance.now() + 3 * LASTS_MS
    // Longer than a lease lasts without renewal.
    while (performance.now() < end) {
      expect([first.leads(), second.leads()]).toEqual([true, false])
      await delay(20)
    }
    const closing = performance.now()
    await first.leadership.close()
    expect(first.leads()).toBe(false)
    await until('the second leads', second.leads)
    expect(performance.now() - closing).toBeLessThan(LASTS_MS * 0.8)
    expect([first.changes, second.changes]).toEqual([[true, false], [true]])
  })

  it('the other takes over when the first is gone without a word, once its lease has run out', async () => {
    const redis = connected()
    const lease = await takeLease(redis, key(), LASTS_MS)
    expect(lease).not.toBeNull()
    const died = performance.now()
    const second = candidate()
    await until('the second leads', second.leads)
    const tookMs = performance.now() - died
    expect([tookMs > LASTS_MS * 0.9, tookMs < LASTS_MS * 3]).toEqual([true, true])
  })

  it('one that does not lead closes without taking the lease from the other', async () => {
    const first = candidate()
    await until('the first leads', first.leads)
    const second = candidate()
    await second.leadership.close()
    expect(await connected().exists(key())).toBe(1)
    expect([first.leads(), second.changes]).toEqual([true, []])
  })
})

describe('a leader', () => {
  it('whose Redis dies leads until its lease is over by its own clock and no longer, and leads again afterwards', async () => {
    let restarts = 0
    const own = await startRedis('killed', () => (restarts += 1))
    try {
      const one = candidate(connected(own))
      await until('it leads', one.leads)
      process.kill(own.pid, 'SIGKILL')
      const killed = performance.now()
      await until('it stops or has another Redis', () => restarts > 0)
      await until('it leads in the new one', async () => {
        const told = await connected(own)
          .exists(key())
          .catch(() => 0)
        return told === 1 && one.leads()
      })
      expect(performance.now() - killed).toBeLessThan(10_000)
      await one.leadership.close()
    } finally {
      await own.close()
    }
  })

  it('whose Redis stays away is no leader any more within the time of a lease, and says so', async () => {
    const own = await startRedis('away')
    const one = candidate(connected(own))
    await until('it leads', one.leads)
    await own.close()
    const closed = performance.now()
    await until('it leads no more', () => !one.leads())
    expect(performance.now() - closed).toBeLessThan(LASTS_MS + 100)
    await until('it says so', () => one.changes.length === 2)
    expect(one.changes).toEqual([true, false])
  })

  it('that does not hear from its Redis is no leader any more within the time of a lease', async () => {
    const own = await startRedis('frozen')
    const one = candidate(connected(own))
    await until('it leads', one.leads)
    process.kill(own.pid, 'SIGSTOP')
    try {
      const frozen = performance.now()
      await until('it leads no more', () => !one.leads())
      expect(performance.now() - frozen).toBeLessThan(LASTS_MS + 100)
    } finally {
      process.kill(own.pid, 'SIGCONT')
    }
    await until('it leads again', one.leads)
    await one.leadership.close()
    await own.close()
  })

  it('goes on to lead when one renewal is lost', async () => {
    const redis = connected()
    const changes: boolean[] = []
    let renewals = 0
    const take = async () => {
      const lease = await takeLease(redis, key(), LASTS_MS)
      const lost = (): Promise<boolean> => Promise.reject(new GantryError('QUEUE_UNAVAILABLE', 'as the test says'))
      return lease && { ...lease, renew: () => ((renewals += 1) === 1 ? lost() : lease.renew()) }
    }
    const leadership = startLeadership({ take, lastsMs: LASTS_MS, onChange: (leads) => void changes.push(leads), log })
    leaderships.push(leadership)
    await until('it has renewed since', () => renewals > 4)
    expect([changes, leadership.leads()]).toEqual([[true], true])
  })

  it('whose lease another has stops, and leaves that lease alone', async () => {
    const redis = connected()
    const one = candidate()
    await until('it leads', one.leads)
    await redis.set(key(), 'another', 'PX', 60_000)
    await until('it stops', () => one.changes.length === 2)
    expect([one.changes, one.leads()]).toEqual([[true, false], false])
    await one.leadership.close()
    expect(await redis.get(key())).toBe('another')
  })
})

describe('a lock', () => {
  const lock = (redis = connected(), more: Partial<Parameters<typeof redisLock>[1]> = {}) =>
    redisLock(redis, { prefix: `{l${count}}`, lastsMs: 10_000, waitMs: 30_000, ...more })

  it('has one of 20 in it at a time, over several connections, and in the end all', async () => {
    const five = Array.from({ length: 5 }, () => connected())
    let [inside, most, total] = [0, 0, 0]
    const work = async (): Promise<void> => {
      most = Math.max(most, (inside += 1))
      const before = total
      await delay(2)
      total = before + 1
      inside -= 1
    }
    const locks = Array.from({ length: 20 }, (_, number) => lock(five[number % 5]))
    await Promise.all(locks.map((one) => one.withLock('one', work)))
    expect({ most, total }).toEqual({ most: 1, total: 20 })
    expect(await connected().keys(`{l${count}}*`)).toEqual([])
  })

  it('of another name is another', async () => {
    const one = lock()
    expect(await one.withLock('a', () => one.withLock('b', async () => 'both'))).toBe('both')
  })

  it('is let go when its work fails, with the error of the work', async () => {
    const one = lock()
    await expect(one.withLock('a', () => Promise.reject(new TypeError('mine')))).rejects.toThrow('mine')
    expect(await one.withLock('a', async () => 'free')).toBe('free')
  })

  it('whose holder is dead is free when its time is over', async () => {
    const since = performance.now()
    await takeLease(connected(), `{l${count}}:lock:a`, 400)
    await lock().withLock('a', async () => undefined)
    const tookMs = performance.now() - since
    expect([tookMs > 350, tookMs < 3_000]).toEqual([true, true])
  })

  it('that stays taken is given up on after a while, which may be tried again', async () => {
    const [one, other] = [lock(), lock(connected(), { waitMs: 100 })]
    const failed = one.withLock('a', () => other.withLock('a', async () => undefined))
    await expect(failed).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
  })

  it('that ran out is not taken from the one who has it now', async () => {
    const redis = connected()
    await lock(redis, { lastsMs: 100 }).withLock('a', async () => {
      await until('it ran out', async () => (await redis.exists(`{l${count}}:lock:a`)) === 0)
      await redis.set(`{l${count}}:lock:a`, 'another', 'PX', 60_000)
    })
    expect(await redis.get(`{l${count}}:lock:a`)).toBe('another')
  })
})

describe('signals', () => {
  function ends(to = server): { one: Signals; other: Signals } {
    const open = (): Signals => redisSignals(redisTarget(to.url), `{l${count}}`, () => undefined)
    return { one: open(), other: open() }
  }

  /** The first hints may be told before anybody listens; they may get lost. */
  async function heard({ one }: { one: Signals }, list: string[], text: string): Promise<void> {
    await until(`${text} is heard`, () => {
      one.tell('run-closed', text)
      return list.includes(text)
    })
  }

  it('are heard over another connection, by all who listen, and by topic', async () => {
    const both = ends()
    const [first, second, otherTopic]: string[][] = [[], [], []]
    both.other.hear('run-closed', (text) => first?.push(text))
    both.other.hear('run-closed', (text) => second?.push(text))
    both.other.hear('asset-changed', (text) => otherTopic?.push(text))
    await heard(both, first ?? [], 'a.1')
    expect([second?.includes('a.1'), otherTopic]).toEqual([true, []])
    await Promise.all([both.one.close(), both.other.close()])
  })

  it('are heard again after their Redis was killed', async () => {
    let restarts = 0
    const own = await startRedis('signals', () => (restarts += 1))
    const both = ends(own)
    const list: string[] = []
    both.other.hear('run-closed', (text) => list.push(text))
    await heard(both, list, 'before')
    process.kill(own.pid, 'SIGKILL')
    await until('it is started again', () => restarts > 0)
    await heard(both, list, 'after')
    await Promise.all([both.one.close(), both.other.close()])
    await own.close()
  })
})

describe('the admin port', () => {
  let admin: Admin
  const get = async (path: string) => {
    const reply = await fetch(`http://127.0.0.1:${admin.port}${path}`)
    return { status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() }
  }
  const readiness = async () => {
    const { status, text } = await get('/readyz')
    return { status, ...(JSON.parse(text) as { parts: unknown }) }
  }
  const options = () => ({ host: '127.0.0.1', metrics: createMetrics('test'), log })
  beforeEach(async () => {
    admin = await startAdmin({ ...options(), port: 0 })
  })
  afterEach(() => admin.close())

  it('says that the process is alive, whatever else is so', async () => {
    const alive = async () => (await get('/healthz')).status
    const statuses = [await alive()]
    admin.ready([{ name: 'redis', check: () => Promise.reject(new Error('away')) }])
    statuses.push(await alive())
    admin.stopping()
    expect([...statuses, await alive()]).toEqual([200, 200, 200])
  })

  it('says starting, then ready, then stopping', async () => {
    const seen = [await readiness()]
    admin.ready([{ name: 'redis', check: async () => undefined }])
    seen.push(await readiness())
    admin.stopping()
    expect([...seen, await readiness()]).toEqual([
      { status: 'not ready', parts: { process: 'starting' } },
      { status: 'ready', parts: { redis: 'ok' } },
      { status: 'not ready', parts: { process: 'stopping' } },
    ])
    expect((await get('/readyz')).status).toBe(503)
  })

  it('says which part is not ready and why, at once or after a while, and asks again each time', async () => {
    let isAway = true
    admin.ready([
      { name: 'redis', check: async () => undefined },
      { name: 'store', check: () => Promise.reject(new GantryError('STORE_UNAVAILABLE', 'away')) },
      { name: 'slow', check: () => (isAway ? new Promise(() => undefined) : Promise.resolve()) },
    ])
    const parts = { redis: 'ok', store: 'STORE_UNAVAILABLE', slow: 'no answer within 3000 ms' }
    expect([(await get('/readyz')).status, await readiness()]).toMatchObject([503, { parts }])
    isAway = false
    expect(await readiness()).toMatchObject({ parts: { ...parts, slow: 'ok' } })
  })

  it('gives the figures of the process in the form of Prometheus', async () => {
    const { status, type, text } = await get('/metrics')
    expect([status, type]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)])
    const names = [...text.matchAll(/^# TYPE (gantry_\w+) /gm)].map(([, name]) => name)
    expect(names).toEqual(
      expect.arrayContaining(['gantry_jobs_total', 'gantry_intake_messages_total', 'gantry_leader']),
    )
    expect(text).toMatch(/^gantry_media_seconds_total\{service="test"\} 0$/m)
  })

  it('is not opened without its setting, and does not start on a port that is taken', async () => {
    const none = { GANTRY_ADMIN_HOST: '127.0.0.1', GANTRY_ADMIN_PORT: undefined }
    expect(await openAdmin(none, options(), () => undefined)).toBeNull()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expect(startAdmin({ ...options(), port })).rejects.toMatchObject({ code: 'CONFIG_PORT_BUSY' })
    await once(other.close(), 'close')
  })
})
