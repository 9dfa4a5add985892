/** Rules on all pictures together, and on sounds and texts beside them. Source: RFC 8216, 6.2.4. */
import type { GateAsset, GateTrack } from './asset'
import { measureOf, sampleSeconds, totalSeconds, trackAt } from './asset'
import type { Report } from './findings'
import type { GateMediaPlaylist } from './media-playlist'

export function checkGrid(asset: GateAsset, report: Report): void {
  const pictures = asset.tracks.filter(({ role }) => role === 'video')
  const [first, ...others] = pictures
  if (first === undefined) return
  for (const other of others) comparePictures(first, other, report)
  for (const other of asset.tracks.filter(({ role }) => role === 'audio')) {
    compareBreaks(first.playlist, other.playlist, report)
    compareSound(first, other, report)
  }
  for (const { playlist } of asset.tracks.filter(({ role }) => role === 'captions')) {
    const [own, all] = [totalSeconds(playlist), totalSeconds(first.playlist)]
    if (Math.abs(own - all) <= (playlist.targetSeconds ?? 0)) continue
    report('captions-length', playlist.path, `it lasts ${own.toFixed(3)} s, the picture ${all.toFixed(3)} s`)
  }
  checkMuxed(asset, report)
}

/** Time scales of others differ, and may be as coarse as a millisecond. */
const MEASURED_SECONDS = 0.002
/** EXTINF of others is often rounded to hundredths, and adds up. */
const WRITTEN_SECONDS = 0.05

function comparePictures(first: GateTrack, other: GateTrack, report: Report): void {
  compareBreaks(first.playlist, other.playlist, report)
  const [own, all] = [other.playlist.segments.length, first.playlist.segments.length]
  if (own !== all) {
    report('grid-differs', other.playlist.path, `it has ${own} segments, ${first.playlist.path} has ${all}`)
    return
  }
  let [written, firstWritten] = [0, 0]
  for (const [index, { seconds, line }] of other.playlist.segments.entries()) {
    const [one, two] = [measureOf(first, index, 'video'), measureOf(other, index, 'video')]
    const isMeasured = one !== null && two !== null
    const bound = isMeasured ? MEASURED_SECONDS : WRITTEN_SECONDS
    const apart = isMeasured ? two.startSeconds - one.startSeconds : written - firstWritten
    const where = `${other.playlist.path}:${line}`
    if (Math.abs(apart) > bound) {
      report('grid-differs', where, `it begins ${apart.toFixed(3)} s after that of ${first.playlist.path}`)
      return
    }
    const isSameRate = isMeasured && Math.abs(sampleSeconds(one) / sampleSeconds(two) - 1) < 0.3
    if (isSameRate && one.samples !== two.samples) {
      report('frames-differ', where, `it has ${two.samples} pictures, that of ${first.playlist.path} ${one.samples}`)
    }
    written += seconds
    firstWritten += first.playlist.segments[index]?.seconds ?? 0
  }
}

function breaksOf({ segments }: GateMediaPlaylist): number[] {
  let at = 0
  return segments.flatMap(({ isDiscontinuous, seconds }, index) => {
    const begin = at
    at += seconds
    return isDiscontinuous && index > 0 ? [begin] : []
  })
}

function compareBreaks(first: GateMediaPlaylist, other: GateMediaPlaylist, report: Report): void {
  const [one, two] = [breaksOf(first), breaksOf(other)]
  const bound = Math.max(first.targetSeconds ?? 0, other.targetSeconds ?? 0)
  const isEven = one.length === two.length && one.every((at, index) => Math.abs(at - (two[index] ?? at)) <= bound)
  if (isEven) return
  report('discontinuity-uneven', other.path, `it has ${two.length} discontinuities, ${first.path} has ${one.length}`)
}

const START_SECONDS = 0.1
const END_SECONDS = 1

function compareSound(picture: GateTrack, sound: GateTrack, report: Report): void {
  compareTimes({ track: picture, kind: 'video' }, { track: sound, kind: 'audio' }, report)
}

/** Sound in the segments of the picture. */
function checkMuxed(asset: GateAsset, report: Report): void {
  const paths = new Set((asset.multivariant?.variants ?? []).map(({ path }) => path))
  for (const path of asset.multivariant === null ? [asset.description.master] : paths) {
    const track = trackAt(asset, path)
    if (track === null || measureOf(track, 0, 'audio') === null || measureOf(track, 0, 'video') === null) continue
    compareTimes({ track, kind: 'video' }, { track, kind: 'audio' }, report)
  }
}

interface Side {
  track: GateTrack
  kind: 'video' | 'audio'
}

function compareTimes(picture: Side, sound: Side, report: Report): void {
  const { path } = sound.track.playlist
  const starts = [picture, sound].map(({ track, kind }) => measureOf(track, 0, kind)?.startSeconds)
  const [from, soundFrom] = starts
  if (from !== undefined && soundFrom !== undefined && Math.abs(soundFrom - from) > START_SECONDS) {
    report('sound-start', path, `the sound begins ${(soundFrom - from).toFixed(3)} s after the picture`)
  }
  const ends = [picture, sound].map(measuredEnd)
  const [end, soundEnd] = ends.includes(null) ? [picture, sound].map(({ track }) => totalSeconds(track.playlist)) : ends
  const late = (soundEnd ?? 0) - (end ?? 0)
  if (Math.abs(late) <= END_SECONDS) return
  report(
    'sound-length',
    path,
    `the sound ends ${Math.abs(late).toFixed(3)} s ${late > 0 ? 'after' : 'before'} the picture`,
  )
}

/** Null where it was not measured, or where times of media begin anew in between. */
function measuredEnd({ track, kind }: Side): number | null {
  const { segments } = track.playlist
  const isWhole = segments.every(({ isDiscontinuous }, index) => !isDiscontinuous || index === 0)
  return isWhole ? (measureOf(track, segments.length - 1, kind)?.endSeconds ?? null) : null
}
