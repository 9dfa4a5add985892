/** One run of the command as a person follows it: a pure state that grows event by event. */
import { FAILURES, type FailureCode } from '../../core/contract/failures'
import type { AnyEvent, EventData, GantryEvent } from '../../core/contract/event'
import { shortId } from '../../core/contract/ids'
import type { RungDecision } from '../../core/contract/intent'
import type { OutputFinding } from '../../core/contract/output-finding'
import { mergeProgress, withPieceDone, withPlanned, wholeRendition, type RenditionView } from './rendition-view'

export interface RunView {
  readonly startedAtMs: number
  /** In order of acceptance. */
  readonly assets: readonly AssetView[]
}

export type Stage = 'accepted' | 'planned' | 'encoding' | 'finishing' | 'published' | 'failed'

export interface AssetView {
  readonly assetId: string
  readonly run: number
  /** Key of the master, for a local file its absolute path; null until an event tells. */
  readonly sourceKey: string | null
  readonly stage: Stage
  /** Null until planned, and where the master does not say. */
  readonly durationSeconds: number | null
  readonly planned: boolean
  readonly decisions: readonly RungDecision[]
  /** In the order of the plan. */
  readonly renditions: readonly RenditionView[]
  readonly startedAtMs: number
  /** When an event last moved this asset on. */
  readonly movedAtMs: number
  /** Path or URL of what can be played while the rest is encoded; null as long as there is nothing, or never. */
  readonly early: string | null
  readonly published: PublishedView | null
  readonly failure: FailureView | null
}

export interface PublishedView {
  /** Path or URL of the multivariant playlist. */
  readonly master: string
  /** Of the MPD; null where there is none. */
  readonly manifest: string | null
  readonly durationSeconds: number
  readonly warnings: readonly string[]
  readonly atMs: number
  /** True when it was published before this run of the command began: nothing was encoded now. */
  readonly before: boolean
}

export interface FailureView {
  readonly code: FailureCode
  readonly message: string
  readonly remedy: string
  /** What the gate found in the output. */
  readonly findings: readonly OutputFinding[]
}

export function newRunView(nowMs: number): RunView {
  return { startedAtMs: nowMs, assets: [] }
}

/**
 * The view after one more event. Pure; `view` is left as it was.
 *
 * Events come at least once and in any order. Progress never falls; the stage follows from all that is known, not from
 * the event that came last; published outweighs failed; a newer run of an asset begins its entry anew, an older one is
 * ignored. An event of an asset that was never seen makes its entry. Returns `view` itself when nothing changed.
 */
export function reduceRun(view: RunView, event: AnyEvent, nowMs: number): RunView {
  const index = view.assets.findIndex((asset) => asset.assetId === event.assetId)
  const known = view.assets[index]
  if (known && event.run < known.run) return view

  const base = known && event.run === known.run ? known : newAsset(event, known?.sourceKey ?? null, nowMs)
  const told = tell(base, event, view.startedAtMs)
  if (told === known) return view
  const asset = told === base ? base : { ...told, stage: stageOf(told), movedAtMs: nowMs }
  return { ...view, assets: known ? view.assets.with(index, asset) : [...view.assets, asset] }
}

function newAsset(event: AnyEvent, sourceKey: string | null, nowMs: number): AssetView {
  return {
    assetId: event.assetId,
    run: event.run,
    sourceKey,
    stage: 'accepted',
    durationSeconds: null,
    planned: false,
    decisions: [],
    renditions: [],
    startedAtMs: nowMs,
    movedAtMs: nowMs,
    early: null,
    published: null,
    failure: null,
  }
}

function tell(asset: AssetView, event: AnyEvent, runStartedAtMs: number): AssetView {
  switch (event.type) {
    case 'asset.accepted':
      return asset.sourceKey === null ? { ...asset, sourceKey: event.data.source.key } : asset
    case 'asset.planned':
      return tellPlanned(asset, event.data)
    case 'asset.playable':
      return asset.early === null ? { ...asset, early: event.data.early } : asset
    case 'asset.published':
      return tellPublished(asset, event, runStartedAtMs)
    case 'asset.failed':
      return tellFailed(asset, event.data)
    case 'asset.superseded':
      return tellFailed(asset, { ...event.data, ...SUPERSEDED })
    case 'asset.cancelled':
      return tellFailed(asset, { ...event.data, ...CANCELLED })
    case 'asset.deleted':
      return tellFailed(asset, { ...event.data, ...DELETED })
    case 'rendition.progress':
    case 'rendition.done':
      return asset.published || asset.failure ? asset : tellRendition(asset, event)
  }
}

/** For one who waits for this master it has failed; that of the newer object is an asset of its own. */
const SUPERSEDED = {
  code: 'SOURCE_SUPERSEDED',
  message: 'the master was replaced by a newer one while it was encoded',
  remedy: 'run the same command again to encode the newer one',
} as const

const CANCELLED = {
  code: 'API_CANCELLED',
  message: 'somebody cancelled it while it was encoded',
  remedy: FAILURES.API_CANCELLED.remedy,
} as const

const DELETED = {
  code: 'API_DELETED',
  message: 'somebody deleted the asset',
  remedy: FAILURES.API_DELETED.remedy,
} as const

function tellPlanned(asset: AssetView, data: EventData['asset.planned']): AssetView {
  // An asset has one plan a run, so a second telling says nothing new.
  if (asset.planned || asset.published) return asset
  return {
    ...asset,
    planned: true,
    durationSeconds: data.durationSeconds,
    decisions: data.decisions,
    renditions: withPlanned(asset.renditions, data.renditions, data.durationSeconds),
  }
}

function tellPublished(asset: AssetView, event: GantryEvent<'asset.published'>, runStartedAtMs: number): AssetView {
  if (asset.published) return asset
  const { master, manifest = null, durationSeconds, warnings, renditions } = event.data
  const atMs = Date.parse(event.at)
  const ids = asset.renditions.map((rendition) => rendition.id)
  const untold = renditions.filter((id) => !ids.includes(id)).map((id) => ({ id, kind: 'video' as const, label: id }))
  return {
    ...asset,
    durationSeconds,
    // A rung that was optional may not be there in the end.
    renditions: withPlanned(asset.renditions, [...asset.renditions, ...untold], durationSeconds)
      .filter(({ id }) => renditions.includes(id))
      .map((rendition) => wholeRendition(rendition, durationSeconds)),
    published: { master, manifest, durationSeconds, warnings, atMs, before: atMs < runStartedAtMs },
    failure: null,
  }
}

function tellFailed(asset: AssetView, data: EventData['asset.failed']): AssetView {
  if (asset.published || asset.failure) return asset
  const { code, message, remedy, source, findings = [] } = data
  return { ...asset, sourceKey: asset.sourceKey ?? source.key, failure: { code, message, remedy, findings } }
}

function tellRendition(
  asset: AssetView,
  event: GantryEvent<'rendition.progress'> | GantryEvent<'rendition.done'>,
): AssetView {
  const index = asset.renditions.findIndex((rendition) => rendition.id === event.data.rendition)
  const planned = { id: event.data.rendition, kind: event.data.kind, label: event.data.rendition }
  const [fresh] = withPlanned([], [planned], asset.durationSeconds)
  const before = asset.renditions[index] ?? fresh
  if (!before) return asset
  const after = event.type === 'rendition.done' ? withPieceDone(before, event) : mergeProgress(before, event)
  if (after === before && index >= 0) return asset
  const renditions = index >= 0 ? asset.renditions.with(index, after) : [...asset.renditions, after]
  return { ...asset, renditions }
}

function stageOf(asset: AssetView): Stage {
  if (asset.published) return 'published'
  if (asset.failure) return 'failed'
  const { renditions } = asset
  if (renditions.length > 0 && renditions.every((rendition) => rendition.done)) return 'finishing'
  if (renditions.some((rendition) => rendition.pieces.length > 0)) return 'encoding'
  return asset.planned ? 'planned' : 'accepted'
}

/** The last part of the master's key, as it is; the short id until an event names the source. Not fit to print yet. */
export function sourceName(asset: AssetView): string {
  const parts = asset.sourceKey?.split(/[/\\]/).filter((part) => part !== '') ?? []
  return parts.at(-1) ?? shortId(asset.assetId)
}
