/** Rules on one media playlist by itself, and on what all media playlists have to share. */
import type { GateAsset, GateTrack } from './asset'
import { measureOf } from './asset'
import type { Report } from './findings'
import type { GateMediaPlaylist } from './media-playlist'

export function checkPlaylists(asset: GateAsset, report: Report): void {
  for (const { playlist } of [...asset.tracks, ...asset.iFrames]) {
    checkTarget(playlist, report)
    checkEnd(playlist, report)
    checkVersion(playlist, report)
  }
  for (const track of asset.tracks) {
    checkRepeats(track, report)
    checkIndependence(asset, track, report)
  }
  const media = asset.tracks.filter(({ role }) => role !== 'captions').map(({ playlist }) => playlist)
  checkShared(media, report)
}

/** Source: RFC 8216, 4.3.3.1. */
function checkTarget({ path, targetSeconds, segments }: GateMediaPlaylist, report: Report): void {
  if (targetSeconds === null) {
    report('target-missing', path, 'it has no EXT-X-TARGETDURATION')
    return
  }
  for (const { seconds, line } of segments) {
    if (Math.round(seconds) > targetSeconds) {
      report('target-exceeded', `${path}:${line}`, `EXTINF is ${seconds}, EXT-X-TARGETDURATION is ${targetSeconds}`)
    }
  }
}

function checkEnd({ path, hasEnd, type, segments }: GateMediaPlaylist, report: Report): void {
  if (segments.length === 0) report('playlist-empty', path, 'it has no segment')
  if (!hasEnd) report('end-missing', path, 'it has no EXT-X-ENDLIST')
  if (type !== 'VOD') report('type-missing', path, `EXT-X-PLAYLIST-TYPE is ${type ?? 'not there'}`)
}

function checkVersion({ path, version, needs }: GateMediaPlaylist, report: Report): void {
  for (const [needed, line] of needs) {
    if (needed > version) report('tag-version', `${path}:${line}`, `it needs version ${needed}, it has ${version}`)
  }
}

/** Texts are left out: one segment may stand for all the time in which nothing is said. */
function checkRepeats({ role, playlist }: GateTrack, report: Report): void {
  if (role === 'captions') return
  const seen = new Set<string>()
  for (const { path, range, line } of playlist.segments) {
    if (path === null) continue
    const key = range === null ? path : `${path}@${range.offset}`
    if (seen.has(key)) report('segment-repeated', `${playlist.path}:${line}`, `${path} stands here again`)
    seen.add(key)
  }
}

function checkIndependence({ multivariant }: GateAsset, track: GateTrack, report: Report): void {
  const { playlist, role } = track
  if (role !== 'video' || playlist.areIndependent || multivariant?.areIndependent === true) return
  const all = playlist.segments.map((_, index) => measureOf(track, index, 'video')?.startsWithKeyframe === true)
  if (all.length === 0 || all.includes(false)) return
  report(
    'independent-missing',
    playlist.path,
    'all segments begin with a keyframe, EXT-X-INDEPENDENT-SEGMENTS is not there',
  )
}

/** Source: RFC 8216, 6.2.4. */
function checkShared([first, ...others]: readonly GateMediaPlaylist[], report: Report): void {
  for (const other of others) {
    if (other.targetSeconds !== first?.targetSeconds && other.targetSeconds !== null) {
      const targets = `its target duration is ${other.targetSeconds}, that of ${first?.path ?? ''} is`
      report('target-uneven', other.path, `${targets} ${first?.targetSeconds ?? 'none'}`)
    }
    if (other.mediaSequence !== first?.mediaSequence) {
      const begins = `it begins with number ${other.mediaSequence}, ${first?.path ?? ''} with`
      report('sequence-uneven', other.path, `${begins} ${first?.mediaSequence ?? 0}`)
    }
  }
}
