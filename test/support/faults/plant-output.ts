/** Damage of a run between its encodes and its join: in the markers, or in the store behind their back. */
import type { AudioMarker, Marker, StoredSegment, TrackOutput, VideoPieceMarker } from '../../../core/contract/markers'
import { at, runKeys } from '../../../core/contract/keys'
import type { Intent } from '../../../core/contract/intent'
import type { Place } from '../../../core/contract/source'
import type { ObjectStore } from '../../../core/ports/object-store'
import { writeRecord } from '../../../core/state/records'
import { readMarker } from '../../../core/state/run-records'

export interface PlantedRun {
  store: ObjectStore
  /** Of the run. */
  state: Place
  intent: Intent
}

type ChangeTrack = (track: TrackOutput) => TrackOutput

/** A segment in the middle is in no rung: all rungs agree, and only the count of pictures knows of it. */
export function plantHole(run: PlantedRun): Promise<void> {
  return changeTracks(run, (track) => ({ ...track, segments: track.segments.filter(({ number }) => number !== 1) }))
}

/** A segment in the middle of the sound is not named: the one before it is told to last longer. */
export async function plantHoleInSound({ store, state, intent }: PlantedRun): Promise<void> {
  for (const { kind, part } of intent.jobs) {
    if (kind !== 'audio') continue
    const marker = await readMarker<AudioMarker>(store, state, part)
    if (marker?.track == null) throw new Error('the run has no sound')
    const segments = marker.track.segments.filter(({ number }) => number !== 1)
    await writeRecord(store, at(state, runKeys.done(part)), { ...marker, track: { ...marker.track, segments } })
  }
}

/** Constrained baseline in place of what the init segment says. */
export function plantCodec(run: PlantedRun, rungId: string): Promise<void> {
  return changeTracks(
    run,
    onlyOf(rungId, (track) => ({ ...track, codec: 'avc1.42c00a' })),
  )
}

/** One rung ends some pictures before the others, within its last segment. */
export function plantShortRung(run: PlantedRun, rungId: string): Promise<void> {
  const shortened = (segment: StoredSegment): StoredSegment => {
    const pictureTicks = (segment.endTicks - segment.startTicks) / segment.samples
    return { ...segment, samples: segment.samples - 5, endTicks: segment.endTicks - 5 * pictureTicks }
  }
  return changeTracks(
    run,
    onlyOf(rungId, (track) => ({
      ...track,
      segments: track.segments.map((one, index, all) => (index === all.length - 1 ? shortened(one) : one)),
    })),
  )
}

/** One rung lacks its last segment. */
export function plantShortBySegment(run: PlantedRun, rungId: string): Promise<void> {
  return changeTracks(
    run,
    onlyOf(rungId, (track) => ({ ...track, segments: track.segments.slice(0, -1) })),
  )
}

/** Somebody deletes a segment of the sound, which no job but the publication looks at. */
export async function plantMissingObject({ store, state, intent }: PlantedRun): Promise<void> {
  for (const { kind, part, output } of intent.jobs) {
    if (kind !== 'audio') continue
    const marker = await readMarker<AudioMarker>(store, state, part)
    const segment = marker?.track?.segments[1]
    if (segment === undefined) throw new Error('the run has no sound of two segments')
    await store.remove(at(output, segment.key))
  }
}

function onlyOf(rungId: string, change: ChangeTrack): ChangeTrack {
  return (track) => (track.id === rungId ? change(track) : track)
}

async function changeTracks({ store, state, intent }: PlantedRun, change: ChangeTrack): Promise<void> {
  let changed = 0
  for (const { kind, part } of intent.jobs) {
    if (kind !== 'video-piece') continue
    const marker = await readMarker<VideoPieceMarker>(store, state, part)
    if (marker === null) throw new Error(`part '${part}' is not done`)
    const planted: Marker = { ...marker, tracks: marker.tracks.map(change) }
    if (JSON.stringify(planted) !== JSON.stringify(marker)) changed += 1
    await writeRecord(store, at(state, runKeys.done(part)), planted)
  }
  if (changed === 0) throw new Error('nothing was damaged')
}
