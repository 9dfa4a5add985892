/** WebVTT for thumbnails on a player's seek bar: each cue names a rectangle of a sprite sheet. */
import { count, decimal, refused, relativeUri } from './hls/text'

export interface SpriteCue {
  /** Sheet, relative to the WebVTT file. */
  uri: string
  xPx: number
  yPx: number
  widthPx: number
  heightPx: number
  startSeconds: number
  /** Above the start; a cue that would be empty after rounding to milliseconds lasts one. */
  endSeconds: number
}

/** A hundred thousand hours: no title is longer, and a time in ticks by mistake is above it. */
const MAX_SECONDS = 360_000_000

/**
 * The text of the file, cues in the order given.
 *
 * @throws QUEUE_INTERNAL for a cue that ends before it starts or starts before the one above it, a rectangle that is
 * not of whole pixels, or a sheet that is no relative path.
 *
 * Sources: W3C WebVTT 4.1 (timestamps and their order), Media Fragments URI 1.0, 4.2.2 (`#xywh`).
 */
export function writeSpriteCues(cues: readonly SpriteCue[]): string {
  const blocks = cues.map((cue, index) => {
    checkTimes(cue, cues[index - 1]?.startSeconds ?? 0)
    const start = Math.round(cue.startSeconds * 1_000)
    const end = Math.max(start + 1, Math.round(cue.endSeconds * 1_000))
    const place = [decimal(cue.xPx), decimal(cue.yPx), count(cue.widthPx), count(cue.heightPx)].join(',')
    return `${timestamp(start)} --> ${timestamp(end)}\n${relativeUri(cue.uri)}#xywh=${place}`
  })
  return `${['WEBVTT', ...blocks].join('\n\n')}\n`
}

function checkTimes({ startSeconds, endSeconds }: SpriteCue, earliest: number): void {
  if (!(startSeconds >= earliest && endSeconds > startSeconds && endSeconds <= MAX_SECONDS)) {
    const allowed = `a rising span between ${earliest} and ${MAX_SECONDS} s`
    throw refused('the time of a cue', allowed, `${startSeconds} to ${endSeconds}`)
  }
}

/** `HH:MM:SS.mmm`; hours take as many digits as they need. */
export function timestamp(milliseconds: number): string {
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')
  const seconds = Math.floor(milliseconds / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  return `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds % 60, 2)}.${pad(milliseconds % 1_000, 3)}`
}
