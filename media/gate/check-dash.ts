/** Rules on an MPD: against itself, the measured media, and the playlists beside it. */
import { bandwidthBps } from '../dash/bandwidth'
import { targetDurationSeconds } from '../hls/media-playlist'
import type { GateAsset, GateTrack } from './asset'
import { bytesOf, measureOf, tracksOf } from './asset'
import { checkDashTimes, longestOf, type Matched } from './check-dash-times'
import type { TrackFacts } from './description'
import type { Report } from './findings'
import type { GateList, GateMpd } from './mpd'

export function checkDash(asset: GateAsset, mpd: GateMpd, report: Report): void {
  const byFirst = new Map(asset.tracks.map((track) => [track.playlist.segments[0]?.path ?? '', track]))
  const matched = mpd.sets.map(({ representations }) =>
    representations.map((one): Matched => {
      const { list } = one
      const track = byFirst.get(list?.segments[0]?.path ?? '-') ?? null
      return { one, where: `${mpd.path}:${one.line}`, list, track }
    }),
  )
  const all = matched.flat()
  checkIds(all, report)
  checkNamed(asset, mpd, report)
  checkRenditions(asset, mpd, all, report)
  checkDashTimes(asset, mpd, matched, report)
  for (const one of all) {
    checkSaid(asset, one, report)
    checkBandwidth(asset, one, report)
  }
}

function checkIds(all: readonly Matched[], report: Report): void {
  const seen = new Set<string>()
  for (const { one, where } of all) {
    if (seen.has(one.id)) report('dash-ids', where, `the id ${one.id} stands twice`)
    seen.add(one.id)
  }
}

/** Each with the first line that names it. */
function checkNamed({ description: { objects } }: GateAsset, mpd: GateMpd, report: Report): void {
  const told = new Set<string>()
  for (const { path, line } of pathsOf(mpd)) {
    const found = objects.get(path)
    if (told.has(path) || (found !== null && found?.bytes !== 0)) continue
    told.add(path)
    const where = `${mpd.path}:${line}`
    if (found === null) report('object-missing', where, `${path} is not there`)
    else report('object-size', where, `${path} is empty`)
  }
}

/** All that the MPD names. */
export function pathsOf({ sets }: GateMpd): { path: string; line: number }[] {
  return sets
    .flatMap(({ representations }) => representations)
    .flatMap(({ line, list, file }) => [
      { path: list?.init ?? file, line },
      ...(list?.segments ?? []).map((segment) => ({ path: segment.path, line: segment.line })),
    ])
    .flatMap(({ path, line }) => (path === null ? [] : [{ path, line }]))
}

function checkRenditions(asset: GateAsset, mpd: GateMpd, all: readonly Matched[], report: Report): void {
  if (asset.multivariant === null) return
  for (const { one, where, list, track } of all) {
    if (list === null) continue
    if (track === null) report('dash-renditions', where, `no playlist has the segments of ${one.id}`)
    else checkSegments(list, track, where, report)
  }
  // What is not read may be anywhere.
  if (all.some(({ one }) => one.list === null && one.file === null)) return
  const offered = new Set(all.map(({ track }) => track?.playlist.path))
  const folders = new Set(all.flatMap(({ one: { file } }) => (file === null ? [] : [folderOf(file)])))
  for (const { role, playlist } of asset.tracks) {
    if (offered.has(playlist.path) || (role === 'captions' && folders.has(folderOf(playlist.path)))) continue
    report('dash-renditions', mpd.path, `it does not offer ${playlist.path}`)
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

function checkSegments({ init, segments }: GateList, { playlist }: GateTrack, where: string, report: Report): void {
  const other = playlist.segments.findIndex(({ path }, index) => path !== segments[index]?.path)
  const inits = new Set(playlist.segments.flatMap((segment) => segment.init?.path ?? []))
  if (segments.length !== playlist.segments.length || other >= 0) {
    const counts = `${segments.length} segments of ${playlist.segments.length}`
    report('dash-renditions', where, `it has ${counts} of ${playlist.path}, from ${other} on others`)
  }
  if (init === null || inits.has(init)) return
  report('dash-renditions', where, `its init segment is ${init}, that of ${playlist.path} another`)
}

function checkSaid(asset: GateAsset, { one, where, track }: Matched, report: Report): void {
  const facts = track === null ? undefined : tracksOf(track)?.find(({ kind }) => kind === one.kind)
  if (facts === undefined || track === null) return
  if (one.codecs?.toLowerCase() !== facts.codec.toLowerCase()) {
    report('dash-codecs', where, `codecs is ${one.codecs ?? 'not there'}, the media has ${facts.codec}`)
  }
  if (one.channels !== null && facts.channels !== undefined && one.channels !== facts.channels) {
    report('dash-channels', where, `it says ${one.channels} channels, the sound has ${facts.channels}`)
  }
  if (one.kind !== 'video') return
  const sizes = [facts, { ...facts.shownPx }].map(
    ({ widthPx, heightPx }: Pick<TrackFacts, 'widthPx' | 'heightPx'>) => `${widthPx ?? 0}x${heightPx ?? 0}`,
  )
  const said = `${one.widthPx ?? 'no'}x${one.heightPx ?? 'no'}`
  if (facts.widthPx !== undefined && !sizes.includes(said)) {
    report('dash-picture', where, `it says ${said}, the picture is ${sizes[0] ?? ''}`)
  }
  if (facts.range != null && facts.range !== one.range) {
    report('dash-colour', where, `it says ${one.range}, the picture is ${facts.range}`)
  }
  checkRate(asset, { one, where, track }, report)
}

/** FRAME-RATE is held against the media (rate-low, rate-high), and has three decimals. */
function checkRate(
  asset: GateAsset,
  { one, where, track }: Pick<Matched, 'one' | 'where' | 'track'>,
  report: Report,
): void {
  const variant = asset.multivariant?.variants.find(({ path }) => path === track?.playlist.path)
  const rate = variant?.frameRate ?? (track === null ? null : meanRate(track))
  const slack = variant?.frameRate == null ? 0.1 * (rate ?? 0) : 0.001
  if (rate === null || (one.frameRate !== null && Math.abs(one.frameRate - rate) <= slack)) return
  report('dash-rate', where, `frameRate is ${one.frameRate ?? 'not there'}, the pictures come at ${rate}`)
}

function meanRate(track: GateTrack): number | null {
  const measures = track.playlist.segments.map((_, index) => measureOf(track, index, 'video'))
  const samples = measures.reduce((sum, measure) => sum + (measure?.samples ?? 0), 0)
  const seconds = measures.reduce((sum, one) => sum + (one === null ? 0 : one.endSeconds - one.startSeconds), 0)
  return measures.includes(null) || seconds <= 0 || samples < 2 ? null : samples / seconds
}

const TOLERATED = 0.1

function checkBandwidth(asset: GateAsset, { one, where, list, track }: Matched, report: Report): void {
  if (list === null || track === null || one.bandwidthBps === null || list.segments.length === 0) return
  const measured = list.segments.flatMap(({ durationTicks }, index) => {
    const segment = track.playlist.segments[index]
    const bytes = segment === undefined ? null : bytesOf(asset, segment)
    const durationSeconds = durationTicks / list.timescaleHz
    return bytes === null || !(durationSeconds >= 1e-6) ? [] : [{ bytes, durationSeconds }]
  })
  const longest = longestOf(list)
  if (measured.length < list.segments.length || longest > 1e6) return
  const target = track.playlist.targetSeconds ?? targetDurationSeconds([{ durationSeconds: longest }])
  // Sets of many segments within one target duration would take hours; real ones are about as long as that.
  if (target === 0 || measured.length * (target / (totalOf(measured) / measured.length)) > 5_000_000) return
  const needed = bandwidthBps(measured, target)
  const figures = `bandwidth is ${one.bandwidthBps}, ${needed} is needed`
  if (needed > one.bandwidthBps * (1 + TOLERATED)) report('dash-bandwidth-low', where, figures)
  if (needed * (1 + TOLERATED) < one.bandwidthBps) report('dash-bandwidth-high', where, figures)
}

function totalOf(segments: readonly { durationSeconds: number }[]): number {
  return segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0)
}
