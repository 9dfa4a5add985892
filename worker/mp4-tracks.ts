/** What a progressive MP4 is made of: each rendition's tables, and where its media is in the stored segments. */
import { TIMELINE_OFFSET_SECONDS } from '../core/contract/job'
import type { StoredObject } from '../core/contract/markers'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { invalid } from '../media/mp4/boxes'
import { fragmentsOf, type TabledFragment } from '../media/mp4/fragment-tables'
import { readInit, type InitFacts } from '../media/mp4/init'
import type { ProgressiveTrack } from '../media/mp4/progressive-moov'
import { createTables, type TableBuilder } from '../media/mp4/progressive-tables'
import { eachSample } from '../media/mp4/sample-runs'
import { fragmentPlaces, type FragmentPlaces } from './fragment-places'
import { readWhole, tablesOf } from './read-tables'
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
  const segments = joined.segments.map((object): OpenSegment => ({ object, spans: [] }))
  const places = fragmentPlaces(joined.segments)
  for (const piece of joined.pieces) {
    for await (const kept of tablesOf(store, output, piece)) {
      addFragments(kept, facts, tables, (fragment) => addSpan(segments, places, fragment))
    }
  }
  places.end()
  const track = {
    ...{ init, tables: tables.end(), ...shown },
    zeroTicks: TIMELINE_OFFSET_SECONDS * facts.timescaleHz,
    endTicks: joined.segments.at(-1)?.endTicks ?? 0,
  }
  return { track, segments }
}

type OpenSegment = SegmentMedia & { spans: { start: number; bytes: number }[] }

function addSpan(
  segments: readonly OpenSegment[],
  places: FragmentPlaces,
  { bytes, mediaStart, mediaBytes }: TabledFragment,
): void {
  const { index, start } = places.next(bytes)
  segments[index]?.spans.push({ start: start + mediaStart, bytes: mediaBytes })
}

function addFragments(
  bytes: Uint8Array,
  facts: InitFacts,
  tables: TableBuilder,
  place: (fragment: TabledFragment) => void,
): void {
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
    place(fragment)
  }
}
