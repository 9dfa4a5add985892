/** Streams from an opened file. */
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { GantryError } from '../contract/errors'
import type { ByteRange } from '../ports/object-store'
import { storeError } from './file-store-errors'

export interface OpenedFile {
  file: FileHandle
  path: string
  isMaster: boolean
  /** Called after each chunk was read and before it is handed on. @throws SOURCE_CHANGED */
  check?: () => Promise<void>
}

/** Large enough that a check a chunk costs nothing to speak of. */
const CHUNK_BYTES = 256 * 1_024

/** Closes the file at the end, on an error and when destroyed. A range is cut at the end of the file. */
export function streamOf(opened: OpenedFile, { start, end }: ByteRange = { start: 0, end: Infinity }): Readable {
  const { file, path, isMaster } = opened
  let position = start
  const next = async (): Promise<Buffer | null> => {
    const wanted = Math.min(CHUNK_BYTES, end - position + 1)
    if (wanted <= 0) return null
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, position)
    await opened.check?.()
    position += bytesRead
    return bytesRead === 0 ? null : buffer.subarray(0, bytesRead)
  }
  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      next().then(
        (chunk) => this.push(chunk),
        (error: unknown) => this.destroy(storeError(error, path, isMaster)),
      )
    },
    destroy(error, done) {
      file.close().then(
        () => done(error),
        (failure: unknown) => done(error ?? storeError(failure, path, isMaster)),
      )
    },
  })
}

/** @throws QUEUE_INTERNAL for what no caller may ask; it would read from elsewhere in the file. */
export function checkRange(range: ByteRange | undefined): void {
  if (range === undefined) return
  const { start, end } = range
  if (Number.isSafeInteger(start) && start >= 0 && end >= start) return
  throw new GantryError('QUEUE_INTERNAL', `a range of bytes must be 0 <= start <= end, got ${start} to ${end}`)
}
