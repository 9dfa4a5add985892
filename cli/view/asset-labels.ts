import { printable } from './text-width'
import { sourceName, type AssetView } from './run-view'
import { shortId } from '../../core/contract/ids'

/**
 * What each asset is called on the screen, by its id: the name of its file, with the folder before it where two have
 * the same name, and with its short id where that is not enough either. Printable, of any width.
 */
export function assetLabels(assets: readonly AssetView[], unicode = true): ReadonlyMap<string, string> {
  const names = new Map(assets.map((asset) => [asset.assetId, printable(sourceName(asset), unicode)]))
  const byName = repeated([...names.values()])
  if (byName.size === 0) return names

  for (const asset of assets) {
    const name = names.get(asset.assetId) ?? ''
    const folder = asset.sourceKey?.split(/[/\\]/).at(-2)
    if (byName.has(name) && folder) names.set(asset.assetId, `${printable(folder, unicode)}/${name}`)
  }
  const byFolder = repeated([...names.values()])
  for (const [assetId, name] of names) if (byFolder.has(name)) names.set(assetId, `${name} (${shortId(assetId)})`)
  return names
}

function repeated(names: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>()
  return new Set(names.filter((name) => seen.size === seen.add(name).size))
}
