/** Rules on I-frame playlists. Sources: RFC 8216, 4.3.3.6 and 4.3.4.3. */
import type { GateAsset, GateIFrames } from './asset'
import { asTrack, bytesOf, isAudioCodec, totalSeconds, tracksOf } from './asset'
import { ratesOf, TOLERATED } from './check-bandwidth'
import { checkStream } from './check-variants'
import type { FirstPicture, PictureLook } from './description'
import type { Report } from './findings'
import type { GateSegment } from './media-playlist'
import type { GateVariant } from './multivariant'

export function checkIFrames(asset: GateAsset, report: Report): void {
  checkKinds(asset, report)
  for (const one of asset.iFrames) {
    checkPictures(asset, one, report)
    checkOrder(one, report)
    checkDurations(one, report)
    checkLength(asset, one, report)
    checkMeasured(one, report)
    if (one.stream !== null) checkDescription(asset, one, one.stream, report)
  }
}

function checkKinds({ tracks, iFrames, multivariant }: GateAsset, report: Report): void {
  for (const { playlist } of tracks.filter((track) => track.playlist.isIFramesOnly)) {
    report('iframes-kind', playlist.path, 'it has EXT-X-I-FRAMES-ONLY, and is a variant or a rendition')
  }
  for (const { playlist } of iFrames.filter((one) => !one.playlist.isIFramesOnly)) {
    report('iframes-kind', playlist.path, 'it has no EXT-X-I-FRAMES-ONLY')
  }
  for (const { path, line } of multivariant?.iFrames ?? []) {
    if (!tracks.some(({ playlist }) => playlist.path === path && !playlist.isIFramesOnly)) continue
    report('iframes-kind', `${multivariant?.path ?? ''}:${line}`, `${path ?? ''} is a variant or a rendition`)
  }
}

/** Each entry with what was measured of it. */
function looksOf({
  playlist,
  media,
}: GateIFrames): { segment: GateSegment; where: string; look: PictureLook | null }[] {
  return playlist.segments.map((segment, index) => {
    return { segment, where: `${playlist.path}:${segment.line}`, look: media?.pictures[index] ?? null }
  })
}

function pictureOf(look: PictureLook | null): FirstPicture | null {
  return look === null || 'fault' in look ? null : look
}

function checkPictures(asset: GateAsset, iFrames: GateIFrames, report: Report): void {
  for (const { segment, where, look } of looksOf(iFrames)) {
    const name = segment.path ?? ''
    if (look === null) continue
    if ('fault' in look) {
      report(look.fault === 'start' ? 'iframes-start' : 'iframes-cut', where, `${name}: ${look.message}`)
      continue
    }
    const bytes = bytesOf(asset, segment)
    if (bytes !== null && bytes < look.bytes) {
      report('iframes-cut', where, `${name}: ${bytes} bytes are named, its first picture ends after ${look.bytes}`)
    }
    if (!look.isKeyframe) report('iframes-keyframe', where, `${name}: the picture is no keyframe`)
  }
}

function checkOrder(iFrames: GateIFrames, report: Report): void {
  const seen = new Set<string>()
  let before: FirstPicture | null = null
  for (const { segment, where, look } of looksOf(iFrames)) {
    const key = `${segment.path ?? where}@${segment.range?.offset ?? 0}`
    const picture = pictureOf(look)
    if (seen.has(key)) report('iframes-order', where, 'it stands here again')
    else if (picture !== null && before !== null && !segment.isDiscontinuous) {
      const times = `it is shown at ${picture.startSeconds.toFixed(3)} s, the one before`
      if (picture.startSeconds <= before.startSeconds) {
        report('iframes-order', where, `${times} at ${before.startSeconds.toFixed(3)} s`)
      }
    }
    seen.add(key)
    before = picture
  }
}

/** As for other segments: below that nothing is seen. */
const LEAST_SECONDS = 0.1

function checkDurations(iFrames: GateIFrames, report: Report): void {
  const looks = looksOf(iFrames)
  looks.forEach(({ segment, where, look }, index) => {
    const next = looks[index + 1]
    const [picture, following] = [pictureOf(look), pictureOf(next?.look ?? null)]
    if (picture === null || following === null || next?.segment.isDiscontinuous !== false) return
    const lasts = following.startSeconds - picture.startSeconds
    if (lasts <= 0 || Math.abs(lasts - segment.seconds) <= LEAST_SECONDS) return
    report(
      'iframes-duration',
      where,
      `EXTINF is ${segment.seconds}, the next picture comes after ${lasts.toFixed(3)} s`,
    )
  })
}

/** The first keyframe of a stream that others cut may come a little late. */
const LENGTH_SECONDS = 0.5

function checkLength({ tracks, multivariant }: GateAsset, { stream, playlist }: GateIFrames, report: Report): void {
  const alike = (multivariant?.variants ?? []).filter((variant) => stream !== null && isSameSize(variant, stream))
  const pictures = tracks.filter(({ role }) => role === 'video')
  const variant = pictures.find((track) => alike.some(({ path }) => path === track.playlist.path)) ?? pictures[0]
  if (variant === undefined || playlist.segments.length === 0) return
  const [own, all] = [totalSeconds(playlist), totalSeconds(variant.playlist)]
  if (Math.abs(own - all) <= LENGTH_SECONDS) return
  const lasts = `${variant.playlist.path} lasts ${all.toFixed(3)} s`
  report('iframes-length', playlist.path, `its pictures last ${own.toFixed(3)} s, ${lasts}`)
}

/** Of MPEG-TS no picture is measured, as little as its segments are without a decoder: that is said once, of these. */
function checkMeasured({ playlist, media }: GateIFrames, report: Report): void {
  const { segments } = playlist
  const isUnmeasured = ({ init }: GateSegment, index: number): boolean =>
    init !== null && (media?.pictures[index] ?? null) === null
  const unmeasured = segments.filter(isUnmeasured).length
  if (unmeasured === 0) return
  const count = unmeasured === segments.length ? 'no picture' : `${unmeasured} pictures not`
  report('media-unmeasured', playlist.path, `${count} measured: see docs/verify.md`)
}

function checkDescription(asset: GateAsset, iFrames: GateIFrames, stream: GateVariant, report: Report): void {
  const where = `${asset.multivariant?.path ?? ''}:${stream.line}`
  const track = asTrack(iFrames)
  const facts = tracksOf(track)
  const own = facts?.filter(({ kind }) => kind === 'video') ?? null
  const codecs = stream.codecs?.filter((codec) => !isAudioCodec(codec)) ?? null
  checkStream({ variant: { ...stream, codecs }, where, track, own, sounds: [] }, report)
  const isHeard = facts?.some(({ kind }) => kind === 'audio') === true
  if (isHeard) report('iframes-sound', where, 'its init segment has a track of sound')
  if (stream.codecs?.some(isAudioCodec) === true) report('iframes-sound', where, `CODECS is ${stream.codecs.join(',')}`)
  checkVariant(asset, { ...stream, codecs }, where, report)
  checkRates(asset, iFrames, stream, (message) => report('iframes-bandwidth', where, message))
}

function isSameSize({ resolution }: GateVariant, { resolution: other }: GateVariant): boolean {
  return resolution?.widthPx === other?.widthPx && resolution?.heightPx === other?.heightPx
}

/** Players choose it by what they know of the variant that they show. */
function checkVariant({ multivariant }: GateAsset, stream: GateVariant, where: string, report: Report): void {
  const { codecs, resolution } = stream
  if (codecs === null || resolution === null) return
  const isOf = (variant: GateVariant): boolean =>
    isSameSize(variant, stream) && codecs.every((codec) => variant.codecs?.includes(codec) ?? true)
  if (multivariant?.variants.some(isOf) === true) return
  const { widthPx, heightPx } = resolution
  report('iframes-variant', where, `no variant has ${codecs.join(',')} in ${widthPx}x${heightPx}`)
}

/**
 * A picture takes as many bytes however long it is shown, so the last one, which may be shown for a moment, has the
 * highest rate. Others leave it out, or take it for the peak though it lasts for less than the peak is asked of.
 */
function checkRates(
  asset: GateAsset,
  iFrames: GateIFrames,
  { bandwidthBps, averageBps }: GateVariant,
  report: (message: string) => void,
): void {
  const track = asTrack(iFrames)
  const measured = ratesOf(asset, track)
  if (measured === null) return
  const { peak, average } = measured
  const { playlist } = track
  const withoutLast = { ...track, playlist: { ...playlist, segments: playlist.segments.slice(0, -1) } }
  const single = playlist.segments.map((segment) => (8 * (bytesOf(asset, segment) ?? 0)) / segment.seconds)
  const most = single.reduce((highest, rate) => Math.max(highest, rate), peak)
  const least = Math.min(peak, ratesOf(asset, withoutLast)?.peak ?? peak)
  const isWithin = (said: number, from: number, to: number): boolean =>
    said * (1 + TOLERATED) >= from && said <= to * (1 + TOLERATED)
  if (bandwidthBps !== null && !isWithin(bandwidthBps, least, most)) {
    report(`BANDWIDTH is ${bandwidthBps}, the measured peak is ${peak}`)
  }
  if (averageBps !== null && !isWithin(averageBps, average, average)) {
    report(`AVERAGE-BANDWIDTH is ${averageBps}, the measured average is ${average}`)
  }
}
