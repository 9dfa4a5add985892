/** Pure: a master's work and prices to an estimate, with what AWS Elemental MediaConvert would charge beside it. */
import { toNumber } from '../../core/contract/rational'
import type { KnownSpeeds, Stretch } from './known-speeds'
import type { SlotSeconds } from './model'
import type { Prices } from './prices'
import { requestsOf, type RequestCount } from './requests'
import { fleetSlotSeconds } from './stretch'
import type { MasterWork, RungWork } from './work'

export interface CostEstimate {
  slotSeconds: SlotSeconds
  /** What those of the picture are based on; of an asset of sound alone, those of the sound. */
  speeds: Stretch
  vCpuHours: number
  requests: RequestCount
  usd: {
    /** Compute on machines that are kept, and on spare ones that may be taken away. */
    onDemand: number
    spot: number
    s3Requests: number
  }
  /** What is stored if every rung reaches its cap; with capped quality it is mostly far less. */
  storedAtMost: { bytes: number; usdPerMonth: number }
  mediaConvert: MediaConvertEstimate
}

export interface MediaConvertEstimate {
  /** One for each rung: a stream of its own. Null where no price is known. */
  rungs: readonly { id: string; usd: number | null }[]
  /** Null when a rung has no price, or nothing is comparable. */
  usd: number | null
  assumption: string
}

const SECONDS_PER_HOUR = 3_600
const BYTES_PER_GB = 1e9

export function estimateCost(work: MasterWork, prices: Prices, known: KnownSpeeds): CostEstimate {
  const { slotSeconds, speeds } = fleetSlotSeconds(work, known)
  const vCpuHours = slotSeconds.total / SECONDS_PER_HOUR
  const requests = requestsOf(work)
  const { compute, storage } = prices
  const bytes = bytesAtMost(work)
  return {
    ...{ slotSeconds, speeds, vCpuHours, requests },
    usd: {
      onDemand: vCpuHours * compute.onDemandUsdPerVcpuHour,
      spot: vCpuHours * compute.spotUsdPerVcpuHour,
      s3Requests: (requests.puts * storage.putUsdPer1000 + requests.gets * storage.getUsdPer1000) / 1_000,
    },
    storedAtMost: { bytes, usdPerMonth: (bytes / BYTES_PER_GB) * storage.usdPerGbMonth },
    mediaConvert: mediaConvertCost(work, prices.mediaConvert),
  }
}

/** HLS, and the same again for each MP4. */
function bytesAtMost({ rungs, sounds, mp4Files, durationSeconds }: MasterWork): number {
  const soundBps = sounds.reduce((sum, sound) => sum + sound.bitrateBps, 0)
  const videoBps = rungs.reduce((sum, rung) => sum + rung.maxBitrateBps, 0)
  const mp4Bps = mp4Files === 0 ? 0 : videoBps + mp4Files * soundBps
  return Math.round(((soundBps + videoBps + mp4Bps) * durationSeconds) / 8)
}

function assumption(minimumSeconds: number): string {
  const billed = minimumSeconds === 0 ? '' : `, each billed for at least ${minimumSeconds} s`
  return (
    `one output on demand for each rung${billed}; SD is below 720 lines, HD up to 1080, UHD above; ` +
    'no volume discount; MP4s, sound and thumbnails are not counted there'
  )
}

function mediaConvertCost(work: MasterWork, prices: Prices['mediaConvert']): MediaConvertEstimate {
  const minutes = Math.max(prices.minimumSeconds, Math.ceil(work.durationSeconds)) / 60
  const rungs = work.rungs.map((rung) => {
    const perMinute = minutePrice(rung, prices)
    return { id: rung.id, usd: perMinute === null ? null : perMinute * minutes }
  })
  const known = rungs.flatMap(({ usd }) => (usd === null ? [] : [usd]))
  if (rungs.length === 0) return { rungs, usd: null, assumption: 'an asset of sound alone is not compared' }
  if (known.length === rungs.length)
    return { rungs, usd: known.reduce((sum, one) => sum + one, 0), assumption: assumption(prices.minimumSeconds) }
  const unpriced = rungs.flatMap(({ id, usd }) => (usd === null ? [id] : [])).join(', ')
  return { rungs, usd: null, assumption: `no price is known for ${unpriced}: give one with --prices` }
}

/** Rates are named by what they are meant to be, so 30 is also 30000/1001 and a camera's 30.02. */
const RATE_SLACK = 1.01

function minutePrice({ codec, widthPx, heightPx, fps }: RungWork, prices: Prices['mediaConvert']): number | null {
  const rate = toNumber(fps) / RATE_SLACK
  const lines = Math.min(widthPx, heightPx)
  const byRate = prices.usdPerMinute[codec][rate <= 30 ? 'fps30' : rate <= 60 ? 'fps60' : 'fps120']
  return byRate[lines < 720 ? 'sd' : lines <= 1080 ? 'hd' : 'uhd']
}
