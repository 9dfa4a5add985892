/** What is told where no frame can be drawn (a file, a pipe, a build log): one line for each notable change. */
import { assetFraction, assetOutSeconds, assetSecondsLeft, assetSpeed } from './asset-progress'
import { assetLabels } from './asset-labels'
import { clockText, countText, speedText, wholePercent } from './figures'
import type { AssetView, RunView } from './run-view'
import { printable } from './text-width'

const PERCENT_STEP = 25
/** Media seconds between two lines about a master that does not say how long it is. */
const OPEN_STEP_SECONDS = 60
/** Width of the longest state, so that what follows stands in one column. */
const STATE_COLUMNS = 'published'.length

/**
 * The lines that lead from one view of a run to a later one; none when nothing notable changed. Pure. Of several marks
 * that were passed at once only the last is told, and nothing is told twice, however often events are repeated.
 */
export function plainLines(before: RunView, after: RunView): string[] {
  return linesOf(before, after, assetNews)
}

/** Of these only what a person who sees bars may act on at once: what can be played already. */
export function playableLines(before: RunView, after: RunView): string[] {
  return linesOf(before, after, playableNews)
}

function linesOf(
  before: RunView,
  after: RunView,
  newsOf: (before: AssetView | undefined, after: AssetView) => News[],
): string[] {
  if (before.assets === after.assets) return []
  const labels = assetLabels(after.assets)
  return after.assets.flatMap((asset, index) => {
    // Assets keep their place, so the same place is the same asset.
    const earlier = before.assets[index]
    if (earlier === asset) return []
    const label = labels.get(asset.assetId) ?? ''
    return newsOf(earlier?.run === asset.run ? earlier : undefined, asset).map(([state, text]) =>
      `${label}  ${state.padEnd(STATE_COLUMNS)}  ${printable(text)}`.trimEnd(),
    )
  })
}

type News = [state: string, text: string]

function assetNews(before: AssetView | undefined, after: AssetView): News[] {
  if (after.published) return before?.published ? [] : [publishedNews(after.published)]
  if (after.failure) return before?.failure ? [] : [['failed', `${after.failure.code}: ${after.failure.message}`]]
  const news: News[] = []
  if (!before && !after.planned) news.push(['accepted', ''])
  if (after.planned && !before?.planned) news.push(['planned', planText(after)])
  const progress = progressText(before, after)
  if (progress) news.push(['encoding', progress])
  return [...news, ...playableNews(before, after)]
}

function playableNews(before: AssetView | undefined, after: AssetView): News[] {
  const isKnown = before !== undefined && before.early !== null
  return after.early === null || isKnown || after.published !== null ? [] : [['playable', after.early]]
}

function publishedNews({ master, before, atMs }: NonNullable<AssetView['published']>): News {
  return ['published', before ? `${master} (already on ${dayText(atMs)})` : master]
}

/** The day in UTC, `2026-01-31`. */
export function dayText(atMs: number): string {
  return Number.isFinite(atMs) ? new Date(atMs).toISOString().slice(0, 10) : 'an unknown day'
}

/** `5 renditions: 240p 360p audio (1080p dropped: taller than the master)` */
function planText(asset: AssetView): string {
  const labels = asset.renditions.map((rendition) => rendition.label).join(' ')
  const dropped = asset.decisions.filter((rung) => !rung.kept).map((rung) => `${rung.id} dropped: ${rung.reason}`)
  const kept = `${countText(asset.renditions.length, 'rendition')}${labels === '' ? '' : `: ${labels}`}`
  return dropped.length === 0 ? kept : `${kept} (${dropped.join('; ')})`
}

function progressText(before: AssetView | undefined, after: AssetView): string | null {
  const fraction = assetFraction(after)
  if (fraction === null) {
    const step = Math.floor(assetOutSeconds(after) / OPEN_STEP_SECONDS)
    const earlier = before ? Math.floor(assetOutSeconds(before) / OPEN_STEP_SECONDS) : 0
    return step > earlier ? joined(`${clockText(step * OPEN_STEP_SECONDS)} done`, speedOf(after)) : null
  }
  const reached = mark(fraction)
  if (reached <= mark((before && assetFraction(before)) ?? 0)) return null
  const left = assetSecondsLeft(after)
  return joined(`${String(reached).padStart(3)}%`, speedOf(after), left === null ? '' : `${clockText(left)} left`)
}

function mark(fraction: number): number {
  return Math.floor(wholePercent(fraction) / PERCENT_STEP) * PERCENT_STEP
}

function speedOf(asset: AssetView): string {
  return speedText(assetSpeed(asset) ?? 0)
}

function joined(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('  ')
}
