/** What a progressive MP4 is made of: each rendition's tables, and where its media is in the stored segments. */
import { GantryError } from '../core/contract/errors'
import { TIMELINE_OFFSET_SECONDS } from '../core/contract/job'
import { at } from '../core/contract/keys'
import type { StoredObject, StoredSegment, TrackOutput } from '../core/contract/markers'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { sha256Hex } from '../core/state/records'
import { invalid } from '../media/mp4/boxes'
import { fragmentsOf, withoutMedia, type TabledFragment } from '../media/mp4/fragment-tables'
import { readInit, type InitFacts } from '../media/mp4/init'
import type { ProgressiveTrack } from '../media/mp4/progressive-moov'
import { createTables, type TableBuilder } from '../media/mp4/progressive-tables'
import { eachSample } from '../media/mp4/sample-runs'
import type { JoinedTrack } from './timeline'

/** A segment without what stands around its media. */
export interface SegmentMedia {
  object: StoredObject
  /** In order; offsets in the segment. */
  spans: readonly { start: number; bytes: number }[]
}

export interface Mp4Track {
  track: ProgressiveTrack
  segments: readonly SegmentMedia[]
}

/**
 * Reads the init segment and the kept tables; segments only where no tables were kept.
 *
 * @throws STORE_NOT_FOUND; STORE_UNAVAILABLE when an object is not what was written; FFMPEG_OUTPUT_INVALID when tables
 * and segments are not of each other.
 */
export async function readMp4Track(
  store: ObjectStore,
  output: Place,
  joined: JoinedTrack,
  shown: Pick<ProgressiveTrack, 'language' | 'isEnabled'>,
): Promise<Mp4Track> {
  const [first] = joined.pieces
  if (first === undefined) throw invalid(`rendition '${joined.id}' has no piece`)
  const init = await readWhole(store, output, first.init)
  const facts = readInit(init)
  const tables = createTables(facts.timescaleHz)
  const segments: SegmentMedia[] = []
  for (const piece of joined.pieces) {
    const places = placer(piece.segments)
    for await (const kept of tablesOf(store, output, piece)) addFragments(kept, facts, tables, places)
    segments.push(...places.end())
  }
  const track = {
    ...{ init, tables: tables.end(), ...shown },
    zeroTicks: TIMELINE_OFFSET_SECONDS * facts.timescaleHz,
    endTicks: joined.segments.at(-1)?.endTicks ?? 0,
  }
  return { track, segments }
}

async function* tablesOf(
  store: ObjectStore,
  output: Place,
  { tables, segments }: TrackOutput,
): AsyncGenerator<Uint8Array> {
  for (const object of tables ?? []) yield await readWhole(store, output, object)
  if (tables !== undefined) return
  for (const segment of segments) yield withoutMedia(await readWhole(store, output, segment))
}

/** Into memory of its known length: gathering chunks first would take several times as much for a while. */
async function readWhole(store: ObjectStore, output: Place, { key, bytes, sha256 }: StoredObject): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafeSlow(bytes)
  let read = 0
  for await (const chunk of (await store.read(at(output, key))) as AsyncIterable<Uint8Array>) {
    whole.set(chunk.subarray(0, bytes - read), read)
    read += chunk.byteLength
    if (read > bytes) break
  }
  if (read === bytes && sha256Hex(whole) === sha256) return whole
  throw new GantryError('STORE_UNAVAILABLE', `the object '${key}' is not the one that was written`, { key })
}

function addFragments(bytes: Uint8Array, facts: InitFacts, tables: TableBuilder, places: Placer): void {
  for (const fragment of fragmentsOf(bytes)) {
    let sampleBytes = 0
    eachSample(bytes, fragment.moof, facts.defaults, (sample) => {
      tables.add(sample)
      sampleBytes += sample.bytes
    })
    tables.endChunk()
    if (sampleBytes !== fragment.mediaBytes) {
      throw invalid(`the samples of a fragment take ${sampleBytes} bytes, its media has ${fragment.mediaBytes}`)
    }
    places.add(fragment)
  }
}

interface Placer {
  add(fragment: TabledFragment): void
  end(): SegmentMedia[]
}

/** Fragments fill the segments one after the other, to the byte. */
function placer(segments: readonly StoredSegment[]): Placer {
  const found = segments.map((object) => ({ object, spans: [] as { start: number; bytes: number }[] }))
  let index = 0
  let filled = 0
  return {
    add: ({ bytes, mediaStart, mediaBytes }) => {
      const segment = found[index]
      if (segment === undefined || filled + bytes > segment.object.bytes) {
        throw invalid('the kept tables are of other segments than those that were stored')
      }
      segment.spans.push({ start: filled + mediaStart, bytes: mediaBytes })
      filled += bytes
      if (filled < segment.object.bytes) return
      index += 1
      filled = 0
    },
    end: () => {
      if (index === found.length) return found
      throw invalid(`the kept tables end before segment ${index + 1} of ${found.length}`)
    },
  }
}
