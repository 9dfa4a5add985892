/** Rules on what variants say of their media: CODECS, RESOLUTION, FRAME-RATE, VIDEO-RANGE, CHANNELS, sound. */
import type { GateAsset, GateTrack } from './asset'
import { isAudioCodec, measureOf, soundsOf, trackAt, tracksOf } from './asset'
import type { TrackFacts } from './description'
import type { Report } from './findings'
import type { GateVariant } from './multivariant'

/** A line of the multivariant playlist with what it names. */
export interface Looked {
  variant: GateVariant
  where: string
  track: GateTrack
  /** Of its own segments; null for what is not known. */
  own: readonly TrackFacts[] | null
  sounds: readonly GateTrack[]
}

export function checkVariants(asset: GateAsset, report: Report): void {
  const { multivariant } = asset
  const looked = (multivariant?.variants ?? []).flatMap((variant): Looked[] => {
    const track = trackAt(asset, variant.path)
    if (track === null) return []
    const where = `${multivariant?.path ?? ''}:${variant.line}`
    return [{ variant, where, track, own: tracksOf(track), sounds: soundsOf(asset, variant) }]
  })
  for (const one of looked) {
    checkStream(one, report)
    if (one.track.role === 'video') checkRate(one, report)
  }
  checkSound(asset, looked, report)
  checkChannels(asset, report)
}

export function checkStream(looked: Looked, report: Report): void {
  checkCodecs(looked, report)
  if (looked.track.role !== 'video') return
  checkPicture(looked, report)
  checkRange(looked, report)
}

/** Texts may be named, too (Apple HLS Authoring Specification, 5.10). */
const TEXT_CODEC = /^(wvtt|stpp)/i

function checkCodecs({ variant, where, own, sounds }: Looked, report: Report): void {
  if (variant.codecs === null) {
    report('codecs-missing', where, 'it has no CODECS')
    return
  }
  const facts = sounds.map(tracksOf)
  if (own === null || facts.includes(null)) return
  const found = [...new Set([...own, ...facts.flatMap((tracks) => tracks ?? [])].map(({ codec }) => codec))]
  if (found.length === 0) return
  const said = variant.codecs.filter((codec) => !TEXT_CODEC.test(codec))
  const isSame = (codec: string, other: string): boolean =>
    other.includes('.') ? codec.toLowerCase() === other.toLowerCase() : familyOf(codec) === familyOf(other)
  const isRight =
    found.every((codec) => said.some((one) => isSame(one, codec))) &&
    said.every((codec) => found.some((one) => isSame(codec, one)))
  if (!isRight) report('codecs-differ', where, `CODECS is ${said.join(',')}, the media has ${found.join(',')}`)
}

/** A decoder tells the codec and no string: both forms of storing it are one then. */
function familyOf(codec: string): string {
  const [name = ''] = codec.toLowerCase().split('.')
  return { avc3: 'avc1', hev1: 'hvc1' }[name] ?? name
}

function checkPicture({ variant, where, own }: Looked, report: Report): void {
  const picture = own?.find(({ kind }) => kind === 'video')
  if (variant.resolution === null) {
    if (picture !== undefined) report('resolution-missing', where, 'it has no RESOLUTION')
    return
  }
  const { widthPx, heightPx, shownPx } = picture ?? {}
  if (widthPx === undefined || heightPx === undefined) return
  const { widthPx: width, heightPx: height } = variant.resolution
  const isShown = Math.round(shownPx?.widthPx ?? 0) === width && Math.round(shownPx?.heightPx ?? 0) === height
  if ((width === widthPx && height === heightPx) || isShown) return
  report('resolution-differs', where, `RESOLUTION is ${width}x${height}, the picture is ${widthPx}x${heightPx}`)
}

/** Three decimals in the playlist, whole ticks in the media. */
const RATE_SLACK = 1.02
const RATE_HIGH = 1.1

function checkRate({ variant, where, track, own }: Looked, report: Report): void {
  const hasPicture = own === null ? variant.resolution !== null : own.some(({ kind }) => kind === 'video')
  if (variant.frameRate === null) {
    if (hasPicture) report('rate-missing', where, 'it has no FRAME-RATE')
    return
  }
  let [samples, seconds, shortest] = [0, 0, Infinity]
  track.playlist.segments.forEach((_, index) => {
    const measure = measureOf(track, index, 'video')
    if (measure === null) return
    samples += measure.samples
    seconds += measure.endSeconds - measure.startSeconds
    shortest = Math.min(shortest, measure.shortestSeconds ?? 0)
  })
  if (samples === 0 || seconds <= 0) return
  const mean = samples / seconds
  if (mean > variant.frameRate * RATE_SLACK && samples > 1) {
    report('rate-low', where, `FRAME-RATE is ${variant.frameRate}, there are ${mean.toFixed(3)} pictures a second`)
  }
  const most = Math.max(mean, shortest > 0 ? 1 / shortest : Infinity)
  if (samples > 1 && variant.frameRate > most * RATE_HIGH) {
    report(
      'rate-high',
      where,
      `FRAME-RATE is ${variant.frameRate}, no two pictures are closer than 1/${most.toFixed(3)} s`,
    )
  }
}

/** Source: rfc8216bis, 4.4.6.2. */
function checkRange({ variant, where, own }: Looked, report: Report): void {
  const range = own?.find(({ kind }) => kind === 'video')?.range ?? null
  if (range === null || range === (variant.range ?? 'SDR')) return
  report('range-differs', where, `VIDEO-RANGE is ${variant.range ?? 'not there'}, the picture is ${range}`)
}

function checkSound({ description }: GateAsset, looked: readonly Looked[], report: Report): void {
  const isPlanned = description.expected?.renditions.some(({ kind }) => kind === 'audio') === true
  const isSilent = ({ own, sounds }: Looked): boolean =>
    sounds.length === 0 && own !== null && !own.some(({ kind }) => kind === 'audio')
  const isHeard = looked.some((one) => !isSilent(one) && (one.sounds.length > 0 || one.own !== null))
  for (const one of looked) {
    const isNamed = one.variant.codecs?.some(isAudioCodec) === true
    if (one.track.role !== 'video' || !isSilent(one) || !(isNamed || isPlanned || isHeard)) continue
    report('sound-missing', one.where, `${one.variant.path ?? ''} has no sound`)
  }
}

function checkChannels(asset: GateAsset, report: Report): void {
  for (const { path, channels, line } of asset.multivariant?.renditions ?? []) {
    const track = trackAt(asset, path)
    const found = track === null ? undefined : tracksOf(track)?.find(({ kind }) => kind === 'audio')?.channels
    if (channels === null || found === undefined || found === channels) continue
    const where = `${asset.multivariant?.path ?? ''}:${line}`
    report('sound-channels', where, `CHANNELS is ${channels}, the sound has ${found}`)
  }
}
