/** The gate: what is wrong with an asset, by rules alone. Pure; the same before publication and in `gantry verify`. */
import { readAsset, type GateAsset } from './asset'
import { checkBandwidth } from './check-bandwidth'
import { checkDash } from './check-dash'
import { checkGrid } from './check-grid'
import { checkGroups } from './check-groups'
import { checkIFrames } from './check-i-frames'
import { checkInits } from './check-inits'
import { checkObjects } from './check-objects'
import { checkPlaylists } from './check-playlists'
import { checkTimelines } from './check-timeline'
import { checkVariants } from './check-variants'
import type { AssetDescription } from './description'
import { createFindings, type Finding, type Report } from './findings'
import { readMpd, type GateMpd } from './mpd'
import { assetOfMpd } from './mpd-alone'

/** @param others Findings of whoever read the asset, to stand among those of the rules. */
export function judgeAsset(
  description: AssetDescription,
  others: readonly Omit<Finding, 'severity' | 'source'>[] = [],
): Finding[] {
  const { report, all } = createFindings()
  for (const { rule, where, message } of others) report(rule, where, message)
  const { manifest, master, playlists } = description
  const text = manifest === undefined ? undefined : playlists.get(manifest)
  const mpd = manifest === undefined || text === undefined ? null : readMpd(manifest, text, report)
  const asset = manifest === master ? judgeMpdAlone(description, mpd, report) : judgePlaylists(description, report)
  if (mpd !== null) checkDash(asset, mpd, report)
  return all()
}

function judgePlaylists(description: AssetDescription, report: Report): GateAsset {
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
  return asset
}

function judgeMpdAlone(description: AssetDescription, mpd: GateMpd | null, report: Report): GateAsset {
  if (mpd === null) return { description, multivariant: null, tracks: [], iFrames: [] }
  const asset = assetOfMpd(description, mpd)
  checkInits(asset, report)
  return asset
}
