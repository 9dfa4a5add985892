/** A server as a child process: ready when it says so, dead with the test, ended by its own pid. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

export interface ServerProcess {
  pid: number
  /** All it printed so far, for a failure's message. */
  output(): string
  /** SIGTERM, then SIGKILL after 10 s. Twice is the same as once. */
  stop(): Promise<void>
  /** SIGKILL, or SIGSTOP and SIGCONT, for faults. */
  signal(name: NodeJS.Signals): void
}

export interface ServerStart {
  program: string
  argv: readonly string[]
  env?: Readonly<Record<string, string>>
  cwd?: string
  /** Asked again and again until it gives true; a throw counts as no. */
  isReady: () => Promise<boolean>
  /** After this the start has failed. */
  limitMs: number
}

const LOOK_MS = 50
const STOP_MS = 10_000

/** Starts a server and resolves when it is ready. @throws with what it printed, when it ends or takes too long. */
export async function startServer(start: ServerStart): Promise<ServerProcess> {
  // On Linux it dies with the test process, however that ends.
  const words = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', start.program] : [start.program]
  const [program = start.program, ...before] = words
  const child = spawn(program, [...before, ...start.argv], {
    env: { ...process.env, ...start.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(start.cwd !== undefined && { cwd: start.cwd }),
  })
  let output = ''
  const hear = (text: string): void => {
    output = (output + text).slice(-20_000)
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${start.program} ended with ${String(code)}:\n${output}`)))
  })
  failed.catch(() => undefined)
  try {
    await Promise.race([ready(start, () => output), failed])
  } catch (error) {
    await stop(child)
    throw error
  }
  return {
    pid: child.pid ?? 0,
    output: () => output,
    stop: () => stop(child),
    signal: (name) => void child.kill(name),
  }
}

async function ready({ isReady, limitMs, program }: ServerStart, output: () => string): Promise<void> {
  const until = performance.now() + limitMs
  while (!(await isReady().catch(() => false))) {
    if (performance.now() > until) throw new Error(`${program} is not ready after ${limitMs} ms:\n${output()}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  child.kill('SIGCONT')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

/** Ports that are free now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    }),
  )
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
