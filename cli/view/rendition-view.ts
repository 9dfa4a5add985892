/** How far one rendition is. It may be made in several pieces at once, each told of under the id of its own job. */
import type { GantryEvent, PlannedRendition } from '../../core/contract/event'

export interface RenditionView extends PlannedRendition {
  /** Encoded seconds over all pieces; never falls. */
  readonly outSeconds: number
  /** Null where the master does not say. */
  readonly durationSeconds: number | null
  /** Media seconds a wall second, over the pieces that run; null when none has told. */
  readonly speed: number | null
  readonly done: boolean
  readonly pieces: readonly PieceView[]
}

export interface PieceView {
  readonly jobId: string
  readonly outSeconds: number
  readonly durationSeconds: number | null
  readonly speed: number | null
  /** When the figures were taken; an older speed does not replace a newer one. */
  readonly atMs: number
  readonly done: boolean
}

/** What lossy progress may leave untold at the end of each piece; less missing than this is nothing missing. */
const UNTOLD_SECONDS = 1.5

/** Renditions in the order of the plan, each with what was known before; ones that the plan does not name come last. */
export function withPlanned(
  known: readonly RenditionView[],
  planned: readonly PlannedRendition[],
  durationSeconds: number | null,
): RenditionView[] {
  const inOrder = planned.map(({ id, kind, label }) => {
    const before = known.find((rendition) => rendition.id === id)
    return summed({ id, kind, label, outSeconds: before?.outSeconds ?? 0, durationSeconds }, before?.pieces ?? [])
  })
  return [...inOrder, ...known.filter((rendition) => !planned.some((other) => other.id === rendition.id))]
}

/** The rendition of a published asset: whatever was told of it, it is whole. */
export function wholeRendition(rendition: RenditionView, durationSeconds: number): RenditionView {
  return { ...rendition, outSeconds: durationSeconds, durationSeconds, speed: null, done: true }
}

/** @returns `rendition` itself when the event tells nothing new. */
export function mergeProgress(rendition: RenditionView, event: GantryEvent<'rendition.progress'>): RenditionView {
  const { outSeconds, durationSeconds, speed } = event.data
  const atMs = Date.parse(event.at)
  const before = pieceOf(rendition, event.jobId)
  if (before?.done) return rendition

  const newest = before === undefined || atMs >= before.atMs
  const piece: PieceView = {
    jobId: event.jobId ?? '',
    outSeconds: Math.max(amount(outSeconds) ?? 0, before?.outSeconds ?? 0),
    durationSeconds: amount(durationSeconds) ?? before?.durationSeconds ?? null,
    speed: newest ? (amount(speed) ?? before?.speed ?? null) : before.speed,
    atMs: newest ? atMs : before.atMs,
    done: false,
  }
  return before && same(before, piece) ? rendition : withPiece(rendition, piece)
}

/** @returns `rendition` itself when the event tells nothing new. */
export function withPieceDone(rendition: RenditionView, event: GantryEvent<'rendition.done'>): RenditionView {
  const before = pieceOf(rendition, event.jobId)
  if (before?.done) return rendition
  const durationSeconds = before?.durationSeconds ?? null
  return withPiece(rendition, {
    jobId: event.jobId ?? '',
    outSeconds: Math.max(before?.outSeconds ?? 0, durationSeconds ?? 0),
    durationSeconds,
    speed: null,
    atMs: Date.parse(event.at),
    done: true,
  })
}

function pieceOf(rendition: RenditionView, jobId = ''): PieceView | undefined {
  return rendition.pieces.find((piece) => piece.jobId === jobId)
}

function withPiece(rendition: RenditionView, piece: PieceView): RenditionView {
  const index = rendition.pieces.findIndex((other) => other.jobId === piece.jobId)
  const pieces = index >= 0 ? rendition.pieces.with(index, piece) : [...rendition.pieces, piece]
  return summed(rendition, pieces)
}

type Named = PlannedRendition & { outSeconds: number; durationSeconds: number | null }

function summed(rendition: Named, pieces: readonly PieceView[]): RenditionView {
  const { id, kind, label } = rendition
  // Where the plan knows no length, that of the only piece is the best there is.
  const durationSeconds =
    rendition.durationSeconds ?? (pieces.length === 1 ? (pieces[0]?.durationSeconds ?? null) : null)
  const encoded = pieces.reduce((sum, piece) => sum + piece.outSeconds, 0)
  const done = isDone(pieces, encoded, durationSeconds)
  const reached = Math.max(rendition.outSeconds, done ? (durationSeconds ?? encoded) : encoded)
  return {
    id,
    kind,
    label,
    outSeconds: durationSeconds === null ? reached : Math.min(reached, durationSeconds),
    durationSeconds,
    speed: done ? null : summedSpeed(pieces),
    done,
    pieces,
  }
}

/**
 * No event says how many pieces there are, so the length tells: all known pieces are done and nothing is missing.
 * A piece that ended before it told any figure is taken as the only one.
 */
function isDone(pieces: readonly PieceView[], encodedSeconds: number, durationSeconds: number | null): boolean {
  if (pieces.length === 0 || !pieces.every((piece) => piece.done)) return false
  if (durationSeconds === null || (pieces.length === 1 && pieces[0]?.durationSeconds === null)) return true
  return encodedSeconds >= durationSeconds - UNTOLD_SECONDS * pieces.length
}

function summedSpeed(pieces: readonly PieceView[]): number | null {
  const speeds = pieces.flatMap((piece) => (piece.done || piece.speed === null ? [] : [piece.speed]))
  return speeds.length === 0 ? null : speeds.reduce((sum, speed) => sum + speed, 0)
}

function same(a: PieceView, b: PieceView): boolean {
  return a.outSeconds === b.outSeconds && a.durationSeconds === b.durationSeconds && a.speed === b.speed
}

/** A figure that can be counted with; NaN, infinities and negatives are no figures. */
function amount(value: number | null): number | null {
  return value !== null && Number.isFinite(value) && value >= 0 ? value : null
}
