/** A real S3 server on loopback: versitygw over a folder of its own. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cachedFolder, install } from './cache'
import { freePorts, startServer, type ServerProcess } from './server-process'

const VERSION = 'v1.8.0'

export interface S3Server {
  endpoint: string
  accessKeyId: string
  secretAccessKey: string
  region: string
  process: ServerProcess
  /** Ends it and removes its folder. */
  close(): Promise<void>
}

export interface S3ServerOptions {
  /** Where it posts events of objects; it must be answering already. */
  webhookUrl?: string
  /** A port that was chosen before. */
  port?: number
  versioning?: boolean
  /** Which pages of other origins may read, `*` for all. */
  corsOrigin?: string
}

export async function startVersitygw(options: S3ServerOptions = {}): Promise<S3Server> {
  const program = await versitygwProgram()
  const root = await mkdtemp(join(tmpdir(), 'gantry-s3-'))
  const port = options.port ?? (await freePorts(1))[0] ?? 0
  const keys = { accessKeyId: 'test-access', secretAccessKey: 'test-secret-of-this-run' }
  const folders = { data: join(root, 'data'), versions: join(root, 'versions') }
  await Promise.all(Object.values(folders).map((folder) => mkdir(folder)))
  const events = options.webhookUrl === undefined ? [] : ['--event-webhook-url', options.webhookUrl]
  const versions = options.versioning === true ? ['--versioning-dir', folders.versions] : []
  const cors = options.corsOrigin === undefined ? [] : ['--cors-allow-origin', options.corsOrigin]
  const endpoint = `http://127.0.0.1:${port}`
  const server = await startServer({
    program,
    argv: [
      '--port',
      `127.0.0.1:${port}`,
      '--health',
      '/health',
      '-q',
      ...cors,
      ...events,
      'posix',
      ...versions,
      folders.data,
    ],
    env: { ROOT_ACCESS_KEY_ID: keys.accessKeyId, ROOT_SECRET_ACCESS_KEY: keys.secretAccessKey },
    isReady: async () => (await fetch(`${endpoint}/health`)).ok,
    limitMs: 20_000,
  })
  return {
    ...keys,
    endpoint,
    region: 'us-east-1',
    process: server,
    close: async () => {
      await server.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}

async function versitygwProgram(): Promise<string> {
  const folder = await cachedFolder(`versitygw-${VERSION}`, (fresh) =>
    install('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], {
      cwd: fresh,
      env: { GOBIN: fresh },
      debian: 'golang-go (1.21 or later)',
    }),
  )
  return join(folder, 'versitygw')
}
