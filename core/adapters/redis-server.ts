/** A private redis-server as a child: disposable, on a unix socket, gone with its parent. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { GantryError } from '../contract/errors'

export interface RedisServer {
  /** For GANTRY_REDIS_URL. */
  url: string
  pid: number
  close(): Promise<void>
}

export interface RedisServerOptions {
  /** Path or name of the program. */
  program: string
  /** Holds the socket; its path must leave room, since a unix socket's path ends at 108 bytes (sun_path, unix(7)). */
  folder: string
  /** Called when the server ended although nobody closed it; it is started again on the same socket. */
  onRestart: () => void
}

/** Bytes of `sockaddr_un.sun_path` on Linux, with its closing NUL; macOS has 104. */
const SOCKET_PATH_BYTES = 104

/** How soon a server that keeps dying is started again. */
const RESTART_DELAY_MS = 500

/**
 * Starts redis-server and resolves when it accepts connections.
 *
 * @throws CONFIG_TOOL_MISSING when the program does not start.
 */
export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  const socket = join(options.folder, 'redis.sock')
  if (Buffer.byteLength(socket) >= SOCKET_PATH_BYTES) {
    const limit = `a socket's path may have ${SOCKET_PATH_BYTES - 1} bytes`
    throw new GantryError('CONFIG_INVALID', `the temporary folder's path is too long: ${limit}, got '${socket}'`)
  }
  let closed = false
  let child = await startOnce(options, socket)
  const watch = (): void => {
    child.once('exit', () => {
      if (closed) return
      options.onRestart()
      setTimeout(() => void restart(), RESTART_DELAY_MS).unref()
    })
  }
  const restart = async (): Promise<void> => {
    if (closed) return
    try {
      child = await startOnce(options, socket)
      watch()
    } catch {
      setTimeout(() => void restart(), RESTART_DELAY_MS).unref()
    }
  }
  watch()

  return {
    url: `unix://${encodeURI(socket)}`,
    get pid() {
      return child.pid ?? 0
    },
    close: async () => {
      closed = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function startOnce(options: RedisServerOptions, socket: string): Promise<ChildProcess> {
  const words = [
    ...['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--dir', options.folder],
    // Nothing is kept: the store is the record. Eviction would lose locks, so a full Redis refuses instead.
    ...['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction', '--daemonize', 'no'],
  ]
  // On Linux it dies with its parent, however that ends.
  const isLinux = process.platform === 'linux'
  const program = isLinux ? 'setpriv' : options.program
  const argv = isLinux ? ['--pdeathsig', 'KILL', options.program, ...words] : words
  // A session of its own: Ctrl-C in the terminal must not end Redis before the workers.
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  const lines = createInterface({ input: child.stdout })
  const ready = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => /ready to accept connections/i.test(line) && resolve())
    const fail = (cause: unknown): void => {
      const message = `redis-server ('${options.program}') did not start; install it with: apt-get install redis-server`
      reject(new GantryError('CONFIG_TOOL_MISSING', message, {}, { cause }))
    }
    child.once('error', fail)
    child.once('exit', (code) => fail(new Error(`it ended with code ${String(code)}`)))
  })
  await ready
  child.removeAllListeners('exit')
  return child
}
