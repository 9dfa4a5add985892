/** The proxy that tests put in front of servers: what a client of a real Redis sees of each of its faults. */
import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { redisTarget } from '../../core/adapters/redis-connection'
import { startRedisServer, type RedisServer } from '../../core/adapters/redis-server'
import { startTcpProxy, type TcpProxy } from '../support/faults/tcp-proxy'

let folder: string
let redis: RedisServer
let direct: Redis
let proxy: TcpProxy
const sockets: Socket[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-proxy-'))
  redis = await startRedisServer({ program: 'redis-server', folder, onRestart: () => undefined })
  direct = new Redis(redisTarget(redis.url))
})
beforeEach(async () => {
  await direct.flushall()
  proxy = await startTcpProxy({ path: redisTarget(redis.url).path ?? '' })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await proxy.close()
})
afterAll(async () => {
  direct.disconnect()
  await redis.close()
  await rm(folder, { recursive: true, force: true })
})

/** A bare connection, on which nothing is tried again. */
async function open({ allowHalfOpen = false } = {}): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen })
  sockets.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** Sends a command in Redis' inline form; resolves with the answer's text of this length. */
async function ask(socket: Socket, command: string, bytes: number): Promise<string> {
  socket.write(`${command}\r\n`)
  return answer(socket, bytes)
}

function answer(socket: Socket, bytes: number): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    const hear = (part: Buffer): void => {
      text += part.toString()
      if (text.length < bytes) return
      socket.off('data', hear)
      resolve(text)
    }
    socket.on('data', hear)
  })
}

const ended = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()))
/** How a connection was closed, as the client's system says it. */
async function errorOf(socket: Socket): Promise<string | undefined> {
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  return error.code
}
const PONG = '+PONG\r\n'

it('passes everything both ways, also much of it', async () => {
  const socket = await open()
  expect(await ask(socket, 'PING', PONG.length)).toBe(PONG)
  const big = 'x'.repeat(3_000_000)
  socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${big.length}\r\n${big}\r\n`)
  expect(await answer(socket, 5)).toBe('+OK\r\n')
  expect(await direct.get('k')).toBe(big)
  const got = await ask(socket, 'GET k', big.length + 12)
  expect(got).toBe(`$${big.length}\r\n${big}\r\n`)
  expect(proxy.connections()).toEqual({ open: 1, taken: 1 })
})

it('delays each way, and keeps the order', async () => {
  const socket = await open()
  await ask(socket, 'PING', PONG.length)
  proxy.behave({ latencyMs: 150 })
  const before = performance.now()
  expect(await ask(socket, 'RPUSH l 1\r\nRPUSH l 2\r\nRPUSH l 3', 12)).toBe(':1\r\n:2\r\n:3\r\n')
  const tookMs = performance.now() - before
  expect(tookMs).toBeGreaterThanOrEqual(299)
  proxy.behave('pass')
  expect(await direct.lrange('l', 0, -1)).toEqual(['1', '2', '3'])
})

it('lets so many bytes a second pass', async () => {
  const socket = await open()
  await direct.set('k', 'x'.repeat(20_000))
  proxy.behave({ bytesPerSecond: 20_000 })
  const before = performance.now()
  await ask(socket, 'GET k', 20_010)
  // A part of a twentieth is passed before the first wait.
  expect(performance.now() - before).toBeGreaterThan(900)
})

it('a black hole swallows nothing: connections stay, and all of it passes afterwards', async () => {
  const old = await open()
  await ask(old, 'PING', PONG.length)
  proxy.behave('black hole')
  old.write('SET k 1\r\n')
  const young = await open()
  young.write('PING\r\n')
  const first = Promise.race([once(old, 'data'), once(young, 'data'), ended(old), ended(young)])
  // What goes round by another way is there while the proxy keeps still.
  for (let turn = 0; turn < 200; turn += 1) expect(await direct.get('k')).toBeNull()
  let isFirst = false
  void first.then(() => (isFirst = true))
  await direct.ping()
  expect(isFirst).toBe(false)
  const answers = Promise.all([answer(old, 5), answer(young, PONG.length)])
  proxy.behave('pass')
  expect(await answers).toEqual(['+OK\r\n', PONG])
  expect(await direct.get('k')).toBe('1')
})

it('refuses new connections, and leaves open ones alone until they are cut', async () => {
  const old = await open()
  await ask(old, 'PING', PONG.length)
  proxy.behave('refuse')
  const refused = connect({ port: proxy.port, host: '127.0.0.1' })
  sockets.push(refused)
  expect(await errorOf(refused)).toBe('ECONNRESET')
  expect(await ask(old, 'PING', PONG.length)).toBe(PONG)
  const code = errorOf(old)
  proxy.cut()
  expect(await code).toBe('ECONNRESET')
  proxy.behave('pass')
  expect(await ask(await open(), 'PING', PONG.length)).toBe(PONG)
})

it('cuts a connection after so many bytes', async () => {
  const socket = await open()
  await direct.set('k', 'x'.repeat(100_000))
  await ask(socket, 'PING', PONG.length)
  proxy.behave({ cutAfterBytes: 5_000 })
  let bytes = 0
  socket.on('data', (part: Buffer) => (bytes += part.length))
  socket.write('GET k\r\n')
  await ended(socket)
  expect(bytes).toBe(5_000 - 'GET k\r\n'.length)
})

it('half-closes: the client sees the end, and what it still sends arrives', async () => {
  const socket = await open({ allowHalfOpen: true })
  await ask(socket, 'PING', PONG.length)
  const end = once(socket, 'end')
  proxy.halfClose()
  socket.resume()
  await end
  socket.end('SET k late\r\n')
  while ((await direct.get('k')) !== 'late') expect(proxy.connections().open).toBeLessThan(2)
})

it('ends the other side with a server or a client that goes', async () => {
  const socket = await open()
  await ask(socket, 'PING', PONG.length)
  socket.write('QUIT\r\n')
  socket.resume()
  await once(socket, 'end')
  socket.end()
  await ended(socket)
  const gone = await open()
  await ask(gone, 'CLIENT SETNAME gone', 5)
  gone.destroy()
  while (String(await direct.client('LIST')).includes('name=gone')) expect(gone.destroyed).toBe(true)
  while (proxy.connections().open > 0) await direct.ping()
})
