import type { Readable } from 'node:stream'
import type { ByteRange } from './object-store'

/**
 * The loopback door through which ffmpeg reads: it holds the credentials, ffmpeg sees a random path.
 * A path serves one resource, GET and HEAD with ranges, and is gone after `close`.
 */
export interface MediaGateway {
  open(resource: ServedResource): Promise<OpenResource>
  close(): Promise<void>
}

/** Bytes with a known length that can be read in any order: an object, or several as one. */
export interface ServedResource {
  bytes: number
  read(range: ByteRange, signal: AbortSignal): Promise<Readable>
  /** What its reads have taken from the store so far. */
  bytesRead(): number
}

export interface OpenResource {
  /** `http://127.0.0.1:<port>/<32 hex characters>` */
  url: string
  /** Bytes that were given to readers so far. */
  bytesSent(): number
  /**
   * The error that cut a reply short, if any. ffmpeg takes a cut input for its end and exits 0,
   * so the caller must ask here before it believes the exit code.
   */
  failure(): Error | null
  /** From now on no more is sent than the reader takes in about a second: it will not read to the end. */
  holdBack(): void
  close(): void
}
