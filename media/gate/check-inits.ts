/** Rules on init segments, and on whether segments could be measured at all. */
import type { GateAsset, GateTrack } from './asset'
import { asTrack, keyOf, trackAt, tracksOf } from './asset'
import type { TrackFacts } from './description'
import type { Report } from './findings'

export function checkInits(asset: GateAsset, report: Report): void {
  for (const track of asset.tracks) {
    checkReadable(track, report)
    checkChanges(track, report)
    if (track.role !== 'captions') checkMeasured(track, report)
  }
  for (const one of asset.iFrames) {
    checkReadable(asTrack(one), report)
    checkChanges(asTrack(one), report)
  }
  checkKinds(asset, report)
}

const FRAGMENT_NAME = /\.(m4s|mp4|cmf[vatm]|m4[va])$/i

function checkReadable({ playlist, media, role }: GateTrack, report: Report): void {
  const told = new Set<string>()
  for (const { init, path, line } of playlist.segments) {
    if (init === null) {
      const isFragment = role !== 'captions' && path !== null && FRAGMENT_NAME.test(path)
      if (isFragment && !told.has('')) report('init-missing', `${playlist.path}:${line}`, 'no EXT-X-MAP is before it')
      if (isFragment) told.add('')
      continue
    }
    const key = keyOf(init)
    if (told.has(key)) continue
    told.add(key)
    const look = media?.inits.get(key)
    if (look !== undefined && 'fault' in look) report('init-unreadable', init.path ?? '', look.fault)
  }
}

function checkChanges({ playlist, media }: GateTrack, report: Report): void {
  let before: readonly TrackFacts[] | null = null
  for (const { init, isDiscontinuous, line } of playlist.segments) {
    if (init === null) continue
    const look = media?.inits.get(keyOf(init))
    const facts = look !== undefined && 'tracks' in look ? look.tracks : null
    if (facts === null || facts === before) continue
    if (before !== null && !isDiscontinuous && shape(before) !== shape(facts)) {
      report('init-differs', `${playlist.path}:${line}`, `the media changes from ${shape(before)} to ${shape(facts)}`)
    }
    before = facts
  }
}

function shape(tracks: readonly TrackFacts[]): string {
  return tracks.map(({ kind, codec, timescaleHz }) => `${kind} ${codec} in ${timescaleHz} Hz`).join(' and ')
}

function checkMeasured({ playlist, media }: GateTrack, report: Report): void {
  let unmeasured = 0
  playlist.segments.forEach(({ path, line }, index) => {
    const look = media?.segments[index] ?? null
    const where = `${playlist.path}:${line}`
    if (look === null) unmeasured += 1
    else if ('fault' in look) report('segment-unreadable', where, `${path ?? ''}: ${look.fault}`)
    else if ('tracks' in look) {
      const complaint = look.tracks.find((one) => one.complaint !== undefined)?.complaint
      if (complaint !== undefined) report('segment-decode', where, `${path ?? ''}: ${complaint}`)
    }
  })
  if (unmeasured === 0 || playlist.segments.length === 0) return
  const count = unmeasured === playlist.segments.length ? 'no segment' : `${unmeasured} segments not`
  const why = playlist.segments.some(({ isEncrypted }) => isEncrypted) ? 'they are encrypted' : 'see docs/verify.md'
  report('media-unmeasured', playlist.path, `${count} measured: ${why}`)
}

function checkKinds(asset: GateAsset, report: Report): void {
  const { variants = [], renditions = [], path: master = '' } = asset.multivariant ?? {}
  const lacks = (path: string | null, kind: TrackFacts['kind']): boolean => {
    const track = trackAt(asset, path)
    const facts = track === null ? null : tracksOf(track)
    return facts !== null && !facts.some((one) => one.kind === kind)
  }
  for (const { path, resolution, line } of variants) {
    if (resolution === null || !lacks(path, 'video')) continue
    report('init-kind', `${master}:${line}`, `${path ?? ''} has no picture in its init segment`)
  }
  for (const { path, type, line } of renditions) {
    if (type !== 'AUDIO' || !lacks(path, 'audio')) continue
    report('init-kind', `${master}:${line}`, `${path ?? ''} has no sound in its init segment`)
  }
}
