/** The admin port: is the process alive, may it get work, how is it doing. */
import fastify, { type FastifyInstance } from 'fastify'
import { GantryError } from '../contract/errors'
import type { Logger } from './logger'
import type { Metrics } from './metrics'
import type { Settings } from './settings'

/** One thing that must be so before a process is ready; resolves when it is, rejects with why it is not. */
export interface ReadyCheck {
  name: string
  check: () => Promise<void>
}

export interface AdminOptions {
  host: string
  port: number
  metrics: Metrics
  log: Logger
}

export interface Admin {
  port: number
  /** Until the first call /readyz says that the process is starting. */
  ready(checks: readonly ReadyCheck[]): void
  /** From now on /readyz says that the process stops. */
  stopping(): void
  close(): Promise<void>
}

/** A check that takes longer has failed; the probe of an orchestrator gives up after some seconds. */
const CHECK_MS = 3_000

/**
 * Serves `/healthz` (200 as long as the event loop turns: a process whose Redis is away still encodes and must not be
 * ended), `/readyz` (200 or 503 with the state of each part) and `/metrics`.
 *
 * @throws CONFIG_PORT_BUSY
 */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  let checks: readonly ReadyCheck[] | null = null
  let isStopping = false
  const server = fastify({ forceCloseConnections: true, requestTimeout: 10_000, bodyLimit: 1_024 })
  server.get('/healthz', () => ({ status: 'alive' }))
  server.get('/readyz', async (_, reply) => {
    const parts = isStopping
      ? { process: 'stopping' }
      : checks === null
        ? { process: 'starting' }
        : await states(checks)
    const isReady = Object.values(parts).every((state) => state === 'ok')
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', parts })
  })
  server.get('/metrics', async (_, reply) => {
    const { registry } = options.metrics
    return reply.type(registry.contentType).send(await options.metrics.text())
  })
  const port = await listen(server, options, 'GANTRY_ADMIN_PORT')
  options.log.info({ host: options.host, port }, 'admin port listens')
  return {
    port,
    ready: (parts) => {
      checks = parts
    },
    stopping: () => {
      isStopping = true
    },
    close: () => server.close(),
  }
}

/** The admin port of a service, if its settings name one; closed when the service stops. */
export async function openAdmin(
  settings: Pick<Settings, 'GANTRY_ADMIN_HOST' | 'GANTRY_ADMIN_PORT'>,
  parts: Pick<AdminOptions, 'metrics' | 'log'>,
  onStop: (name: string, release: () => Promise<void>) => void,
): Promise<Admin | null> {
  const port = settings.GANTRY_ADMIN_PORT
  if (port === undefined) return null
  const admin = await startAdmin({ ...parts, host: settings.GANTRY_ADMIN_HOST, port })
  onStop('admin port', () => admin.close())
  return admin
}

/** @returns The port, also where 0 asked for a free one. @throws CONFIG_PORT_BUSY */
export async function listen(
  server: FastifyInstance,
  { host, port }: { host: string; port: number },
  setting: string,
): Promise<number> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const message = `${setting}: cannot listen on ${host}:${port} (${code})`
    throw new GantryError('CONFIG_PORT_BUSY', message, { host, port }, { cause: error })
  }
  const address = server.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

async function states(checks: readonly ReadyCheck[]): Promise<Record<string, string>> {
  const told = await Promise.all(checks.map(async ({ name, check }) => [name, await stateOf(check)] as const))
  return Object.fromEntries(told)
}

async function stateOf(check: () => Promise<void>): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_MS} ms`), CHECK_MS)
  })
  const state = check().then(
    () => 'ok',
    (error: unknown) => (error instanceof GantryError ? error.code : String(error)),
  )
  const first = await Promise.race([state, late])
  clearTimeout(timer)
  return first
}
