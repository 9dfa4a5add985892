/** Numbers as people read them in progress lines and reports. */

const MINUTE_SECONDS = 60
const HOUR_SECONDS = 3600
/** Beyond this a forecast says nothing. */
const LONGEST_SECONDS = 100 * HOUR_SECONDS

/** `0:12`, `12:05`, `1:02:03`: whole seconds, rounded down; `over 99 h` beyond what makes sense. */
export function clockText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds >= LONGEST_SECONDS) return 'over 99 h'
  const whole = Math.max(0, Math.floor(seconds))
  const hours = Math.floor(whole / HOUR_SECONDS)
  const minutes = Math.floor((whole % HOUR_SECONDS) / MINUTE_SECONDS)
  const rest = String(whole % MINUTE_SECONDS).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}

/** `3.2x`, `0.08x`, `120x`: media seconds a wall second. */
export function speedText(speed: number): string {
  if (!Number.isFinite(speed) || speed <= 0) return ''
  if (speed >= 9999) return '>9999x'
  if (speed >= 99.95) return `${Math.round(speed)}x`
  return speed < 0.1 ? `${speed.toFixed(2)}x` : `${speed.toFixed(1)}x`
}

/** `62%`, rounded down, so that 100 means done. */
export function percentText(fraction: number): string {
  return `${wholePercent(fraction)}%`
}

/** 0 to 100, rounded down. The tiny term undoes what binary fractions lose: 0.29 * 100 is 28.999999999999996. */
export function wholePercent(fraction: number): number {
  return Math.max(0, Math.min(100, Math.floor(fraction * 100 + 1e-9)))
}

/** `1 rendition`, `5 renditions`. */
export function countText(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`
}
