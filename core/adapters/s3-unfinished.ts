/** Multipart uploads that nobody ended: a worker that is killed in the middle of one leaves parts that cost money. */
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { Place } from '../contract/source'
import type { UnfinishedWrite } from '../ports/object-store'
import { s3Error, s3Fault } from './s3-errors'
import { keyFault } from './store-keys'

/** Those of others under keys no object of ours can have are passed over. @throws STORE_DENIED, STORE_UNAVAILABLE */
export async function* unfinishedUploads(client: S3Client, { bucket, prefix }: Place): AsyncGenerator<UnfinishedWrite> {
  let from: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | null = {}
  while (from !== null) {
    const page: ListMultipartUploadsCommandOutput = await client
      .send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...from }))
      .catch((thrown: unknown) => {
        throw s3Error(thrown, { bucket, key: prefix }, 'list uploads of')
      })
    for (const { Key: key = '', UploadId: id, Initiated: begunAt } of page.Uploads ?? []) {
      if (id !== undefined && begunAt !== undefined && keyFault(key) === null) yield { bucket, key, id, begunAt }
    }
    // A page that says that there are more, but not from where, would be asked for again and again.
    const hasNext = page.IsTruncated === true && page.NextKeyMarker !== undefined
    from = hasNext ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : null
  }
}

/** A part that arrives meanwhile survives; the upload is then listed again. */
export async function abandonUpload(client: S3Client, { bucket, key, id }: UnfinishedWrite): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: id }))
  } catch (thrown) {
    if (s3Fault(thrown).name !== 'NoSuchUpload') throw s3Error(thrown, { bucket, key }, 'abort an upload of')
  }
}
