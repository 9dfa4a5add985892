/** Where in its stored segments a rung's keyframes are, from the kept tables: a few objects for each piece are read. */
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import type { ByteRange } from '../media/hls/media-playlist'
import { invalid } from '../media/mp4/boxes'
import { firstPictures } from '../media/mp4/fragment-keyframes'
import { readInit } from '../media/mp4/init'
import { fragmentPlaces } from './fragment-places'
import { readWhole, tablesOf } from './read-tables'
import type { JoinedTrack } from './timeline'

export interface Keyframe {
  /** Of the segment. */
  key: string
  /** In it: the tables of the fragment, and of its media the first picture. */
  range: ByteRange
  startTicks: number
}

/** Of each rung. */
export type Keyframes = ReadonlyMap<string, readonly Keyframe[]>

/** Rungs side by side, the pieces of each one after the other: of every rung one object is in memory. */
export async function readKeyframes(
  store: ObjectStore,
  output: Place,
  tracks: readonly JoinedTrack[],
  signal: AbortSignal,
): Promise<Keyframes> {
  const pictures = tracks.filter(({ kind }) => kind === 'video')
  const all = pictures.map(async (track): Promise<[string, readonly Keyframe[]]> => {
    return [track.id, await keyframesOf(store, output, track, signal)]
  })
  return new Map(await Promise.all(all))
}

/**
 * A fragment is a GOP, so each begins with a keyframe.
 *
 * @throws STORE_NOT_FOUND; STORE_UNAVAILABLE when an object is not what was written; FFMPEG_OUTPUT_INVALID when tables
 * and segments are not of each other.
 */
async function keyframesOf(
  store: ObjectStore,
  output: Place,
  { id, pieces, segments }: JoinedTrack,
  signal: AbortSignal,
): Promise<readonly Keyframe[]> {
  const [first] = pieces
  if (first === undefined) throw invalid(`rendition '${id}' has no piece`)
  const facts = readInit(await readWhole(store, output, first.init))
  const places = fragmentPlaces(segments)
  const found: Keyframe[] = []
  for (const piece of pieces) {
    for await (const tables of tablesOf(store, output, piece)) {
      signal.throwIfAborted()
      for (const { fragmentBytes, bytes, presentationTicks, isSync } of firstPictures(tables, facts)) {
        const { segment, start } = places.next(fragmentBytes)
        if (!isSync) continue
        found.push({ key: segment.key, range: { offset: start, bytes }, startTicks: presentationTicks })
      }
    }
  }
  places.end()
  return found
}
