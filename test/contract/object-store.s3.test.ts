import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { createS3Client } from '../../core/adapters/s3-client'
import { hasConditionalWrites, lockedGuard, nativeGuard, type Guard } from '../../core/adapters/s3-guard'
import { createS3Store } from '../../core/adapters/s3-store'
import type { UnfinishedWrite } from '../../core/ports/object-store'
import type { StoreUnderTest } from '../support/store-actions'
import { startVersitygw, type S3Server } from '../support/servers/versitygw'
import { INSTALL_MS } from '../support/servers/cache'
import { localLock } from '../support/local-lock'
import { describeObjectStore } from './object-store'

let server: S3Server
beforeAll(async () => {
  server = await startVersitygw()
}, INSTALL_MS)
afterAll(() => server.close())

let made = 0

async function freshBucket(client: S3Client, guard: Guard): Promise<StoreUnderTest> {
  const bucket = `bucket-${(made += 1)}`
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  return {
    store: createS3Store({
      client,
      own: [{ bucket, prefix: '' }],
      defaults: { tags: {}, cacheControl: { immutable: 'max-age=31536000', revalidate: 'no-cache' } },
      guard,
      urlOf: ({ key }) => `${server.endpoint}/${bucket}/${encodeURIComponent(key)}`,
    }),
    bucket,
    etags: 'of bytes',
    label: async (Key, kind, labels) => {
      const Tagging = kind === 'tags' ? new URLSearchParams(labels).toString() : undefined
      const Metadata = kind === 'metadata' ? labels : undefined
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x', Tagging, Metadata }))
    },
    close: async () => {
      // Whatever a test did, no upload stays that somebody would pay for.
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
      client.destroy()
      expect(Uploads).toEqual([])
    },
  }
}

const connect = (): S3Client =>
  createS3Client({ region: server.region, endpoint: server.endpoint, pathStyle: true, retryMs: 10_000 }, server)

describeObjectStore('S3 (versitygw)', () => freshBucket(connect(), nativeGuard))

/** The same server, to which no condition comes through: like a store that knows none. */
function withoutConditions(): S3Client {
  const client = connect()
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      delete headers['if-none-match']
      const { method } = args.request as { method: string }
      if (method === 'PUT') delete headers['if-match']
      return next(args)
    },
    { step: 'build', name: 'noConditions', priority: 'low' },
  )
  return client
}

describeObjectStore('S3 without conditional writes, under a lock', () =>
  freshBucket(withoutConditions(), lockedGuard(localLock())),
)

describe('uploads that nobody ended', () => {
  it('are listed below a place with their times, and go when they are abandoned', async () => {
    const client = connect()
    const { store, bucket, close } = await freshBucket(client, nativeGuard)
    const begin = (Key: string) => client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }))
    const earliestMs = Date.now() - 2_000
    for (const key of ['films/a.mp4', 'films/a.mp4', 'films/b.mp4', 'other/c.mp4']) {
      const { UploadId } = await begin(key)
      const part = { Bucket: bucket, Key: key, UploadId, PartNumber: 1, Body: 'x' }
      await client.send(new UploadPartCommand(part))
    }
    const below = async (prefix: string): Promise<UnfinishedWrite[]> => {
      const found: UnfinishedWrite[] = []
      for await (const begun of store.unfinished({ bucket, prefix })) found.push(begun)
      return found
    }
    const films = await below('films/')
    expect(films.map(({ key }) => key)).toEqual(['films/a.mp4', 'films/a.mp4', 'films/b.mp4'])
    for (const { begunAt } of films) {
      expect(begunAt.getTime()).toBeGreaterThan(earliestMs)
      expect(begunAt.getTime()).toBeLessThan(Date.now() + 2_000)
    }
    for (const begun of films) await store.abandon(begun)
    for (const begun of films) await store.abandon(begun)
    expect((await below('')).map(({ key }) => key)).toEqual(['other/c.mp4'])
    for (const begun of await below('')) await store.abandon(begun)
    await close()
  })
})

describe('the look for conditional writes', () => {
  it('finds them', async () => {
    const { bucket, close } = await freshBucket(connect(), nativeGuard)
    expect(await hasConditionalWrites(connect(), { bucket, prefix: 'state' })).toBe(true)
    await close()
  })

  it('finds that a store takes no notice of them', async () => {
    const { bucket, close } = await freshBucket(connect(), nativeGuard)
    expect(await hasConditionalWrites(withoutConditions(), { bucket, prefix: '' })).toBe(false)
    await close()
  })

  it('says that there is no such bucket', async () => {
    const look = hasConditionalWrites(connect(), { bucket: 'no-such-bucket', prefix: '' })
    await expect(look).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' })
  })
})
