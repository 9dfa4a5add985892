/** Reads the picture index of a stored master, within fixed limits. */
import { readPictureIndex } from '../../media/picture-index/read'
import type { PictureIndex } from '../contract/picture-index'
import type { ObjectStore } from '../ports/object-store'
import type { PictureIndexReader } from '../ports/picture-index'
import { answerWalk, masterReader, type ReadMaster } from './master-bytes'

export interface IndexLimits {
  reads: number
  bytes: number
}

/** The tables of 12 hours at 60 pictures a second have 24 MB; a file of 64 tracks needs some 130 reads of headers. */
export const DEFAULT_INDEX_LIMITS: IndexLimits = { reads: 256, bytes: 64 * 1024 * 1024 }

export function createPictureIndexReader(store: ObjectStore, limits = DEFAULT_INDEX_LIMITS): PictureIndexReader {
  return {
    readIndex: async (source, facts, signal) => {
      signal.throwIfAborted()
      if (facts.video === null) return { kind: 'none', reason: 'it has no pictures' }
      const walk = readPictureIndex(facts.container, source.bytes, facts.video.streamIndex)
      const meter = metered(masterReader(store, source, signal), limits)
      const index = await answerWalk<PictureIndex>(walk, new Uint8Array(0), source.bytes, meter.read)
      return meter.isOver() ? { kind: 'none', reason: tooMuch(limits) } : index
    },
  }
}

/** Over the limit a reader gives nothing, as at the end of a file: the walk then ends by itself. */
function metered(read: ReadMaster, limits: IndexLimits): { read: ReadMaster; isOver(): boolean } {
  let reads = 0
  let bytes = 0
  const isOver = (): boolean => reads > limits.reads || bytes > limits.bytes
  return {
    read: async (at, length) => {
      reads += 1
      bytes += length
      return isOver() ? Buffer.alloc(0) : await read(at, length)
    },
    isOver,
  }
}

function tooMuch({ reads, bytes }: IndexLimits): string {
  return `its index takes more than the ${reads} reads or ${bytes} bytes allowed`
}
