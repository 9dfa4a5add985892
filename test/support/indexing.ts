/** Reads the picture index of files in a folder, and asks ffprobe the same by listing all packets. */
import { join } from 'node:path'
import { createPictureIndexReader, DEFAULT_INDEX_LIMITS } from '../../core/adapters/picture-index'
import type { PictureIndex } from '../../core/contract/picture-index'
import type { SourceFacts } from '../../core/contract/source'
import type { ObjectStore } from '../../core/ports/object-store'
import { openProbing } from './probing'
import { probeJson } from './run-program'

export interface IndexRead {
  index: PictureIndex
  facts: SourceFacts
  reads: number
  bytesRead: number
  bytes: number
}

export interface Indexing {
  read(file: string, limits?: typeof DEFAULT_INDEX_LIMITS): Promise<IndexRead>
  close(): Promise<void>
}

export async function openIndexing(folder: string): Promise<Indexing> {
  const probing = await openProbing(folder)
  return {
    read: async (file, limits = DEFAULT_INDEX_LIMITS) => {
      const at = { bucket: 'masters', key: file }
      const facts = await probing.probe(file)
      const { etag = '', bytes = 0 } = (await probing.store.head(at)) ?? {}
      const meter = counting(probing.store)
      const reader = createPictureIndexReader(meter.store, limits)
      const index = await reader.readIndex({ ...at, etag, bytes }, facts, new AbortController().signal)
      return { index, facts, bytes, ...meter.counts }
    },
    close: () => probing.close(),
  }
}

function counting(store: ObjectStore): { store: ObjectStore; counts: { reads: number; bytesRead: number } } {
  const counts = { reads: 0, bytesRead: 0 }
  const read: ObjectStore['read'] = (ref, range) => {
    counts.reads += 1
    counts.bytesRead += range === undefined ? Infinity : range.end - range.start + 1
    return store.read(ref, range)
  }
  return { store: { ...store, read }, counts }
}

export interface ListedPictures {
  timescaleHz: number
  /** Of pictures that are shown. */
  pts: number[]
  keyframePts: number[]
}

/** Reads the whole file. Packets that the edit list hides have the flag D. */
export async function listPictures(folder: string, file: string, streamIndex: number): Promise<ListedPictures> {
  const { packets, streams } = await probeJson<{
    packets: { pts: number; flags: string }[]
    streams: { time_base: string }[]
  }>(
    join(folder, file),
    ...['-select_streams', String(streamIndex), '-show_entries', 'packet=pts,flags:stream=time_base'],
  )
  const shown = packets.filter(({ flags }) => !flags.includes('D'))
  return {
    timescaleHz: Number(streams[0]?.time_base.split('/')[1]),
    pts: shown.map(({ pts }) => pts).sort((a, b) => a - b),
    keyframePts: shown.filter(({ flags }) => flags.includes('K')).map(({ pts }) => pts),
  }
}
