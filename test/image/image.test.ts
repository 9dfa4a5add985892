/** The container image, really built and really run: without capabilities, and with a root that nobody can write. */
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readSettings } from '../../core/service/config'
import type { SettingName } from '../../core/service/settings'
import { buildImage, type BuiltImage } from '../support/image/build'
import { mastersFolder } from '../support/masters'
import { outputInImage, runInImage, type ImageProcess, type ImageRun } from '../support/image/run'
import { freePorts, startServer, type ServerProcess } from '../support/servers/server-process'
import { startVersitygw } from '../support/servers/versitygw'

const WORKER = ['node', 'dist/worker/main.js']
const SCHEDULER = ['node', 'dist/scheduler/main.js']

/** Folders that only root may read cannot be searched, and cannot be written either. */
const WRITABLE = 'find / -xdev -writable ! -type l 2>/dev/null || true'
const TRY = 'for d in /scratch /tmp; do mkdir -m 700 $d/a && touch $d/a/b && echo $d made; done'

let image: BuiltImage
const running: ImageProcess[] = []

beforeAll(async () => {
  image = await buildImage()
  tell(`image ${image.sizeBytes} bytes, built in ${image.buildSeconds.toFixed(1)} s on ${image.base}`)
})
afterEach(() => Promise.all(running.splice(0).map((one) => one.close())))

async function start(run: ImageRun): Promise<ImageProcess> {
  const one = await runInImage(run)
  running.push(one)
  return one
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

test('its configuration says how it is run', async () => {
  const { version } = JSON.parse(await readFile(join(__dirname, '../../package.json'), 'utf8')) as { version: string }
  const { config } = image
  expect(config).toMatchObject({
    User: '10001:10001',
    Entrypoint: ['/usr/bin/tini', '--'],
    Cmd: SCHEDULER,
    StopSignal: 'SIGTERM',
    WorkingDir: '/app',
    Volumes: { '/scratch': {} },
    ExposedPorts: { '9464/tcp': {} },
  })
  expect(config.Env).toEqual(
    expect.arrayContaining([
      ...['NODE_ENV=production', 'GANTRY_SCRATCH=/scratch'],
      ...['GANTRY_ADMIN_HOST=0.0.0.0', 'GANTRY_ADMIN_PORT=9464'],
    ]),
  )
  expect(config.Labels).toMatchObject({
    'org.opencontainers.image.licenses': 'Apache-2.0',
    'org.opencontainers.image.version': version,
  })
})

test('it has Node 24, ffmpeg 7.1 and what ffmpeg is started through', async () => {
  const versions =
    'node --version; ffmpeg -version; ffprobe -version; for p in setpriv prlimit nice; do command -v $p; done'
  const lines = (await outputInImage({ command: ['sh', '-c', versions] })).split('\n')
  expect(lines[0]).toMatch(/^v24\./)
  expect(lines).toContainEqual(expect.stringMatching(/^ffmpeg version 7\.1\./))
  expect(lines).toContainEqual(expect.stringMatching(/^ffprobe version 7\.1\./))
  expect(lines.slice(-3)).toEqual(['/usr/bin/setpriv', '/usr/bin/prlimit', '/usr/bin/nice'])
})

test('its ffmpeg encodes the way it is started by the worker', async () => {
  const source = '-f lavfi -i testsrc2=d=1:s=320x180:r=25 -f lavfi -i sine=d=1'
  const encode = `ffmpeg -v error -nostdin ${source} -c:v libx264 -c:a aac /scratch/a.mp4`
  const chain = `setpriv --pdeathsig KILL -- prlimit --as=2147483648 --core=0 -- nice -n 10 -- ${encode}`
  const probe = 'ffprobe -v error -show_entries stream=codec_name -of csv=p=0 /scratch/a.mp4'
  expect((await outputInImage({ command: ['sh', '-c', `${chain} && ${probe}`] })).split('\n')).toEqual(['h264', 'aac'])
})

test('it holds the program and nothing of how it was made', async () => {
  const files = (await outputInImage({ command: ['find', '/app', '/usr/local', '/tmp', '/etc/apt'] })).split('\n')
  const app = new Set(files.flatMap((path) => /^\/app\/([^/]+)/.exec(path)?.[1] ?? []))
  expect(app).toEqual(new Set(['LICENSE', 'dist', 'ladders', 'node_modules', 'package.json']))
  expect(files).toEqual(expect.arrayContaining(['/app/ladders/default.yaml', '/app/node_modules/bullmq']))
  const builders = /node_modules\/(typescript|jest|npm)$|npmrc$|\.pem$|\.ts$|\/apt\.conf\.d\/host$/
  expect(files.filter((path) => builders.test(path))).toEqual([])
})

test('its process is no root, has no capability and gets none', async () => {
  const status = await outputInImage({ command: ['cat', '/proc/self/status'] })
  const field = (name: string): string[] => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/) ?? []
  expect(field('Uid')).toEqual(['10001', '10001', '10001', '10001'])
  expect(field('Gid')).toEqual(['10001', '10001', '10001', '10001'])
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect(Number(field(set)[0])).toBe(0)
  expect(field('NoNewPrivs')).toEqual(['1'])
})

test('it can write to /scratch and /tmp and nowhere else', async () => {
  const scan = (await outputInImage({ command: ['sh', '-c', `${WRITABLE}; ${TRY}`] })).split('\n')
  expect(scan.sort()).toEqual(['/scratch', '/scratch made', '/tmp', '/tmp made'])
  // Even where the root is not mounted read-only, nothing of the program can be changed.
  const open = (await outputInImage({ command: ['sh', '-c', WRITABLE], writableRoot: true })).split('\n')
  expect(open.filter((path) => !/^\/(scratch|tmp|var\/tmp|run\/lock)$/.test(path))).toEqual([])
})

test.each([
  ['worker', WORKER],
  ['scheduler', SCHEDULER],
])('the %s refuses settings that are wrong, at once and with a code', async (_, command) => {
  const startedMs = performance.now()
  const one = await start({ command, env: { GANTRY_REDIS_URL: 'nonsense' } })
  expect(await one.exited).toBe(1)
  expect(performance.now() - startedMs).toBeLessThan(10_000)
  const last = JSON.parse(one.stderr().trim().split('\n').at(-1) ?? '') as { code: string; msg: string }
  expect(last.code).toMatch(/^CONFIG_/)
  expect(last.msg).toContain('GANTRY_REDIS_URL')
})

test.each([
  [200, 0],
  [503, 1],
])('its health check turns the answer %i into %i', async (status, code) => {
  const asked: string[] = []
  const server = createServer((request, answer) => {
    asked.push(request.url ?? '')
    answer.writeHead(status).end()
  }).listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const [kind, ...command] = image.healthCheck
    const one = await start({ command, env: { GANTRY_ADMIN_PORT: String(port) } })
    expect({ kind, code: await one.exited, asked }).toEqual({ kind: 'CMD', code, asked: ['/healthz'] })
  } finally {
    await once(server.close(), 'close')
  }
})

describe('with Redis and a store', () => {
  let redis: ServerProcess
  let redisUrl: string
  let folder: string

  beforeAll(async () => {
    const [port = 0] = await freePorts(1)
    redisUrl = `redis://127.0.0.1:${port}`
    redis = await startServer({
      program: 'redis-server',
      argv: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--maxmemory-policy', 'noeviction'],
      isReady: () => answersPing(port),
      limitMs: 10_000,
    })
    folder = await mkdtemp(join(tmpdir(), 'gantry-image-'))
    // Ours is root's; in the image it is another user who writes.
    await chmod(folder, 0o777)
  })
  afterAll(async () => {
    await redis.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('a worker is ready in seconds and leaves well when asked', async () => {
    const [port = 0] = await freePorts(1)
    const admin = { GANTRY_ADMIN_HOST: '127.0.0.1', GANTRY_ADMIN_PORT: String(port) }
    const startedMs = performance.now()
    const worker = await start({
      command: WORKER,
      env: {
        ...admin,
        GANTRY_REDIS_URL: redisUrl,
        GANTRY_STATE: 'file:///data/state',
        GANTRY_OUTPUT: 'file:///data/output',
      },
      mounts: [{ from: folder, to: '/data' }],
    })
    await worker.line(/"msg":"worker ready"/)
    tell(`worker ready ${secondsSince(startedMs)} s after its container was asked for`)
    const check = await start({ command: image.healthCheck.slice(1), env: admin })
    expect(await check.exited).toBe(0)
    const askedMs = performance.now()
    await worker.signal('SIGTERM')
    expect(await worker.exited).toBe(0)
    tell(`worker gone ${secondsSince(askedMs)} s after SIGTERM`)
  })

  test('a scheduler and a worker make an asset of an object that is put into S3', async () => {
    const [s3Port = 0, hookPort = 0] = await freePorts(2)
    const token = 'token-of-this-test-run'
    const env = {
      GANTRY_REDIS_URL: `${redisUrl}/1`,
      ...{ GANTRY_STATE: 's3://state', GANTRY_OUTPUT: 's3://output', GANTRY_SOURCES: 'masters' },
      ...{ GANTRY_S3_ENDPOINT: `http://127.0.0.1:${s3Port}`, GANTRY_S3_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: 'test-access', AWS_SECRET_ACCESS_KEY: 'test-secret-of-this-run' },
    }
    const hook = { GANTRY_WEBHOOK_PORT: String(hookPort), GANTRY_WEBHOOK_TOKEN: token }
    const scheduler = await start({ command: SCHEDULER, env: { ...env, ...hook } })
    await scheduler.line(/"msg":"webhook listens"/)
    const s3 = await startVersitygw({ port: s3Port, webhookUrl: `http://127.0.0.1:${hookPort}/events?token=${token}` })
    const client = new S3Client({ endpoint: s3.endpoint, region: s3.region, credentials: s3, forcePathStyle: true })
    try {
      for (const Bucket of ['masters', 'state', 'output']) await client.send(new CreateBucketCommand({ Bucket }))
      const worker = await start({ command: WORKER, env })
      await Promise.all([scheduler.line(/"msg":"scheduler ready"/), worker.line(/"msg":"worker ready"/)])
      const Body = await readFile(join(mastersFolder(), 'bikes-640x272-10s-no-audio.mp4'))
      await client.send(new PutObjectCommand({ Bucket: 'masters', Key: 'bikes.mp4', Body }))
      const startedMs = performance.now()
      const told = JSON.parse(await scheduler.line(/"type":"asset.published"/)) as { data: { master: string } }
      tell(`asset published ${secondsSince(startedMs)} s after the object was put`)
      const { pathname } = new URL(told.data.master)
      const Key = decodeURIComponent(pathname.slice('/output/'.length))
      const { Body: playlist } = await client.send(new GetObjectCommand({ Bucket: 'output', Key }))
      expect(await playlist?.transformToString()).toContain('#EXT-X-STREAM-INF')
      await Promise.all([scheduler.signal('SIGTERM'), worker.signal('SIGTERM')])
      expect(await Promise.all([scheduler.exited, worker.exited])).toEqual([0, 0])
    } finally {
      client.destroy()
      await s3.close()
    }
  })
})

interface Compose {
  services: Record<
    string,
    {
      image: string
      command?: string[]
      environment?: Record<string, string>
      ports?: string[]
      read_only?: boolean
      cap_drop?: string[]
      security_opt?: string[]
    }
  >
}

describe('compose.yaml', () => {
  let services: Compose['services']

  beforeAll(async () => {
    const text = await readFile(join(__dirname, '../../compose.yaml'), 'utf8')
    services = (parse(text, { merge: true }) as Compose).services
  })

  test.each(['scheduler', 'worker'])('the settings of its %s are settings, and the values are allowed', (name) => {
    const env = services[name]?.environment ?? {}
    const names = Object.keys(env).filter((key) => key.startsWith('GANTRY_')) as SettingName[]
    expect(names).toContain('GANTRY_REDIS_URL')
    expect(() => readSettings(env, names, () => '')).not.toThrow()
  })

  test('its store calls the scheduler where it listens, with its token', () => {
    const { GANTRY_WEBHOOK_PORT: port, GANTRY_WEBHOOK_TOKEN: token } = services['scheduler']?.environment ?? {}
    const calls = Object.values(services).flatMap(({ environment }) => environment?.['VGW_EVENT_WEBHOOK_URL'] ?? [])
    expect(calls).toEqual([`http://scheduler:${String(port)}/events?token=${String(token)}`])
  })

  test('its containers are pinned, hardened and listen on this machine only', () => {
    for (const [name, one] of Object.entries(services)) {
      expect([name, one.image]).toEqual([name, expect.stringMatching(/^(gantry:local|\S+:v?\d+\.\d+\.\d+(-alpine)?)$/)])
      expect([name, one.cap_drop]).toEqual([name, ['ALL']])
      expect([name, one.security_opt]).toEqual([name, ['no-new-privileges:true']])
      expect([name, one.read_only ?? false]).toEqual([name, name !== 'kafka'])
      for (const port of one.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
    }
  })

  test('its buckets are made, also twice, and only what is published can be read by anyone', async () => {
    const { endpoint, accessKeyId, secretAccessKey, region, close } = await startVersitygw()
    try {
      const env = {
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      }
      const command = services['buckets']?.command ?? []
      await outputInImage({ command, env })
      await outputInImage({ command, env })
      const credentials = { accessKeyId, secretAccessKey }
      const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
      const answers = ['gantry-masters', 'gantry-state', 'gantry-output'].map(async (Bucket) => {
        await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'a' }))
        return (await fetch(`${endpoint}/${Bucket}/a`)).status
      })
      expect(await Promise.all(answers)).toEqual([403, 403, 200])
      s3.destroy()
    } finally {
      await close()
    }
  })
})

function secondsSince(startedMs: number): string {
  return ((performance.now() - startedMs) / 1_000).toFixed(2)
}

async function answersPing(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    return answer.toString().startsWith('+PONG')
  } finally {
    socket.destroy()
  }
}
