/** Sizes, rates and money as the plan shows them. */
import { rationalText, toNumber, type Rational } from '../../core/contract/rational'

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** `13 bytes`, `2.4 MB`; powers of 1,000. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000
    unit += 1
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit] ?? ''}`
}

/** Two digits that tell something: `$0.0013`, `$0.26`, `$12.34`. */
export function usdText(usd: number): string {
  if (usd === 0) return '$0'
  if (usd < 1e-8) return 'under $0.00000001'
  if (usd >= 0.0995) return `$${usd.toFixed(2)}`
  // Rounded before the digits are counted: 0.00999 has its two at 0.010.
  const rounded = Number(usd.toPrecision(2))
  return `$${rounded.toFixed(1 - Math.floor(Math.log10(rounded)))}`
}

/** `0.4`, `12`, `19,889`: a forecast, so one decimal is enough. */
export function slotText(slotSeconds: number): string {
  return slotSeconds < 9.95 ? slotSeconds.toFixed(1) : groupedText(Math.round(slotSeconds))
}

/** `6,433`. */
export function groupedText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `25`, `29.97`. */
export function rateText(fps: Rational): string {
  return toNumber(fps)
    .toFixed(2)
    .replace(/\.?0+$/, '')
}

/** Of standards and cameras; larger ones are averages that somebody measured, and say nothing written out. */
const LARGEST_TELLING_NUMERATOR = 240_000

/** `29.97 (30000/1001)`. */
export function exactRateText(fps: Rational): string {
  const isShort = fps.den === 1 || fps.num > LARGEST_TELLING_NUMERATOR
  return isShort ? rateText(fps) : `${rateText(fps)} (${rationalText(fps)})`
}

/** `1.09 s`, `29.6 s`, `2:05`, `1:02:03`. */
export function lengthText(seconds: number): string {
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const rest = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'))
  const hours = Math.floor(whole / 3_600)
  return hours > 0 ? `${hours}:${rest.join(':')}` : `${Number(rest[0])}:${rest[1] ?? ''}`
}

/** `500 kb/s`, `6 Mb/s`. */
export function bitrateText(bps: number): string {
  return bps < 1e6 ? `${Math.round(bps / 1e3)} kb/s` : `${(bps / 1e6).toFixed(1).replace(/\.0$/, '')} Mb/s`
}
