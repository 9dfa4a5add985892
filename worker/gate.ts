/**
 * The gate before publication: all that is about to be made public, judged as a player would meet it. It trusts what
 * was measured while segments were written; sizes of all objects and the init segments are looked at again.
 */
import { buffer } from 'node:stream/consumers'
import { GantryError } from '../core/contract/errors'
import { TIMELINE_OFFSET_SECONDS, type PublishJob } from '../core/contract/job'
import { at, homeKeys, outputKeys } from '../core/contract/keys'
import type { StoredObject, StoredSegment } from '../core/contract/markers'
import type { Place } from '../core/contract/source'
import type { ObjectStore } from '../core/ports/object-store'
import { sha256Hex } from '../core/state/records'
import type {
  AssetDescription,
  ExpectedRendition,
  FoundObject,
  IFrameMedia,
  InitLook,
  PlaylistMedia,
  TrackMeasure,
} from '../media/gate/description'
import type { Finding } from '../media/gate/findings'
import { judgeAsset } from '../media/gate/gate'
import { lookAtInit } from '../media/gate/measure'
import type { Keyframe, Keyframes } from './keyframes'
import type { Publication } from './publication'
import type { RunView } from './run-view'
import { secondsOf, type JoinedTrack } from './timeline'

/** Looks at the store at once; each is a small request. */
const HEADS_AT_ONCE = 16

/**
 * @param objects Everything that is public afterwards but the playlists, as the markers have it.
 * @returns What is no error, for the report.
 * @throws OUTPUT_INVALID with the findings: nothing was made public then.
 */
export async function passGate(
  store: ObjectStore,
  job: PublishJob,
  { view, objects, made, keyframes }: Omit<Told, 'found' | 'inits'>,
): Promise<Finding[]> {
  const found = await findObjects(store, job.output, objects)
  const inits = await readInits(store, job, view, found)
  const findings = judgeAsset(describePublication({ view, objects, made, keyframes, found, inits }))
  const errors = findings.filter((finding) => finding.severity === 'error' || isHoleInSound(finding, job))
  const [first] = errors
  if (first === undefined) return findings
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`
  const message = `what would be published is not right: ${first.rule} at ${first.where}: ${first.message}${more}`
  throw new GantryError('OUTPUT_INVALID', message, { findings: errors.slice(0, MOST_IN_DETAILS) })
}

/** A picture may pause as its master does. Sound is encoded whole, with silence where the master has none of it. */
function isHoleInSound({ rule, where }: Finding, { run }: PublishJob): boolean {
  return rule === 'timeline-gap' && where.startsWith(`${homeKeys.run(run)}/audio/`)
}

/** A record is read by people; `gantry verify` tells all. */
const MOST_IN_DETAILS = 20

type Found = Map<string, FoundObject | null>

/** Looks at each object, by its key. */
export async function findObjects(store: ObjectStore, output: Place, objects: readonly StoredObject[]): Promise<Found> {
  const found: Found = new Map()
  for (let from = 0; from < objects.length; from += HEADS_AT_ONCE) {
    const looked = objects.slice(from, from + HEADS_AT_ONCE).map(async ({ key }) => {
      const stat = await store.head(at(output, key))
      found.set(key, stat === null ? null : { bytes: stat.bytes })
    })
    await Promise.all(looked)
  }
  return found
}

/** By key. One that is gone, or has another length, is not read: that is finding enough. */
async function readInits(
  store: ObjectStore,
  job: PublishJob,
  { timeline }: RunView,
  found: Found,
): Promise<Map<string, InitLook>> {
  const looks = new Map<string, InitLook>()
  for (const init of timeline.tracks.flatMap(({ pieces }) => pieces[0]?.init ?? [])) {
    if (looks.has(init.key) || found.get(init.key)?.bytes !== init.bytes) continue
    const bytes = await buffer(await store.read(at(job.output, init.key)))
    found.set(init.key, { bytes: bytes.byteLength, sha256: sha256Hex(bytes) })
    looks.set(init.key, lookAtInit(bytes).look)
  }
  return looks
}

interface Told {
  view: RunView
  objects: readonly StoredObject[]
  made: Publication
  /** Undefined without I-frame playlists. */
  keyframes?: Keyframes | undefined
  found: ReadonlyMap<string, FoundObject | null>
  /** By key. */
  inits: ReadonlyMap<string, InitLook>
}

/** Pure. Keys of the run become paths of the asset. */
export function describePublication({ view, objects, made, keyframes, found, inits }: Told): AssetDescription {
  const pathOf = (key: string): string => `${homeKeys.run(view.intent.run)}/${key}`
  const tracks = view.timeline.tracks.map((track) => {
    const path = pathOf(outputKeys.trackPlaylist(track.kind, track.id))
    const looks = track.pieces.flatMap(({ init: { key } }): [string, InitLook][] => {
      const look = inits.get(key)
      return look === undefined ? [] : [[pathOf(key), look]]
    })
    const media: PlaylistMedia = { inits: new Map(looks), segments: track.segments.map((one) => lookOf(track, one)) }
    return { path, track, media }
  })
  const iFrames = tracks.flatMap(({ track, media }): [string, IFrameMedia][] => {
    const own = keyframes?.get(track.id)
    return own === undefined ? [] : [[pathOf(outputKeys.iFramePlaylist(track.id)), iFramesOf(track, media, own)]]
  })
  const captions = made.asset.captions.map(({ playlist }): ExpectedRendition => ({ playlist, kind: 'captions' }))
  return {
    master: homeKeys.master,
    ...(made.mpd !== null && { manifest: homeKeys.manifest }),
    mediaZeroSeconds: TIMELINE_OFFSET_SECONDS,
    playlists: new Map([
      [homeKeys.master, made.multivariant],
      ...(made.mpd === null ? [] : [[homeKeys.manifest, made.mpd] as [string, string]]),
      ...made.playlists.map(({ key, text }): [string, string] => [pathOf(key), text]),
    ]),
    objects: new Map([...found].map(([key, object]) => [pathOf(key), object])),
    recorded: new Map(objects.map(({ key, bytes, sha256 }) => [pathOf(key), { bytes, sha256 }])),
    media: new Map(tracks.map(({ path, media }) => [path, media])),
    iFrames: new Map(iFrames),
    expected: {
      renditions: [...tracks.map(expectedOf), ...captions],
      iFrames: made.asset.video.flatMap((rendition) => rendition.iFrames ?? []),
    },
  }
}

/** From the tables that the playlists were written from. */
function iFramesOf(
  { timescaleHz }: JoinedTrack,
  { inits }: PlaylistMedia,
  keyframes: readonly Keyframe[],
): IFrameMedia {
  const pictures = keyframes.map(({ startTicks, range: { bytes } }) => {
    return { startSeconds: secondsOf(startTicks, timescaleHz), isKeyframe: true, bytes }
  })
  return { inits, pictures }
}

function expectedOf({ path, track }: { path: string; track: JoinedTrack }): ExpectedRendition {
  const bytes = track.segments.reduce((sum, segment) => sum + segment.bytes, 0)
  const samples = countedSamples(track)
  return {
    ...{ playlist: path, kind: track.kind, segments: track.segments.length, bytes },
    ...(samples !== undefined && { samples }),
  }
}

/**
 * As they came from the encoder: a segment that is lost afterwards leaves no other trace where all rungs lack it, since a
 * master may have no picture for a while. Undefined where an older version encoded a piece.
 */
function countedSamples({ pieces }: JoinedTrack): number | undefined {
  return pieces.reduce<number | undefined>(
    (sum, { samples }) => (sum === undefined || samples === undefined ? undefined : sum + samples),
    0,
  )
}

/** As it was measured from its own boxes when it was written. */
function lookOf({ kind, timescaleHz }: JoinedTrack, segment: StoredSegment): { tracks: TrackMeasure[] } {
  const { startTicks, endTicks, samples, startsWithKeyframe } = segment
  const [startSeconds, endSeconds] = [secondsOf(startTicks, timescaleHz), secondsOf(endTicks, timescaleHz)]
  return { tracks: [{ kind, startSeconds, endSeconds, samples, startsWithKeyframe }] }
}
