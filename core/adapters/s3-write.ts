/** Writing one object to S3, whole or not at all, also when an answer is lost. */
import { HeadObjectCommand, PutObjectCommand, type PutObjectCommandInput, type S3Client } from '@aws-sdk/client-s3'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { GantryError } from '../contract/errors'
import type { ObjectAt } from '../contract/source'
import type { ObjectStat, WriteCondition, WriteOptions } from '../ports/object-store'
import { afterConflicts } from './s3-conflicts'
import { s3Error, s3Fault } from './s3-errors'
import { uploadStream, type UploadTarget } from './s3-upload'

/** What every object that is written carries. */
export interface WriteDefaults {
  kmsKeyId?: string
  /** Cost allocation and life cycle: `team=video`. */
  tags: Readonly<Record<string, string>>
  /** `Cache-Control` of what never changes and of what may. */
  cacheControl: { immutable: string; revalidate: string }
}

/** Of what changes each few seconds: caches ask each time whether it did. Source: RFC 9111, 5.2.2.4. */
const NO_CACHE = 'no-cache'

export interface Writer {
  client: S3Client
  defaults: WriteDefaults
}

type How = Omit<WriteOptions, 'condition'> & { condition: WriteCondition | undefined }

/** Names the write, so that a writer whose answer was lost can tell its own object from another's. */
const WRITE_ID = 'gantry-write'

/** @throws STORE_CONFLICT, STORE_DENIED, STORE_UNAVAILABLE; the reason of `signal`; what the body threw. */
export async function writeObject(
  writer: Writer,
  at: ObjectAt,
  body: Uint8Array | Readable,
  how: How,
): Promise<ObjectStat> {
  if (how.signal?.aborted === true) {
    if (body instanceof Readable) body.destroy()
    throw how.signal.reason
  }
  const writeId = randomBytes(12).toString('hex')
  const target = targetOf(writer.defaults, at, how, writeId)
  const once = async (write: () => Promise<ObjectStat>): Promise<ObjectStat> => {
    try {
      return await write()
    } catch (thrown) {
      const own = await ownWrite(writer.client, at, thrown, writeId)
      if (own === null) throw thrown
      return own
    }
  }
  try {
    if (!(body instanceof Readable)) {
      return await afterConflicts(() => once(() => putObject(writer.client, target, body, how.signal)))
    }
    // A stream is spent after its first try.
    return await once(() => streamObject(writer.client, target, body, how))
  } catch (thrown) {
    if (body instanceof Readable) body.destroy()
    throw writeError(thrown, at, how)
  }
}

/** Headers that come from settings and from the kind of object. */
export function writeWords(
  { kmsKeyId, tags, cacheControl }: WriteDefaults,
  { caching, condition }: { caching?: WriteOptions['caching']; condition: WriteCondition | undefined },
): Partial<PutObjectCommandInput> {
  const tagging = Object.entries(tags)
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&')
  return {
    ...(kmsKeyId !== undefined && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId }),
    ...(tagging !== '' && { Tagging: tagging }),
    ...(caching !== undefined && { CacheControl: caching === 'never' ? NO_CACHE : cacheControl[caching] }),
    ...(condition !== undefined && 'absent' in condition && { IfNoneMatch: '*' }),
    ...(condition !== undefined && 'etag' in condition && { IfMatch: `"${condition.etag}"` }),
  }
}

function targetOf(defaults: WriteDefaults, at: ObjectAt, how: How, writeId: string): UploadTarget {
  return {
    ...writeWords(defaults, how),
    Bucket: at.bucket,
    Key: at.key,
    ContentType: how.contentType,
    Metadata: { [WRITE_ID]: writeId },
  }
}

async function putObject(
  client: S3Client,
  target: UploadTarget,
  body: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<ObjectStat> {
  const command = new PutObjectCommand({ ...target, Body: body })
  const { ETag = '' } = await client.send(command, signal === undefined ? {} : { abortSignal: signal })
  return { etag: ETag.replaceAll('"', ''), bytes: body.byteLength }
}

function streamObject(client: S3Client, target: UploadTarget, body: Readable, how: How): Promise<ObjectStat> {
  return uploadStream(client, target, body, {
    signal: how.signal,
    ...(how.bytes !== undefined && { expectedBytes: how.bytes }),
  })
}

/**
 * A request that was sent twice may fail by what its first sending did: the condition does not hold any more, or the
 * multipart upload is complete. Then the object that is there is this write's own.
 */
async function ownWrite(client: S3Client, at: ObjectAt, thrown: unknown, writeId: string): Promise<ObjectStat | null> {
  const { name, status, attempts } = s3Fault(thrown)
  if (attempts < 2 || (status !== 412 && status !== 409 && name !== 'NoSuchUpload')) return null
  const found = await client
    .send(new HeadObjectCommand({ Bucket: at.bucket, Key: at.key }))
    .catch((error: unknown) => void error)
  if (found?.Metadata?.[WRITE_ID] !== writeId) return null
  return { etag: (found.ETag ?? '').replaceAll('"', ''), bytes: found.ContentLength ?? 0 }
}

function writeError(thrown: unknown, at: ObjectAt, { condition, signal }: How): unknown {
  const error = s3Error(thrown, at, 'write', signal)
  if (!(error instanceof GantryError)) return error
  if (condition === undefined) return error.code === 'STORE_CONFLICT' ? passing(error, thrown) : error
  // With If-Match an object that is gone is answered like a key that is not there.
  const isGone = error.code === 'STORE_NOT_FOUND' && s3Fault(thrown).name !== 'NoSuchBucket' && 'etag' in condition
  if (error.code !== 'STORE_CONFLICT' && !isGone) return error
  const why = 'absent' in condition ? 'there is an object already' : 'the object is another one by now'
  return new GantryError(
    'STORE_CONFLICT',
    `'s3://${at.bucket}/${at.key}' was not written: ${why}`,
    {},
    { cause: thrown },
  )
}

/** Without a condition there is nothing that another writer could have won. */
function passing({ message, details }: GantryError, thrown: unknown): GantryError {
  return new GantryError('STORE_UNAVAILABLE', message, details, { cause: thrown })
}
