/** The coded pictures of a master from ffmpeg's pipe into the run's state: their bytes as they come, the index at the end. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { RemuxJob } from '../core/contract/job'
import { at, runKeys } from '../core/contract/keys'
import type { PictureCopy } from '../core/contract/markers'
import type { ObjectStore } from '../core/ports/object-store'
import { sha256Hex } from '../core/state/records'
import { createSplitter } from '../media/mp4/splitter'
import { copyIndex, type CopyIndex } from './copy-index'

export interface CopyTarget {
  store: ObjectStore
  job: RemuxJob
  attempt: string
  signal: AbortSignal
}

/** ffmpeg is told to end a fragment long before. */
const MAX_FRAGMENT_BYTES = 256 * 2 ** 20

/**
 * Reads the pipe to its end. What an attempt that fails has stored stays as garbage under its own folder.
 *
 * @throws FFMPEG_OUTPUT_INVALID when the stream is no fragmented MP4 of one track; FFMPEG_NO_OUTPUT when it has no
 * sample; FFMPEG_LIMIT over the job's limit on pictures; STORE_ codes.
 */
export async function storeCopy(pipe: Readable, { store, job, attempt, signal }: CopyTarget): Promise<PictureCopy> {
  const index = copyIndex(job)
  const hash = createHash('sha256')
  const media = Readable.from(mediaOf(pipe, index, hash), { objectMode: false })
  const mediaKey = runKeys.copyMedia(attempt)
  const stored = await store.write(at(job.state, mediaKey), media, {
    // The copy is no longer than the master, whose sound and packet headers it leaves out.
    ...{ contentType: 'application/octet-stream', bytes: job.source.bytes, signal },
  })
  const { head, ...facts } = index.end()
  const indexKey = runKeys.copyIndex(attempt)
  const storedHead = await store.write(at(job.state, indexKey), head, { contentType: 'video/mp4', signal })
  return {
    objects: [
      { key: indexKey, sha256: sha256Hex(head), ...storedHead },
      { key: mediaKey, sha256: hash.digest('hex'), ...stored },
    ],
    ...facts,
  }
}

async function* mediaOf(
  pipe: Readable,
  index: CopyIndex,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  const splitter = createSplitter({ maxPartBytes: MAX_FRAGMENT_BYTES })
  for await (const chunk of pipe as AsyncIterable<Uint8Array>) {
    for (const part of splitter.push(chunk)) {
      if (part.type === 'init') index.init(part.bytes)
      else {
        const media = index.fragment(part.bytes)
        hash.update(media)
        yield media
      }
    }
  }
  splitter.end()
}
