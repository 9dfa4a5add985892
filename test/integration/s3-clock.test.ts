/** The clock of a machine is set while Gantry works: no request to S3 fails for it, in neither direction. */
import { CreateBucketCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { text } from 'node:stream/consumers'
import { createS3Client } from '../../core/adapters/s3-client'
import { nativeGuard } from '../../core/adapters/s3-guard'
import { createS3Store } from '../../core/adapters/s3-store'
import type { ObjectStore } from '../../core/ports/object-store'
import { startVersitygw, type S3Server } from '../support/servers/versitygw'

const BUCKET = 'clocks'
const HOUR_MS = 3_600_000

let server: S3Server
let client: S3Client
let store: ObjectStore
beforeAll(async () => {
  server = await startVersitygw()
  const access = { region: server.region, endpoint: server.endpoint, pathStyle: true, retryMs: 5_000 }
  client = createS3Client(access, server)
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  store = createS3Store({
    ...{ client, own: [{ bucket: BUCKET, prefix: '' }], guard: nativeGuard, urlOf: ({ key }) => key },
    defaults: { tags: {}, cacheControl: { immutable: 'max-age=31536000', revalidate: 'no-cache' } },
  })
})
afterAll(async () => {
  client.destroy()
  await server.close()
})

/** As after a jump: the client goes by a correction that is not right any more. */
function setClock(byMs: number): void {
  Object.assign(client.config, { systemClockOffset: byMs })
}

describe.each([
  ['ahead', HOUR_MS],
  ['back', -HOUR_MS],
])('a clock that was wrong and is set %s', (name, byMs) => {
  const where = { bucket: BUCKET, key: name }

  it('costs a request more, and nothing else', async () => {
    setClock(byMs)
    const written = await store.write(where, Buffer.from('abc'), {
      contentType: 'text/plain',
      condition: { absent: true },
    })
    setClock(byMs)
    expect(await store.head(where)).toEqual(written)
    setClock(byMs)
    expect(await text(await store.read(where))).toBe('abc')
    setClock(byMs)
    const keys: string[] = []
    for await (const { key } of store.list({ bucket: BUCKET, prefix: name })) keys.push(key)
    expect(keys).toEqual([name])
    setClock(byMs)
    await store.remove(where)
    expect(await store.head(where)).toBeNull()
  })

  it('asks once for what is not there, as long as it is wrong', async () => {
    let requests = 0
    const counted = createS3Client(
      { region: server.region, endpoint: server.endpoint, pathStyle: true, retryMs: 5_000 },
      server,
    )
    counted.middlewareStack.add((next) => (args) => ((requests += 1), next(args)), { step: 'deserialize', name: 'n' })
    const realNow = Date.now
    Date.now = () => realNow() + byMs
    try {
      const look = () => counted.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'nothing' }))
      await expect(look()).rejects.toMatchObject({ name: 'NotFound' })
      expect(requests).toBe(2)
      await expect(look()).rejects.toMatchObject({ name: 'NotFound' })
      expect(requests).toBe(3)
    } finally {
      Date.now = realNow
      counted.destroy()
    }
  })

  it('is not tried for ever where the store refuses for another reason', async () => {
    const stranger = createS3Client(
      { region: server.region, endpoint: server.endpoint, pathStyle: true, retryMs: 5_000 },
      { accessKeyId: server.accessKeyId, secretAccessKey: 'not-the-right-one' },
    )
    Object.assign(stranger.config, { systemClockOffset: byMs })
    await expect(stranger.send(new CreateBucketCommand({ Bucket: 'other' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    })
    stranger.destroy()
  })
})
