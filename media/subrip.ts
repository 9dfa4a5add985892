/** SubRip files of captions, as people have them: any encoding, any line ends, tags of players. */
import { parseCaptions, type CaptionCue } from './captions'

const TIME = String.raw`(\d{1,4}):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})`
const TIMES = new RegExp(`^\\s*${TIME}\\s*-->\\s*${TIME}(?:\\s.*)?$`)
/** What follows the times in some files are places on the screen, which WebVTT has no such words for. */
const PLACES_AND_FONTS = /\{\\[^{}]*\}|<\/?font\b[^<>]*>/gi

/** The cues of a SubRip text, by start; the number above each is left out. */
export function parseSubRip(text: string): CaptionCue[] {
  const lines = text.split(/\r\n|\r|\n/)
  const webVtt = lines.flatMap((line, index) => {
    const times = TIMES.exec(line)
    if (times !== null) return ['', `${clock(times.slice(1, 5))} --> ${clock(times.slice(5, 9))}`]
    if (/^\s*\d+\s*$/.test(line) && TIMES.test(lines[index + 1] ?? '')) return []
    return [line.replace(PLACES_AND_FONTS, '').replace(/<(\/?)([BIU])>/g, (tag) => tag.toLowerCase())]
  })
  return parseCaptions(['WEBVTT', '', ...webVtt].join('\n'))
}

function clock(parts: readonly (string | undefined)[]): string {
  const [hours = '0', minutes = '0', seconds = '0', rest = '0'] = parts
  const two = (part: string): string => part.padStart(2, '0')
  return `${two(hours)}:${two(minutes)}:${two(seconds)}.${rest.padEnd(3, '0')}`
}

/**
 * Text in UTF-8, or in UTF-16 where it begins with that mark; what is neither is taken for Windows-1252, the commonest
 * of the old encodings.
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\u0080-\u009f]/g, (sign) => OF_WINDOWS[sign.charCodeAt(0) - 0x80] ?? sign)
  }
}

/** False for what was read from a picture, an archive or the like: no text has a zero. */
export function isText(text: string): boolean {
  return !text.includes('\0')
}

/** What Windows-1252 has at 0x80 to 0x9f; Node's own decoder of that name gives Latin-1 there (seen with 20.20). */
const OF_WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'
