import type { Destination } from './destination'
import type { Job } from './job'
import type { OutputFinding } from './output-finding'
import type { Rational } from './rational'
import type { FailureCode } from './failures'
import type { Packaging } from './packaging'
import type { MasterRequest } from './request'
import type { ObjectAt, ObjectRef, Place, SourceFacts, Transfer } from './source'

/**
 * The plan of one run as stored (`intent.json`, If-None-Match: *), before anything is queued.
 * The loser of a race uses the stored plan, so a replay after an edit of the ladder is still the same work.
 */
export interface Intent {
  v: 1
  assetId: string
  run: number
  source: ObjectRef & { bytes: number }
  /** Sanitised name of the output folder, `{stem}-{id}` by default. */
  name: string
  /** `<output>/<name>`: `master.m3u8` and `asset.json` are here. */
  home: Place
  /** Where `home` is not in the output of the settings. */
  destination?: Destination
  /** Of what is made: durations are those of the clip, where one was asked for. */
  facts: SourceFacts
  /** What was asked for beside the ladder; another one makes a finished master anew. */
  request: MasterRequest
  ladder: { name: string; digest: string }
  decisions: readonly RungDecision[]
  variants: readonly PlannedVariant[]
  sounds: readonly PlannedSound[]
  captions: readonly PlannedCaptions[]
  /** Absent in plans of older versions, which had none of it. */
  packaging?: Packaging
  /** Every job of the run but those whose need the join finds out; ids and keys included. */
  jobs: readonly Job[]
  /** Why there is this run; the first one has none. */
  origin?: RunOrigin
  /** ISO 8601. */
  at: string
}

export interface RunOrigin {
  operation: 'submit' | 'retry' | 'redo'
  /** The one before, whose finished parts may be taken over. */
  run: number
  /** What a redo is of. */
  rungIds: readonly string[]
}

/** Why a rung of the ladder is made or not. */
export interface RungDecision {
  id: string
  kept: boolean
  reason: string
}

/** A line of the multivariant playlist, as far as it is known before encoding. */
export interface PlannedVariant {
  /** Rung id; null for an audio-only asset. */
  rungId: string | null
  widthPx: number
  heightPx: number
  fps: Rational
  range: Transfer
}

/** A sound rendition as players are told of it. */
export interface PlannedSound {
  trackId: string
  /** Of the playlist, one for each form of sound in the ladder. */
  groups: readonly string[]
  /** BCP 47 or ISO 639. */
  language: string | null
  channels: number
  isDefault: boolean
  durationSeconds: number | null
}

/** A text rendition as players are told of it. */
export interface PlannedCaptions {
  trackId: string
  language: string | null
  isForced: boolean
  isForDeaf: boolean
}

/** The last word on a run (`final.json`, If-None-Match: *). */
export type FinalRecord = PublishedRecord | FailedRecord | SupersededRecord | CancelledRecord | DeletedRecord

export interface PublishedRecord {
  v: 1
  status: 'published'
  assetId: string
  run: number
  /** Bytes of the multivariant playlist: a record whose `master.m3u8` is missing is published again from here. */
  multivariant: string
  /** The same of `manifest.mpd`; absent where the run has none. */
  mpd?: string
  asset: AssetFacts
  at: string
}

export interface FailedRecord {
  v: 1
  status: 'failed'
  assetId: string
  run: number
  code: FailureCode
  message: string
  remedy: string
  source: ObjectAt
  jobId?: string
  /** Of `OUTPUT_INVALID`; a record of an older version has none. */
  findings?: readonly OutputFinding[]
  at: string
}

/** The master was replaced under its key before the run was through. */
export interface SupersededRecord {
  v: 1
  status: 'superseded'
  assetId: string
  run: number
  /** The asset of the newer object; null as long as no event has told of it. */
  by: string | null
  source: ObjectAt
  at: string
}

/** Somebody asked to end the run before it was through. */
export interface CancelledRecord {
  v: 1
  status: 'cancelled'
  assetId: string
  run: number
  source: ObjectAt
  at: string
}

/**
 * The asset was taken away on purpose. It stands alone in its run; as long as what is public is there, or `asset.deleted`
 * was not told, it counts as unfinished.
 */
export interface DeletedRecord {
  v: 1
  status: 'deleted'
  assetId: string
  run: number
  homes: readonly AssetHome[]
  source: ObjectAt
  at: string
}

export interface AssetHome {
  home: Place
  destination?: Destination
}

/** `asset.json`: the public facts of a published asset. Keys are relative to the folder it is in. */
export interface AssetFacts {
  v: 1
  assetId: string
  run: number
  name: string
  durationSeconds: number
  /** Relative key of the multivariant playlist. */
  master: string
  /** Relative key of the MPD; absent where there is none. */
  manifest?: string
  video: readonly PublishedRendition[]
  audio: readonly PublishedRendition[]
  captions: readonly PublishedCaptions[]
  mp4: readonly { key: string; rungId: string | null; bytes: number; sha256: string }[]
  thumbnails: { poster: string; images: readonly string[]; sprites: readonly string[]; cues: string } | null
  warnings: readonly string[]
}

export interface PublishedCaptions {
  id: string
  language: string | null
  playlist: string
  /** All of it in one WebVTT file, for players of the MP4. */
  file: string
  cues: number
}

export interface PublishedRendition {
  id: string
  playlist: string
  codec: string
  peakBps: number
  averageBps: number
  bytes: number
  segments: number
  /** Pictures or coded sound frames. */
  samples: number
  widthPx?: number
  heightPx?: number
  fps?: Rational
  /** Its I-frame playlist, where the ladder asks for them. */
  iFrames?: string
}
