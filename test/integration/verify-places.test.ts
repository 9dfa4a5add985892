/** `gantry verify` where assets lie elsewhere: on a host of the web, which is hostile, and in S3. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { createS3Client } from '../../core/adapters/s3-client'
import { runFfmpeg } from '../support/reading/plant'
import { startVersitygw } from '../support/servers/versitygw'
import { rulesOf, verified } from '../support/verifying'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-places-'))
  await runFfmpeg(
    ...['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=10:d=4', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20'],
    ...['-b:v', '200k', '-hls_time', '2', '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4'],
    ...['-master_pl_name', 'master.m3u8', join(folder, 'media.m3u8')],
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('on the web', () => {
  let server: Server
  let base: string
  let asked: string[]
  let answer: (request: IncomingMessage, response: ServerResponse) => void
  beforeEach(async () => {
    asked = []
    answer = serve
    server = createServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`)
      answer(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  /** Knows no ranges. */
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const name = (request.url ?? '').slice(1)
    if (!readdirSync(folder).includes(name)) return void response.writeHead(404).end()
    const bytes = readFileSync(join(folder, name))
    response.writeHead(200, { 'content-length': bytes.length })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  }
  const web = (path = '/master.m3u8', more: { allowPrivate?: boolean; host?: string } = {}) => {
    const url = `${more.host ?? base}${path}`
    return verified({ kind: 'web', url }, { allowPrivate: more.allowPrivate ?? true })
  }

  it('finds what it finds in the folder', async () => {
    expect(await web()).toEqual(await verified(folder))
  })

  it('asks nothing of a private address that was not allowed, by number or by name', async () => {
    const denied = expect.objectContaining({ code: 'STORE_DENIED' })
    await expect(web('/master.m3u8', { allowPrivate: false })).rejects.toEqual(denied)
    const host = base.replace('127.0.0.1', 'localhost')
    await expect(web('/master.m3u8', { allowPrivate: false, host })).rejects.toEqual(denied)
    expect(asked).toEqual([])
  })

  it('follows a redirect within the host, and none to another', async () => {
    answer = (request, response) => {
      if (request.url !== '/old.m3u8') return serve(request, response)
      response.writeHead(302, { location: '/master.m3u8' }).end()
    }
    expect((await web('/old.m3u8')).code).toBe((await verified(folder)).code)
    answer = (_, response) => void response.writeHead(302, { location: 'http://127.0.0.2:1/master.m3u8' }).end()
    await expect(web()).rejects.toMatchObject({ code: 'STORE_DENIED' })
    answer = (_, response) => void response.writeHead(302, { location: '/master.m3u8' }).end()
    await expect(web()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('reads no more of a playlist than a playlist has', async () => {
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': request.method === 'HEAD' ? 10 : 64 * 2 ** 20 })
      response.end(request.method === 'HEAD' ? undefined : Buffer.alloc(64 * 2 ** 20))
    }
    await expect(web()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('says what is not there', async () => {
    await expect(web('/none.m3u8')).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' })
    answer = (request, response) =>
      request.url === '/media1.m4s' ? void response.writeHead(404).end() : serve(request, response)
    expect(rulesOf((await web()).findings)).toContain('object-missing')
  })
})

describe('in S3', () => {
  it('finds what it finds in the folder', async () => {
    const server = await startVersitygw()
    const access = { region: server.region, endpoint: server.endpoint, pathStyle: true, retryMs: 10_000 }
    const client = createS3Client(access, server)
    const keys = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey }
    const before = { ...process.env }
    try {
      await client.send(new CreateBucketCommand({ Bucket: 'media' }))
      for (const name of readdirSync(folder)) {
        const Body = readFileSync(join(folder, name))
        await client.send(new PutObjectCommand({ Bucket: 'media', Key: `films/one/${name}`, Body }))
      }
      Object.assign(process.env, keys)
      const env = { GANTRY_S3_ENDPOINT: server.endpoint, GANTRY_S3_REGION: server.region }
      const right = await verified(folder)
      expect(await verified({ kind: 's3', bucket: 'media', key: 'films/one' }, { env })).toEqual(right)
      const playlist = { kind: 's3' as const, bucket: 'media', key: 'films/one/master.m3u8' }
      expect(await verified(playlist, { env })).toEqual(right)
    } finally {
      process.env = before
      client.destroy()
      await server.close()
    }
  })
})
