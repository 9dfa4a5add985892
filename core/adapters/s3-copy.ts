/** A copy made by S3 itself; no byte passes through here but of objects that are too large for that. */
import { CopyObjectCommand } from '@aws-sdk/client-s3'
import { GantryError } from '../contract/errors'
import type { ObjectAt } from '../contract/source'
import type { CopyOptions, ObjectStat } from '../ports/object-store'
import { s3Error, s3Fault } from './s3-errors'
import { headObject } from './s3-look'
import { readObject } from './s3-read'
import { writeObject, writeWords, type Writer } from './s3-write'

/** One request copies at most this. Source: Amazon S3 API reference, CopyObject. */
const COPY_BYTES = 5 * 2 ** 30

/** @throws STORE_NOT_FOUND, SOURCE_CHANGED for `from`; STORE_DENIED, STORE_UNAVAILABLE. */
export async function copyObject(
  writer: Writer,
  from: ObjectAt & { etag?: string },
  to: ObjectAt,
  how: CopyOptions,
): Promise<ObjectStat> {
  const { client, defaults } = writer
  const found = await headObject(client, from)
  if (found === null) throw new GantryError('STORE_NOT_FOUND', `there is no object '${from.key}' to copy`)
  if (found.bytes > COPY_BYTES) {
    const body = await readObject(client, from, undefined)
    return writeObject(writer, to, body, {
      contentType: 'application/octet-stream',
      bytes: found.bytes,
      ...how,
      condition: undefined,
    })
  }
  try {
    const { CopyObjectResult } = await client.send(
      new CopyObjectCommand({
        ...writeWords(defaults, { ...how, condition: undefined }),
        Bucket: to.bucket,
        Key: to.key,
        CopySource: [from.bucket, ...from.key.split('/')].map(encodeURIComponent).join('/'),
        TaggingDirective: 'REPLACE',
        ...(from.etag !== undefined && { CopySourceIfMatch: `"${from.etag}"` }),
      }),
      how.signal === undefined ? {} : { abortSignal: how.signal },
    )
    return { etag: (CopyObjectResult?.ETag ?? '').replaceAll('"', ''), bytes: found.bytes }
  } catch (thrown) {
    const isOther = s3Fault(thrown).status === 412
    if (!isOther) throw s3Error(thrown, to, 'copy to', how.signal)
    throw new GantryError('SOURCE_CHANGED', `'${from.key}' is another object by now`, {}, { cause: thrown })
  }
}
