/** Pure: do the pieces of a run make one whole timeline? The join asks before anything is built on them. */
import { GantryError } from '../core/contract/errors'
import { TIMELINE_OFFSET_SECONDS } from '../core/contract/job'
import type { Intent } from '../core/contract/intent'
import { toNumber } from '../core/contract/rational'
import type {
  AudioMarker,
  JoinedRendition,
  StoredSegment,
  TrackOutput,
  VideoPieceMarker,
} from '../core/contract/markers'
import { loudnessWarnings } from './gain'

/** One rendition over all pieces. */
export interface JoinedTrack {
  id: string
  kind: 'video' | 'audio'
  pieces: readonly TrackOutput[]
  segments: readonly StoredSegment[]
  timescaleHz: number
}

export interface Timeline {
  tracks: readonly JoinedTrack[]
  /** Length of the picture, or of the sound where there is no picture. */
  playbackSeconds: number
  warnings: readonly string[]
}

/** Under this share of the declared length the report says so. Source: the `partial` rule of the bad-input study. */
const WHOLE_SHARE = 0.95
/** Under this share of it, and with damage, it is no master any more. */
const LEAST_SHARE = 0.5
/** Sound and picture of real masters end within this of each other. */
const END_GAP_SECONDS = 1

/**
 * @param pieces In order of the timeline; empty for an audio-only master.
 * @throws FFMPEG_OUTPUT_INVALID with the first fault: a rung off the common grid, a segment without keyframe, a piece
 * whose init segment or codec differs, an overlap, or no segment at all. SOURCE_TRUNCATED when the decoder complained
 * and less than half of what the master declares came out; SOURCE_UNREADABLE when most pictures are damaged;
 * FFMPEG_NO_OUTPUT when no sound track has anything in it.
 */
export function joinTimeline(
  pieces: readonly VideoPieceMarker[],
  sounds: readonly AudioMarker[],
  plan: Pick<Intent, 'facts' | 'sounds' | 'variants'>,
): Timeline {
  const { facts } = plan
  const video = joinPictures(pieces)
  const sound = sounds.flatMap(({ track }) => (track === null ? [] : [joinTrack(track.id, 'audio', [track])]))
  if (sounds.length > 0 && sound.length === 0) throw noSound()
  const tracks = [...video, ...sound]
  const [leading] = tracks
  if (leading === undefined) throw invalid('the run has neither picture nor sound')
  const playbackSeconds = endSeconds(leading)
  const damageLines = damageOf([...pieces, ...sounds])
  if (damageLines > 0) refuseRest(tracks, facts)
  refuseDamaged(pieces, plan)
  const warnings = [
    ...shortfall(video[0], facts.video?.durationSeconds ?? facts.durationSeconds, 'picture'),
    ...sound.flatMap((track) => shortfall(track, declaredSeconds(track, plan), 'sound')),
    ...endGap(video[0], sound[0]),
    ...sounds.flatMap(({ track, loudness }) => (track === null ? [] : loudnessWarnings(track.id, loudness))),
    ...damage(damageLines),
    ...withoutRungs(pieces),
    ...withoutSounds(sound, plan),
    ...facts.notes,
  ]
  return { tracks, playbackSeconds, warnings }
}

/**
 * The rungs over some pieces that follow each other; those that were left out in any are left out.
 *
 * @throws FFMPEG_OUTPUT_INVALID as `joinTimeline`.
 */
export function joinPictures(pieces: readonly VideoPieceMarker[]): JoinedTrack[] {
  const leftOut = new Set(pieces.flatMap((piece) => piece.leftOut?.rungIds ?? []))
  const rungIds = pieces[0]?.tracks.map((track) => track.id).filter((id) => !leftOut.has(id)) ?? []
  const video = rungIds.map((id) =>
    joinTrack(
      id,
      'video',
      pieces.map((piece) => trackOf(piece, id)),
    ),
  )
  checkCommonGrid(video)
  return video
}

export function summary(track: JoinedTrack): JoinedRendition {
  const sum = (of: (segment: StoredSegment) => number): number => track.segments.reduce((all, one) => all + of(one), 0)
  return {
    id: track.id,
    kind: track.kind,
    frames: sum((segment) => segment.samples),
    segments: track.segments.length,
    bytes: sum((segment) => segment.bytes),
  }
}

/** Position on the asset's timeline, without the constant offset. */
export function secondsOf(ticks: number, timescaleHz: number): number {
  return ticks / timescaleHz - TIMELINE_OFFSET_SECONDS
}

export function endSeconds(track: JoinedTrack): number {
  return secondsOf(track.segments.at(-1)?.endTicks ?? 0, track.timescaleHz)
}

function trackOf(piece: VideoPieceMarker, id: string): TrackOutput {
  const track = piece.tracks.find((candidate) => candidate.id === id)
  if (track === undefined) throw invalid(`piece '${piece.part}' has no rung '${id}'`)
  return track
}

function joinTrack(id: string, kind: 'video' | 'audio', pieces: readonly TrackOutput[]): JoinedTrack {
  const [first] = pieces
  if (first === undefined) throw invalid(`rendition '${id}' has no piece`)
  for (const piece of pieces) {
    if (piece.init.sha256 !== first.init.sha256) throw invalid(`the init segments of rendition '${id}' differ`)
    if (piece.codec !== first.codec || piece.timescaleHz !== first.timescaleHz) {
      throw invalid(`the pieces of rendition '${id}' differ in codec or time scale`)
    }
  }
  const segments = pieces.flatMap((piece) => piece.segments)
  if (segments.length === 0) throw invalid(`rendition '${id}' has no segment`)
  segments.forEach((segment, index) => checkOrder(id, kind, segments[index - 1], segment))
  return { id, kind, pieces, segments, timescaleHz: first.timescaleHz }
}

function checkOrder(id: string, kind: string, before: StoredSegment | undefined, segment: StoredSegment): void {
  const where = `rendition '${id}', segment ${segment.number}`
  if (segment.samples === 0) throw invalid(`${where}: it is empty`)
  if (kind === 'video' && !segment.startsWithKeyframe) throw invalid(`${where}: it does not start with a keyframe`)
  if (before === undefined) return
  if (segment.number <= before.number) throw invalid(`${where}: it does not follow segment ${before.number}`)
  // Ends are no measure: at an irregular rate a sample's duration counts to the next one decoded, not the next one shown.
  if (segment.startTicks <= before.startTicks) throw invalid(`${where}: it starts before its predecessor`)
}

/** Players switch rungs at any segment, so the same picture must begin each segment in every rung. */
function checkCommonGrid(tracks: readonly JoinedTrack[]): void {
  const [first, ...others] = tracks
  for (const other of others) {
    const differs = first?.segments.findIndex(
      (segment, index) => other.segments[index]?.startTicks !== segment.startTicks,
    )
    if (differs !== undefined && differs >= 0) {
      throw invalid(`rungs '${first?.id ?? ''}' and '${other.id}' part at segment ${differs}`)
    }
    if (other.segments.length !== first?.segments.length) throw invalid(`rung '${other.id}' has more segments`)
  }
}

function declaredSeconds({ id }: JoinedTrack, { facts, sounds }: Pick<Intent, 'facts' | 'sounds'>): number | null {
  return sounds.find(({ trackId }) => trackId === id)?.durationSeconds ?? facts.durationSeconds
}

function shortfall(track: JoinedTrack | undefined, declaredSeconds: number | null, what: string): string[] {
  if (track === undefined || declaredSeconds === null) return []
  const madeSeconds = endSeconds(track)
  if (madeSeconds >= declaredSeconds * WHOLE_SHARE) return []
  const figures = `${madeSeconds.toFixed(2)} s of ${declaredSeconds.toFixed(2)} s declared`
  return [`the ${what} is shorter than the master says: ${figures}`]
}

function endGap(video: JoinedTrack | undefined, sound: JoinedTrack | undefined): string[] {
  if (video === undefined || sound === undefined) return []
  const gap = endSeconds(sound) - endSeconds(video)
  if (Math.abs(gap) <= END_GAP_SECONDS) return []
  return [`the sound ends ${Math.abs(gap).toFixed(2)} s ${gap > 0 ? 'after' : 'before'} the picture`]
}

/**
 * A declared length alone proves nothing: the last picture of a slide show may stand for minutes. So it is held against
 * the master only where the decoder found damage, too.
 */
function refuseRest(tracks: readonly JoinedTrack[], { video, durationSeconds }: Intent['facts']): void {
  const own = tracks.find(({ kind }) => kind === 'video') === undefined ? null : (video?.durationSeconds ?? null)
  const measured = own === null ? tracks : tracks.filter(({ kind }) => kind === 'video')
  const declared = Math.min(own ?? Infinity, durationSeconds ?? Infinity)
  const madeSeconds = Math.max(...measured.map(endSeconds))
  if (declared === Infinity || madeSeconds >= declared * LEAST_SHARE) return
  const figures = `${madeSeconds.toFixed(2)} s of the ${declared.toFixed(2)} s that the master declares`
  throw new GantryError('SOURCE_TRUNCATED', `only ${figures} can be decoded, at least half is needed`)
}

/** Each rung with the first failure that it met. */
function withoutRungs(pieces: readonly VideoPieceMarker[]): string[] {
  const reasons = new Map<string, string>()
  for (const { leftOut } of pieces) {
    for (const id of leftOut?.rungIds ?? []) {
      if (!reasons.has(id)) reasons.set(id, `${leftOut?.code ?? ''}: ${leftOut?.message ?? ''}`)
    }
  }
  return [...reasons].map(([id, reason]) => `the optional rung ${id} is left out (${reason})`)
}

function damageOf(markers: readonly (VideoPieceMarker | AudioMarker)[]): number {
  return markers.reduce((sum, { receipt }) => sum + (receipt?.decodeWarnings ?? 0), 0)
}

/** More than this share of damaged pictures is no film any more, even if all of them are there. */
const MOST_DAMAGED_SHARE = 0.5

/** Of sound ffmpeg itself refuses what is mostly damaged; a damaged picture comes out, mended by guesses. */
function refuseDamaged(pieces: readonly VideoPieceMarker[], plan: Pick<Intent, 'facts' | 'variants'>): void {
  const sum = (of: (piece: VideoPieceMarker) => number): number => pieces.reduce((all, one) => all + of(one), 0)
  const damaged = sum(({ receipt }) => receipt.corruptPictures + receipt.lostPackets)
  const decoded = sum(({ frames }) => frames) * leastStep(plan)
  const all = decoded + sum(({ receipt }) => receipt.lostPackets)
  if (damaged <= MOST_DAMAGED_SHARE * all) return
  const message = `${damaged} of ${all} pictures of the master are damaged, at most half may be`
  throw new GantryError('SOURCE_UNREADABLE', message)
}

/** Of so many decoded pictures the fastest rung has one. */
function leastStep({ facts, variants }: Pick<Intent, 'facts' | 'variants'>): number {
  const fastest = Math.max(0, ...variants.map(({ fps }) => toNumber(fps)))
  return facts.video === null || fastest === 0 ? 1 : Math.max(1, Math.round(toNumber(facts.video.fps) / fastest))
}

function noSound(): GantryError {
  return new GantryError('FFMPEG_NO_OUTPUT', 'there is nothing in any of the sound tracks of the master')
}

function withoutSounds(made: readonly JoinedTrack[], { sounds }: Pick<Intent, 'sounds'>): string[] {
  const missing = sounds.filter(({ trackId }) => !made.some(({ id }) => id === trackId))
  return missing.map(({ trackId }) => `there is nothing in the sound track for ${trackId}, so it is not offered`)
}

function damage(lines: number): string[] {
  return lines === 0 ? [] : [`the decoder reported damage in the master (${lines} lines; see the report)`]
}

function invalid(message: string): GantryError {
  return new GantryError('FFMPEG_OUTPUT_INVALID', message)
}
