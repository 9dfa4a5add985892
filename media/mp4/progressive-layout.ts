/** Where everything stands in a progressive file: index first, then the media, sound and picture side by side in time. */
import { boxHead, byteLength, fullBox, type BoxBytes } from './box-bytes'
import { createTable } from './growing-table'
import { ftyp, moov, type ProgressiveTrack } from './progressive-moov'
import type { SampleTables } from './progressive-tables'

export interface ProgressiveFile {
  /** All that stands before the media. */
  head: BoxBytes
  /** Of the whole file. */
  bytes: number
}

/** A run of one track's media, to be taken from where the track before it was left. */
export interface MediaRun {
  trackIndex: number
  bytes: number
}

/** @param tracks The picture first, whose clock the file takes. */
export function progressiveFile(tracks: readonly ProgressiveTrack[]): ProgressiveFile {
  const { offsets, mediaBytes } = placesOf(tracks.map(({ tables }) => tables))
  const headOf = (type: 'stco' | 'co64', mediaStart: number): BoxBytes => [
    ...ftyp(tracks),
    ...moov(tracks, (index) => chunkOffsets(type, offsets[index] ?? [], mediaStart)),
    boxHead('mdat', mediaBytes),
  ]
  // Offsets of 64 bits take more room, so the shorter form fits where the longer one does.
  const type = byteLength(headOf('co64', 0)) + mediaBytes > 2 ** 32 ? 'co64' : 'stco'
  const headBytes = byteLength(headOf(type, 0))
  return { head: headOf(type, headBytes), bytes: headBytes + mediaBytes }
}

/** Chunks of all tracks in the order of the file: what is decoded first stands first. */
export function* mediaOrder(tracks: readonly SampleTables[]): Generator<MediaRun> {
  const next = tracks.map(() => 0)
  for (;;) {
    const trackIndex = earliest(tracks, next)
    const index = next[trackIndex] ?? 0
    const chunks = tracks[trackIndex]?.chunks
    if (chunks === undefined || index === chunks.count()) return
    next[trackIndex] = index + 1
    yield { trackIndex, bytes: chunks.bytes(index) }
  }
}

/** The track whose next chunk is decoded first; the first of them where none has one. */
function earliest(tracks: readonly SampleTables[], next: readonly number[]): number {
  const seconds = tracks.map(({ chunks, timescaleHz }, index) => {
    const chunk = next[index] ?? 0
    return chunk === chunks.count() ? Infinity : chunks.decodeTicks(chunk) / timescaleHz
  })
  return seconds.indexOf(Math.min(...seconds))
}

/** Offsets of each track's chunks, counted from the first byte of the media. */
function placesOf(tracks: readonly SampleTables[]): { offsets: readonly number[][]; mediaBytes: number } {
  const offsets: number[][] = tracks.map(() => [])
  let mediaBytes = 0
  for (const { trackIndex, bytes } of mediaOrder(tracks)) {
    offsets[trackIndex]?.push(mediaBytes)
    mediaBytes += bytes
  }
  return { offsets, mediaBytes }
}

/** 8.7.5 */
function chunkOffsets(type: 'stco' | 'co64', places: readonly number[], mediaStart: number): BoxBytes {
  const table = createTable(type === 'co64' ? 2 : 1)
  for (const place of places) {
    const offset = mediaStart + place
    if (type === 'co64') table.add(Math.floor(offset / 2 ** 32), offset % 2 ** 32)
    else table.add(offset)
  }
  return fullBox(type, 0, 0, table.counted())
}
