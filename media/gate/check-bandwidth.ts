/** BANDWIDTH and AVERAGE-BANDWIDTH against the bytes that are there. Source: RFC 8216, 4.1 and 4.3.4.2. */
import { averageBps, peakBps, type MeasuredSegment } from '../hls/bandwidth'
import type { GateAsset, GateTrack } from './asset'
import { bytesOf, soundsOf, trackAt } from './asset'
import type { Report } from './findings'
import type { GateVariant } from './multivariant'

export interface Rates {
  peak: number
  average: number
}

/** Texts are left out: WebVTT takes a few hundred bits a second. */
export function checkBandwidth(asset: GateAsset, report: Report): void {
  const rates = new Map(asset.tracks.map((track) => [track.playlist.path, ratesOf(asset, track)]))
  for (const variant of asset.multivariant?.variants ?? []) {
    const all = [trackAt(asset, variant.path), ...soundsOf(asset, variant)].map((track) =>
      track === null ? null : (rates.get(track.playlist.path) ?? null),
    )
    const [own, ...sounds] = all
    if (own === null || own === undefined || sounds.includes(null)) continue
    const isOwnSound = soundsOf(asset, variant).some(({ playlist }) => playlist.path === variant.path)
    const most = (of: keyof Rates): number => Math.max(0, ...sounds.map((sound) => sound?.[of] ?? 0))
    const measured = isOwnSound ? own : { peak: own.peak + most('peak'), average: own.average + most('average') }
    const where = `${asset.multivariant?.path ?? ''}:${variant.line}`
    compare(variant, measured, (rule, message) => report(rule, where, message))
  }
}

/** A share. */
export const TOLERATED = 0.1

function compare(
  { bandwidthBps, averageBps: average }: GateVariant,
  measured: Rates,
  report: (rule: Parameters<Report>[0], message: string) => void,
): void {
  if (bandwidthBps !== null) {
    const figures = `BANDWIDTH is ${bandwidthBps}, the measured peak is ${measured.peak}`
    if (measured.peak > bandwidthBps * (1 + TOLERATED)) report('bandwidth-low', figures)
    if (measured.peak * (1 + TOLERATED) < bandwidthBps) report('bandwidth-high', figures)
  }
  if (average === null) {
    report('bandwidth-average-missing', 'it has no AVERAGE-BANDWIDTH')
    return
  }
  if (Math.abs(average - measured.average) <= TOLERATED * measured.average) return
  report('bandwidth-average', `AVERAGE-BANDWIDTH is ${average}, the measured average is ${measured.average}`)
}

/** Null where sizes are not known, or where durations are not believable. */
export function ratesOf(asset: GateAsset, { playlist, role }: GateTrack): Rates | null {
  const { segments, targetSeconds } = playlist
  if (role === 'captions' || segments.length === 0 || targetSeconds === null || targetSeconds === 0) return null
  const measured: MeasuredSegment[] = []
  for (const segment of segments) {
    const bytes = bytesOf(asset, segment)
    if (bytes === null || segment.seconds < 1e-6) return null
    measured.push({ bytes, durationSeconds: segment.seconds })
  }
  if (!isShortWork(measured, targetSeconds)) return null
  return { peak: peakBps(measured, targetSeconds), average: averageBps(measured) }
}

/** Sets of segments that the peak is looked for in. Of a real title there are two or three for each segment. */
const MOST_SETS = 5_000_000

/** A hostile playlist of thousands of segments within one target duration would take hours. */
function isShortWork(segments: readonly MeasuredSegment[], targetSeconds: number): boolean {
  let [sets, seconds, from] = [0, 0, 0]
  segments.forEach(({ durationSeconds }, to) => {
    seconds += durationSeconds
    while (seconds > 1.5 * targetSeconds && from < to) {
      seconds -= segments[from]?.durationSeconds ?? 0
      from += 1
    }
    sets += to - from + 1
  })
  return sets <= MOST_SETS
}
