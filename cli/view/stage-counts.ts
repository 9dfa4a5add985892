import type { AssetView } from './run-view'

/** `12 more waiting, 3 published`: how many assets are in which state; empty for none. */
export function stagesText(assets: readonly AssetView[]): string {
  const count = (...stages: AssetView['stage'][]): number =>
    assets.filter((asset) => stages.includes(asset.stage)).length
  const parts: [number, string][] = [
    [count('encoding', 'finishing'), 'encoding'],
    [count('accepted', 'planned'), 'waiting'],
    [count('failed'), 'failed'],
    [count('published'), 'published'],
  ]
  return parts
    .filter(([number]) => number > 0)
    .map(([number, state], index) => `${number}${index === 0 ? ' more' : ''} ${state}`)
    .join(', ')
}
