/** WebVTT for thumbnails on a player's seek bar: each cue names a rectangle of a sprite sheet. */

export interface SpriteCue {
  /** Sheet, relative to the WebVTT file. */
  uri: string
  xPx: number
  yPx: number
  widthPx: number
  heightPx: number
  startSeconds: number
  endSeconds: number
}

/**
 * The text of the file. Cues keep their order; one that would be empty after rounding to milliseconds lasts one.
 *
 * Sources: W3C WebVTT 4.1 (timestamps), Media Fragments URI 1.0, 4.2.2 (`#xywh`).
 */
export function writeSpriteCues(cues: readonly SpriteCue[]): string {
  const blocks = cues.map((cue) => {
    const start = Math.round(cue.startSeconds * 1_000)
    const end = Math.max(start + 1, Math.round(cue.endSeconds * 1_000))
    const place = [cue.xPx, cue.yPx, cue.widthPx, cue.heightPx].join(',')
    return `${timestamp(start)} --> ${timestamp(end)}\n${cue.uri}#xywh=${place}`
  })
  return `${['WEBVTT', ...blocks].join('\n\n')}\n`
}

/** `HH:MM:SS.mmm`; hours take as many digits as they need. */
function timestamp(milliseconds: number): string {
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')
  const seconds = Math.floor(milliseconds / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  return `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds % 60, 2)}.${pad(milliseconds % 1_000, 3)}`
}
