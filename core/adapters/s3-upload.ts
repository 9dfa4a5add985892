/** One streamed object to S3 by lib-storage, with nothing left behind when it does not come to its end. */
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ObjectStat } from '../ports/object-store'
import { s3Fault } from './s3-errors'

/** A part is kept in memory until it is stored. */
const PART_BYTES = 8 * 2 ** 20
const PARTS_AT_ONCE = 2
/** Source: Amazon S3 user guide, "Multipart upload limits". */
const MAX_PARTS = 10_000
const ABORT_TRIES = 5

export type UploadTarget = Omit<PutObjectCommandInput, 'Body' | 'Bucket' | 'Key'> & { Bucket: string; Key: string }

/**
 * Stores a stream of any length; a short one goes as one request.
 *
 * `Upload` takes no signal for its requests, and its `abort` forgets parts that are on their way, which then stay and
 * cost money. So the requests pass through here: they end with the signal, and an upload that was begun is aborted by
 * its id after the last of them has ended.
 *
 * @param expectedBytes Where known; 10,000 parts must be enough.
 * @throws Whatever the body or the SDK threw.
 */
export async function uploadStream(
  client: S3Client,
  target: UploadTarget,
  body: Readable,
  { expectedBytes = 0, signal }: { expectedBytes?: number; signal?: AbortSignal | undefined },
): Promise<ObjectStat> {
  const meter = byteMeter()
  const watched = watchRequests(client, signal)
  const onAbort = (): void => void body.destroy(signal?.reason as Error)
  signal?.addEventListener('abort', onAbort, { once: true })
  const breaks: unknown[] = []
  body.once('error', (cause) => breaks.push(cause))
  void pipeline(body, meter.stream).catch(() => undefined)
  try {
    const upload = new Upload({
      client: watched.client,
      params: { ...target, Body: meter.stream },
      partSize: Math.max(PART_BYTES, Math.ceil(expectedBytes / MAX_PARTS)),
      queueSize: PARTS_AT_ONCE,
      leavePartsOnError: true,
    })
    const { ETag = '' } = await upload.done()
    return { etag: ETag.replaceAll('"', ''), bytes: meter.bytes() }
  } catch (error) {
    // What broke the body is the reason; the stream behind it only says that it broke. Later errors are of this clearing.
    const [reason = error] = breaks
    meter.stream.destroy()
    await watched.settled()
    if (watched.uploadId() !== null) await dropUpload(client, target, watched.uploadId() ?? '')
    throw reason
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

function byteMeter(): { stream: Transform; bytes(): number } {
  let bytes = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      done(null, chunk)
    },
  })
  return { stream, bytes: () => bytes }
}

interface WatchedRequests {
  client: S3Client
  /** Resolves when no request is on its way. */
  settled(): Promise<void>
  uploadId(): string | null
}

/** A client that does the same, with the signal on each request but the one whose answer must be known: its id. */
function watchRequests(client: S3Client, signal: AbortSignal | undefined): WatchedRequests {
  const running = new Set<Promise<unknown>>()
  let uploadId: string | null = null
  const send = (command: Parameters<S3Client['send']>[0]): Promise<unknown> => {
    const begins = command instanceof CreateMultipartUploadCommand
    const sent = client.send(command, !begins && signal !== undefined ? { abortSignal: signal } : {})
    const done = sent.then((reply) => {
      if (begins && 'UploadId' in reply) uploadId = reply.UploadId ?? null
    })
    const settled = done.catch(() => undefined).finally(() => running.delete(settled))
    running.add(settled)
    return sent
  }
  return {
    client: Object.assign(Object.create(client) as S3Client, { send }),
    settled: async () => void (await Promise.all(running)),
    uploadId: () => uploadId,
  }
}

/** Until the store does not know it any more: a part that arrived meanwhile survives the first abort. */
async function dropUpload(client: S3Client, target: UploadTarget, UploadId: string): Promise<void> {
  const upload = { Bucket: target.Bucket, Key: target.Key, UploadId }
  for (let tries = 0; tries < ABORT_TRIES; tries += 1) {
    try {
      await client.send(new AbortMultipartUploadCommand(upload))
      await client.send(new ListPartsCommand(upload))
    } catch (thrown) {
      // Anything else is left to the lifecycle rule that ends stale uploads.
      if (s3Fault(thrown).name === 'NoSuchUpload' || s3Fault(thrown).status !== undefined) return
    }
  }
}
