/** Reading an object of S3 as one stream, over as many connections as it takes. */
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { asGantryError, GantryError } from '../contract/errors'
import type { ByteRange, VersionedAt } from '../ports/object-store'
import { s3Error, s3Fault } from './s3-errors'

export type ReadRef = VersionedAt & { etag?: string }

/** Connections that may break in a row without a byte in between. */
const BREAKS = 6
const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 3_000
/** The store was asked for bytes and gives none for this long: the connection is likely dead. */
const IDLE_MS = 30_000

/**
 * Opens an object. A connection that breaks, or gives nothing, is replaced by one that goes on at the next byte of the
 * same object; readers see a stream that is slow for a while. S3 itself counts a cut reply as sent.
 *
 * @throws STORE_NOT_FOUND, SOURCE_CHANGED, STORE_DENIED, SOURCE_ARCHIVED, STORE_UNAVAILABLE; later ones come as the
 * stream's error.
 */
export async function readObject(client: S3Client, ref: ReadRef, range: ByteRange | undefined): Promise<Readable> {
  const end = new AbortController()
  const first = await open(client, ref, range, end.signal)
  if (first === null) return Readable.from([])
  const out = new PassThrough()
  const chunks = readOn(client, ref, { first, start: range?.start ?? 0 }, end.signal)
  void pipeline(chunks, out).catch(() => undefined)
  // Also when the reader leaves early: it must not wait for a connection that gives nothing.
  out.once('close', () => end.abort())
  return out
}

interface Opened {
  body: Readable
  bytes: number
  etag: string | undefined
}

async function* readOn(
  client: S3Client,
  ref: ReadRef,
  { first, start }: { first: Opened; start: number },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const last = start + first.bytes - 1
  const pinned = first.etag === undefined ? ref : { ...ref, etag: first.etag }
  let next = start
  let breaks = 0
  let opened: Opened | null = first
  for (;;) {
    try {
      opened ??= await open(client, pinned, { start: next, end: last }, signal)
      for await (const chunk of withIdleLimit(opened?.body ?? Readable.from([]))) {
        next += chunk.length
        breaks = 0
        yield chunk
      }
      if (next > last) return
      throw new GantryError('STORE_UNAVAILABLE', `the reply for '${ref.key}' ended ${last + 1 - next} bytes early`)
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asGantryError(s3Error(thrown, ref, 'read'))
      breaks += 1
      if (!error.retryable || breaks > BREAKS) throw error
      await delay(Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (breaks - 1)), undefined, { signal })
    } finally {
      opened?.body.destroy()
      opened = null
    }
  }
}

/** @returns null for a range that begins behind the last byte. */
async function open(
  client: S3Client,
  ref: ReadRef,
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Opened | null> {
  const command = new GetObjectCommand({
    Bucket: ref.bucket,
    Key: ref.key,
    ...(ref.versionId !== undefined && { VersionId: ref.versionId }),
    ...(ref.etag !== undefined && { IfMatch: `"${ref.etag}"` }),
    ...(range !== undefined && { Range: `bytes=${range.start}-${range.end}` }),
  })
  try {
    const reply = await client.send(command, { abortSignal: signal })
    return { body: bodyOf(reply), bytes: reply.ContentLength ?? 0, etag: reply.ETag?.replaceAll('"', '') }
  } catch (thrown) {
    const { name, status } = s3Fault(thrown)
    if (name === 'InvalidRange' || status === 416) return null
    if (status === 412) {
      const message = `'s3://${ref.bucket}/${ref.key}' is not the object that was looked at before`
      throw new GantryError('SOURCE_CHANGED', message, { key: ref.key }, { cause: thrown })
    }
    throw s3Error(thrown, ref, 'read')
  }
}

function bodyOf({ Body }: GetObjectCommandOutput): Readable {
  if (!(Body instanceof Readable)) throw new GantryError('STORE_UNAVAILABLE', 'the reply of the store has no body')
  // A connection that breaks after its reader has gone is nobody's error.
  return Body.on('error', () => undefined)
}

/** The clock runs only while a chunk is waited for: a reader that takes its time is no fault of the store. */
async function* withIdleLimit(body: Readable): AsyncGenerator<Buffer> {
  const limit = (): NodeJS.Timeout =>
    setTimeout(() => {
      body.destroy(new GantryError('STORE_UNAVAILABLE', `the store gave no byte for ${IDLE_MS / 1_000} s`))
    }, IDLE_MS)
  let timer = limit()
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      clearTimeout(timer)
      yield chunk
      timer = limit()
    }
  } finally {
    clearTimeout(timer)
  }
}
