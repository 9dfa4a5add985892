/** What is in S3: one object, or all below a prefix. */
import { GetObjectTaggingCommand, HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { GantryError } from '../contract/errors'
import type { Place } from '../contract/source'
import type { LabelKind, Labels, ListedObject, ObjectStat, VersionedAt } from '../ports/object-store'
import { s3Error } from './s3-errors'
import { keyFault } from './store-keys'

/** @returns null where nothing is, or a delete marker. */
export async function headObject(client: S3Client, at: VersionedAt): Promise<ObjectStat | null> {
  const reply = await found(at, 'look at', client.send(new HeadObjectCommand(target(at))))
  return reply === null ? null : { etag: (reply.ETag ?? '').replaceAll('"', ''), bytes: reply.ContentLength ?? 0 }
}

/** @returns null where nothing is, or a delete marker. */
export async function labelsOf(client: S3Client, at: VersionedAt, kind: LabelKind): Promise<Labels | null> {
  if (kind === 'metadata') {
    const reply = await found(at, 'look at', client.send(new HeadObjectCommand(target(at))))
    const names = Object.entries(reply?.Metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
    return reply === null ? null : Object.fromEntries(names)
  }
  const reply = await found(at, 'read the tags of', client.send(new GetObjectTaggingCommand(target(at))))
  return reply === null
    ? null
    : Object.fromEntries((reply.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
}

function target({ bucket, key, versionId }: VersionedAt): { Bucket: string; Key: string; VersionId?: string } {
  return { Bucket: bucket, Key: key, ...(versionId !== undefined && { VersionId: versionId }) }
}

async function found<T>(at: VersionedAt, doing: string, asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (thrown) {
    const error = s3Error(thrown, at, doing)
    if (error instanceof GantryError && error.code === 'STORE_NOT_FOUND') return null
    throw error
  }
}

/** Objects that others put there under keys no object of ours can have are passed over. */
export async function* listObjects(client: S3Client, place: Place): AsyncGenerator<ListedObject> {
  let token: string | undefined
  do {
    const page = await client
      .send(
        new ListObjectsV2Command({
          Bucket: place.bucket,
          Prefix: place.prefix,
          ...(token !== undefined && { ContinuationToken: token }),
        }),
      )
      .catch((thrown: unknown) => {
        throw s3Error(thrown, { bucket: place.bucket, key: place.prefix }, 'list')
      })
    for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? []) {
      if (keyFault(Key) === null) yield { key: Key, bytes: Size, etag: ETag.replaceAll('"', '') }
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}
