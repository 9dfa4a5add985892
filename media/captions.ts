/** WebVTT of captions: read as ffmpeg writes it, cleaned, cut into segments, written. */
import { GantryError } from '../core/contract/errors'
import { timestamp } from './webvtt'

export interface CaptionCue {
  startMs: number
  /** Above the start. */
  endMs: number
  /** Cue settings as they stand after the times, for example `line:0 align:start`; empty for none. */
  settings: string
  /** Lines with WebVTT's own markup, none of them blank; at least one. */
  lines: readonly string[]
}

/** A cue without an end is shown until the next one comes, at most so long. */
const OPEN_END_MS = 4_000

const TIMES = /^(-?[\d:.-]+) --> (-?[\d:.-]+)(?:[ \t]+(.*))?$/

/**
 * The cues of a WebVTT text, by start. Read with patience: a blank line within a cue does not end it, a time before 0
 * counts as 0, and what is no cue (notes, styles, regions) is left out.
 */
export function parseCaptions(text: string): CaptionCue[] {
  const drafts: { startMs: number; endMs: number; settings: string; lines: string[] }[] = []
  let inCue = false
  const lines = text.split(/\r\n|\r|\n/)
  for (const [index, line] of lines.entries()) {
    const [, start, end, settings = ''] = TIMES.exec(line) ?? []
    if (start !== undefined && end !== undefined) {
      drafts.push({
        startMs: milliseconds(start),
        endMs: milliseconds(end),
        settings: cleanSettings(settings),
        lines: [],
      })
      inCue = true
    } else if (isBlockStart(line) && lines[index - 1]?.trim() === '') inCue = false
    else if (inCue && line.trim() !== '' && !isCueId(lines, index)) drafts.at(-1)?.lines.push(cleanText(line))
  }
  const cues = drafts.filter((cue) => cue.lines.length > 0).sort((a, b) => a.startMs - b.startMs)
  return cues
    .map((cue, index) => (cue.endMs > cue.startMs ? cue : { ...cue, endMs: openEnd(cue.startMs, cues[index + 1]) }))
    .filter(({ endMs }) => endMs > 0)
}

/** A line that stands right before the times of the next cue, after a blank one. */
function isCueId(lines: readonly string[], index: number): boolean {
  return TIMES.test(lines[index + 1] ?? '') && (lines[index - 1] ?? '').trim() === ''
}

function isBlockStart(line: string): boolean {
  return /^(NOTE|STYLE|REGION)\b/.test(line)
}

function openEnd(startMs: number, next: { startMs: number } | undefined): number {
  const until = next === undefined || next.startMs <= startMs ? Infinity : next.startMs
  return Math.min(until, startMs + OPEN_END_MS)
}

/** `mm:ss.mmm` or `hh:mm:ss.mmm`; anything else, as ffmpeg writes times before the start, is 0. */
function milliseconds(text: string): number {
  const match = /^(?:(\d{2,6}):)?([0-5]\d):([0-5]\d)\.(\d{3})$/.exec(text)
  if (match === null) return 0
  const [hours = 0, minutes = 0, seconds = 0, rest = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0))
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000 + rest
}

/** Source: W3C WebVTT 4.4. Others name regions, which are not carried over. */
const SETTING = /^(vertical:(rl|lr)|line:-?[\d.]+%?(,\w+)?|position:[\d.]+%(,[\w-]+)?|size:[\d.]+%|align:\w+)$/

function cleanSettings(settings: string): string {
  return settings
    .split(/[ \t]+/)
    .filter((word) => SETTING.test(word))
    .join(' ')
}

/** Markup that WebVTT knows, source: W3C WebVTT 4.2.2; and its named characters. */
const MARKUP =
  /<\/?(?:b|i|u|ruby|rt|c|v|lang)(?:[. ][^<>&]*)?>|<\d{2,}(?::\d\d){1,2}\.\d{3}>|&(?:amp|lt|gt|lrm|rlm|nbsp|#\d{1,7}|#x[0-9a-f]{1,6});/gi

/** Signs that would be taken for markup are written as characters, and control characters are left out. */
function cleanText(line: string): string {
  const text = line.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
  const markup = text.match(MARKUP) ?? []
  return text
    .split(MARKUP)
    .map(
      (plain, index) =>
        plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') + (markup[index] ?? ''),
    )
    .join('')
}

/** The whole as one file. */
export function writeCaptions(cues: readonly CaptionCue[]): string {
  return fileText('WEBVTT', cues)
}

/**
 * One segment of a playlist: the cues that are shown in it, each with its own times, so one that goes on across a
 * border stands in both segments.
 *
 * @param offsetSeconds What the picture's timestamps have above the cues' times.
 *
 * Source: RFC 8216, 3.5 (X-TIMESTAMP-MAP, in ticks of 90 kHz).
 */
export function writeCaptionsSegment(cues: readonly CaptionCue[], offsetSeconds: number): string {
  return fileText(`WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:${offsetSeconds * 90_000},LOCAL:00:00:00.000`, cues)
}

/** The cues that are shown between two times, on the timeline that begins at the first of them. */
export function clipCaptions(
  cues: readonly CaptionCue[],
  { inMs, outMs }: { inMs: number; outMs: number },
): CaptionCue[] {
  return cues
    .filter(({ startMs, endMs }) => endMs > inMs && startMs < outMs)
    .map((cue) => ({
      ...cue,
      startMs: Math.max(0, cue.startMs - inMs),
      endMs: Math.min(cue.endMs, outMs) - inMs,
    }))
}

/** So many cues in all segments together; more are no text that anybody reads. */
const MAX_PLACED_CUES = 500_000

/**
 * Cues of each segment, up to the one in which the last cue goes.
 *
 * @param untilSeconds What is shown later is left out.
 * @throws SOURCE_TOO_LARGE when more cues stand over each other than any text has.
 */
export function cutCaptions(
  cues: readonly CaptionCue[],
  segmentSeconds: number,
  untilSeconds: number,
): readonly (readonly CaptionCue[])[] {
  const segmentMs = segmentSeconds * 1_000
  const segments: CaptionCue[][] = []
  let placed = 0
  for (const cue of cues) {
    const endMs = Math.min(cue.endMs, untilSeconds * 1_000)
    for (let number = Math.floor(cue.startMs / segmentMs); number * segmentMs < endMs; number += 1) {
      while (segments.length <= number) segments.push([])
      segments[number]?.push(cue)
      placed += 1
      if (placed > MAX_PLACED_CUES) {
        throw new GantryError('SOURCE_TOO_LARGE', `a text track has more than ${MAX_PLACED_CUES} cues to show`)
      }
    }
  }
  return segments
}

function fileText(head: string, cues: readonly CaptionCue[]): string {
  const blocks = cues.map(({ startMs, endMs, settings, lines }) => {
    const times = `${timestamp(startMs)} --> ${timestamp(endMs)}${settings === '' ? '' : ` ${settings}`}`
    return [times, ...lines].join('\n')
  })
  return `${[head, ...blocks].join('\n\n')}\n`
}
