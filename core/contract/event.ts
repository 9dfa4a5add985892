/**
 * What Gantry tells the world. `docs/events.md` is held against EVENT_TYPES by a test.
 * Lifecycle events are delivered at least once with a stable id; progress is lossy, bounded and monotone.
 */
import type { FailureCode } from './failures'
import type { RungDecision } from './intent'
import type { OutputFinding } from './output-finding'
import type { ObjectAt } from './source'

/** One row an event type: its topic and what it says. */
export const EVENT_TYPES = {
  'asset.accepted': { topic: 'lifecycle', meaning: 'a master was admitted; its id is known' },
  'asset.planned': { topic: 'lifecycle', meaning: 'the master was probed and its rungs are decided and queued' },
  'asset.playable': { topic: 'lifecycle', meaning: 'its beginning can be played while the rest is encoded' },
  'asset.published': { topic: 'lifecycle', meaning: 'the asset is whole, verified and playable' },
  'asset.failed': { topic: 'lifecycle', meaning: 'the asset cannot be made; the code says why' },
  'asset.superseded': { topic: 'lifecycle', meaning: 'a newer object took the place of the master before the end' },
  'asset.cancelled': {
    topic: 'lifecycle',
    meaning: 'somebody asked to end the work; nothing of this run is published',
  },
  'asset.deleted': { topic: 'lifecycle', meaning: 'the asset was taken away on purpose; nothing of it is public' },
  'rendition.progress': { topic: 'progress', meaning: 'how far the encode of one rendition is' },
  'rendition.done': { topic: 'progress', meaning: 'all segments of one piece of a rendition are stored' },
} as const

export type EventType = keyof typeof EVENT_TYPES

export interface EventData {
  'asset.accepted': { source: ObjectAt & { bytes: number }; name: string }
  'asset.planned': {
    durationSeconds: number | null
    renditions: readonly PlannedRendition[]
    decisions: readonly RungDecision[]
    jobs: number
  }
  'asset.playable': {
    /** Where a player opens what is there: a path or a URL, by the store. */
    early: string
    renditions: readonly string[]
  }
  'asset.published': {
    /** Where a player opens it: a path or a URL, by the store. */
    master: string
    /** The same for players of DASH, where the ladder asks for it. */
    manifest?: string
    durationSeconds: number
    renditions: readonly string[]
    warnings: readonly string[]
  }
  'asset.failed': {
    code: FailureCode
    message: string
    remedy: string
    source: ObjectAt
    /** What the gate found, at most 20; empty for all but `OUTPUT_INVALID`. Older versions had none. */
    findings?: readonly OutputFinding[]
  }
  /** `by` is the asset of the newer object, or null when none is known yet. */
  'asset.superseded': { by: string | null; source: ObjectAt }
  'asset.cancelled': { source: ObjectAt }
  'asset.deleted': { source: ObjectAt }
  'rendition.progress': {
    rendition: string
    kind: 'video' | 'audio'
    outSeconds: number
    durationSeconds: number | null
    /** Media seconds a wall second; null before the first figure. */
    speed: number | null
  }
  'rendition.done': { rendition: string; kind: 'video' | 'audio'; segments: number; bytes: number; samples: number }
}

export interface PlannedRendition {
  id: string
  kind: 'video' | 'audio'
  label: string
}

/**
 * @property id `<assetId>:<run>:<type>` for lifecycle events; progress ids add the job and a counter.
 * @property at ISO 8601.
 */
export interface GantryEvent<T extends EventType = EventType> {
  v: 1
  id: string
  type: T
  at: string
  assetId: string
  run: number
  jobId?: string
  data: EventData[T]
}

/** A union over types, so that a check of `type` narrows `data`. */
export type AnyEvent = { [T in EventType]: GantryEvent<T> }[EventType]

export type LifecycleType = {
  [T in EventType]: (typeof EVENT_TYPES)[T]['topic'] extends 'lifecycle' ? T : never
}[EventType]

export function lifecycleEvent<T extends LifecycleType>(
  type: T,
  of: { assetId: string; run: number; at: string },
  data: EventData[T],
): GantryEvent<T> {
  return { v: 1, id: `${of.assetId}:${of.run}:${type}`, type, at: of.at, assetId: of.assetId, run: of.run, data }
}

export function isLifecycle(type: EventType): type is LifecycleType {
  return EVENT_TYPES[type].topic === 'lifecycle'
}
