/** The gate: what is wrong with an asset, by rules alone. Pure; the same before publication and in `gantry verify`. */
import { readAsset } from './asset'
import { checkBandwidth } from './check-bandwidth'
import { checkGrid } from './check-grid'
import { checkGroups } from './check-groups'
import { checkIFrames } from './check-i-frames'
import { checkInits } from './check-inits'
import { checkObjects } from './check-objects'
import { checkPlaylists } from './check-playlists'
import { checkTimelines } from './check-timeline'
import { checkVariants } from './check-variants'
import type { AssetDescription } from './description'
import { createFindings, type Finding } from './findings'

/** @param others Findings of whoever read the asset, to stand among those of the rules. */
export function judgeAsset(
  description: AssetDescription,
  others: readonly Omit<Finding, 'severity' | 'source'>[] = [],
): Finding[] {
  const { report, all } = createFindings()
  for (const { rule, where, message } of others) report(rule, where, message)
  const asset = readAsset(description, report)
  checkPlaylists(asset, report)
  if (asset.multivariant !== null) checkGroups(asset.multivariant, report)
  checkObjects(asset, report)
  checkInits(asset, report)
  checkTimelines(asset, report)
  checkGrid(asset, report)
  checkVariants(asset, report)
  checkBandwidth(asset, report)
  checkIFrames(asset, report)
  return all()
}
