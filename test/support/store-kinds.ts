/** A folder and a real S3 server, for what must hold on both. */
import { CreateBucketCommand, CreateMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileStore } from '../../core/adapters/file-store'
import { createS3Client } from '../../core/adapters/s3-client'
import { nativeGuard } from '../../core/adapters/s3-guard'
import { createS3Store } from '../../core/adapters/s3-store'
import type { ObjectStore } from '../../core/ports/object-store'
import { startVersitygw } from './servers/versitygw'

export interface KindOfStore {
  store: ObjectStore
  bucket: string
  /** What writes that did not come to their end left behind: temporary files, uploads. */
  leftovers(): Promise<string[]>
  /** Begins a write that nobody ends, where the store has such things. */
  beginWrite(key: string): Promise<void>
  close(): Promise<void>
}

export async function folderStore(): Promise<KindOfStore> {
  const root = mkdtempSync(join(tmpdir(), 'gantry-kind-'))
  const scratch = join(root, 'scratch')
  return Promise.resolve({
    store: createFileStore({ buckets: { out: { folder: join(root, 'out'), scratch } } }),
    bucket: 'out',
    leftovers: () => Promise.resolve(existsSync(scratch) ? readdirSync(scratch) : []),
    beginWrite: () => Promise.resolve(),
    close: () => Promise.resolve(rmSync(root, { recursive: true, force: true })),
  })
}

export async function s3Store(): Promise<KindOfStore> {
  const server = await startVersitygw()
  const bucket = 'out'
  const access = { region: server.region, endpoint: server.endpoint, pathStyle: true, retryMs: 10_000 }
  const client = createS3Client(access, server)
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  return {
    store: createS3Store({
      ...{ client, own: [{ bucket, prefix: '' }], guard: nativeGuard },
      defaults: { tags: {}, cacheControl: { immutable: 'max-age=31536000', revalidate: 'no-cache' } },
      urlOf: ({ key }) => `${server.endpoint}/${bucket}/${key}`,
    }),
    bucket,
    leftovers: async () => {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
      return Uploads.map(({ Key = '' }) => Key)
    },
    beginWrite: async (Key) => void (await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }))),
    close: async () => {
      client.destroy()
      await server.close()
    },
  }
}
