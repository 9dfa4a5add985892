/** Pure: one probed master to the intent of one run, with every job, id and key in it. */
import type { Destination } from '../core/contract/destination'
import type { Intent, PlannedCaptions, PlannedSound, PlannedVariant } from '../core/contract/intent'
import { jobId, type JobKind } from '../core/contract/ids'
import {
  JOB_VERSION,
  type AudioEncode,
  type Job,
  type SourceInput,
  type ThumbnailsJob,
  type WorkLimits,
} from '../core/contract/job'
import { below, homeKeys, stateKeys } from '../core/contract/keys'
import type { Packaging } from '../core/contract/packaging'
import { reduced } from '../core/contract/rational'
import type { MasterRequest, Sidecar } from '../core/contract/request'
import type { ObjectRef, Place, SourceFacts } from '../core/contract/source'
import type { Selection } from '../ladders/select'
import type { SelectedCaptions } from '../ladders/select-captions'
import { freeId, type SelectedSound } from '../ladders/select-sound'
import { COPY_PART, copyLines } from './copying'
import type { KnownSpeeds } from './cost/known-speeds'
import { planPieces, type PictureTimes } from './pieces'

export interface PlanInput {
  assetId: string
  run: number
  source: ObjectRef & { bytes: number }
  facts: SourceFacts
  /** What the ladder makes of the master (ladders/select.ts). */
  selection: Selection
  ladder: { name: string; digest: string }
  outputs: OutputChoice
  /** What the master's own index says of its picture; null where it has none. */
  times: PictureTimes | null
  /** What the fleet is known to take; it decides how long pieces are. */
  speeds: KnownSpeeds
  request: MasterRequest
  name: string
  /** Where assets go; `name` is made below it. */
  output: Place
  /** Where that is not the output of the settings. */
  destination?: Destination
  state: Place
  priority: number
  limits: PlanLimits
  /** ISO 8601. */
  at: string
}

export interface OutputChoice {
  mp4: boolean
  packaging: Packaging
  thumbnails: Pick<ThumbnailsJob, 'poster' | 'images' | 'sprites'>
}

export interface PlanLimits {
  maxPixels: number
  stallSeconds: number
  maxDurationSeconds: number
  /** Media seconds in a piece; null leaves it to the cost model. */
  pieceSeconds: number | null
  /** Of one ffmpeg. */
  slotMemoryBytes: number
}

/** Pictures a second that no real master exceeds; with the duration it bounds what a hostile timeline can make. */
const MAX_FPS = 240
const FRAME_SLACK = 1_000

/** The same input gives the same intent, byte for byte but for `at`. */
export function planRun(input: PlanInput): Intent {
  const home = below(input.output, input.name)
  return {
    v: 1,
    assetId: input.assetId,
    run: input.run,
    source: input.source,
    name: input.name,
    home,
    ...(input.destination !== undefined && { destination: input.destination }),
    facts: input.facts,
    request: input.request,
    ladder: input.ladder,
    decisions: input.selection.decisions,
    variants: variants(input.selection),
    sounds: input.selection.sounds.map(plannedSound),
    captions: [...input.selection.captions, ...sidecars(input)].map(plannedCaptions),
    packaging: input.outputs.packaging,
    jobs: jobs(input, home),
    at: input.at,
  }
}

function variants({ video }: Selection): PlannedVariant[] {
  if (video === null) return [{ rungId: null, widthPx: 0, heightPx: 0, fps: { num: 0, den: 1 }, range: 'sdr' }]
  const { num, den } = video.grid.fps
  return video.rungs.map(({ id, widthPx, heightPx, frameStep, range }) => {
    return { rungId: id, widthPx, heightPx, fps: reduced({ num, den: den * frameStep }), range }
  })
}

function plannedSound({ encode, groups, language, isDefault, durationSeconds }: SelectedSound): PlannedSound {
  return { trackId: encode.id, groups, language, channels: encode.channels, isDefault, durationSeconds }
}

type NamedSidecar = Sidecar & { id: string }

/** Files of captions beside the master; their ids differ from those of the master's own tracks. */
function sidecars({ selection, request }: PlanInput): NamedSidecar[] {
  const ids = new Set(selection.captions.map(({ id }) => id))
  return request.captions.map((sidecar) => ({
    ...sidecar,
    id: freeId(ids, `captions-${sidecar.language ?? 'text'}`),
  }))
}

function plannedCaptions({
  id,
  language,
  isForced,
  isForDeaf,
}: Pick<SelectedCaptions, 'id' | 'language' | 'isForced' | 'isForDeaf'>): PlannedCaptions {
  return { trackId: id, language, isForced, isForDeaf }
}

function jobs(input: PlanInput, home: Place): Job[] {
  return [...encodes(input, home), ...finishing(input, home)]
}

/** The copy first, where the pieces are read from one. */
function pictureJobs(input: PlanInput, home: Place, source: SourceInput): Job[] {
  const { facts, selection, times, speeds, limits } = input
  if (selection.video === null || facts.video === null) return []
  const { streamIndex } = facts.video
  const { grid, picture } = selection.video
  const { clip } = source
  const isEarly = input.outputs.packaging.early
  const pieces = planPieces({ facts, video: selection.video, clip, times, speeds, isEarly, ...limits })
  const firstPicture = pieces.length > 1 ? facts.video.firstPicture : null
  const lines = copyLines(pieces, grid, times)
  // Of a clip the whole master is copied, and how long that is the facts do not say.
  const copiedSeconds = clip === null ? (facts.video.durationSeconds ?? facts.durationSeconds) : null
  const copy = { source, streamIndex, limits: workLimits(input, copiedSeconds) }
  return [
    ...(lines === null ? [] : [{ ...jobBase(input, home, 'remux', COPY_PART), ...copy, lines }]),
    ...pieces.map(({ part, slice, rungs, durationSeconds }) => ({
      ...{ ...jobBase(input, home, 'video-piece', part), source, streamIndex },
      ...(lines !== null && { copiedBy: COPY_PART }),
      ...{ slice, firstPicture, grid, picture, rungs, limits: workLimits(input, durationSeconds) },
    })),
  ]
}

function encodes(input: PlanInput, home: Place): Job[] {
  const { facts, selection } = input
  const { clip } = input.request
  const source = sourceInput(input)
  const pictures = pictureJobs(input, home, source)
  const sounds = soundJobs(input, home, source)
  // What is played early needs the sound as soon as the first piece, and a queue gives out what came first.
  const planned: Job[] = input.outputs.packaging.early ? [...sounds, ...pictures] : [...pictures, ...sounds]
  if (selection.captions.length > 0) {
    planned.push({
      ...jobBase(input, home, 'captions', 'captions'),
      from: { source, tracks: selection.captions.map(({ id, streamIndex, codec }) => ({ id, streamIndex, codec })) },
      limits: workLimits(input, facts.durationSeconds),
    })
  }
  for (const { id, ref, bytes, format } of sidecars(input)) {
    planned.push({
      ...jobBase(input, home, 'captions', `sidecar-${id}`),
      from: { sidecar: { ref, bytes, format }, id, clip },
      limits: workLimits(input, facts.durationSeconds),
    })
  }
  return planned
}

function soundJobs(input: PlanInput, home: Place, source: SourceInput): Job[] {
  const { facts, selection } = input
  return selection.sounds.map(({ encode, streamIndexes, segmentSeconds, durationSeconds }) => ({
    ...jobBase(input, home, 'audio', soundPart(encode)),
    ...{ source, streamIndexes, encode, segmentSeconds, isRequired: facts.otherAudio.length === 0 },
    limits: workLimits(input, durationSeconds ?? facts.durationSeconds),
  }))
}

function sourceInput(input: PlanInput): SourceInput {
  const { source, facts, selection, request } = input
  return {
    ...{ ref: source, bytes: source.bytes, container: facts.container, clip: request.clip },
    trackIndexes: usedTracks(input),
    pictureLeadSeconds: selection.video === null ? 0 : (facts.video?.leadSeconds ?? 0),
  }
}

function usedTracks({ facts, selection: { video, sounds } }: PlanInput): number[] {
  const picture = video === null || facts.video === null ? [] : [facts.video.streamIndex]
  return [...new Set([...picture, ...sounds.flatMap(({ streamIndexes }) => streamIndexes)])]
}

/** `audio` for a ladder's one sound of a master's one language. */
function soundPart({ id }: AudioEncode): string {
  return id === 'audio' ? id : `audio-${id}`
}

function finishing(input: PlanInput, home: Place): Job[] {
  const { video } = input.selection
  const rungIds = input.outputs.mp4 ? (video?.rungs.map((rung) => rung.id) ?? [null]) : []
  return [
    jobBase(input, home, 'join', 'join'),
    ...rungIds.map((rungId) => ({ ...jobBase(input, home, 'mp4', `mp4-${rungId ?? 'audio'}`), rungId })),
    ...(video === null ? [] : [{ ...jobBase(input, home, 'thumbnails', 'thumbnails'), ...input.outputs.thumbnails }]),
    jobBase(input, home, 'publish', 'publish'),
  ]
}

function jobBase<K extends JobKind>(input: PlanInput, home: Place, kind: K, part: string) {
  return {
    v: JOB_VERSION,
    jobId: jobId({ assetId: input.assetId, run: input.run, kind, part }),
    assetId: input.assetId,
    run: input.run,
    kind,
    part,
    priority: input.priority,
    output: below(home, homeKeys.run(input.run)),
    ...(input.destination !== undefined && { destination: input.destination }),
    state: below(input.state, stateKeys.run(input.assetId, input.run)),
  }
}

function workLimits(input: PlanInput, durationSeconds: number | null): WorkLimits {
  const longest = durationSeconds ?? input.limits.maxDurationSeconds
  return {
    maxFrames: Math.ceil(longest * MAX_FPS) + FRAME_SLACK,
    maxPixels: input.limits.maxPixels,
    stallSeconds: input.limits.stallSeconds,
    durationSeconds,
  }
}
