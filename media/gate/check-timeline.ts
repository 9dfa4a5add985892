/** Rules on the times of one playlist's segments, as written and as measured. */
import type { GateAsset, GateTrack } from './asset'
import { measureOf, sampleSeconds } from './asset'
import type { TrackMeasure } from './description'
import type { Report } from './findings'
import type { GateSegment } from './media-playlist'

export function checkTimelines({ tracks }: GateAsset, report: Report): void {
  for (const track of tracks.filter(({ role }) => role !== 'captions')) {
    checkKeyframes(track, report)
    checkDurations(track, report)
    checkSums(track, report)
    checkJoins(track, report)
  }
  for (const track of tracks.filter(({ role }) => role === 'captions')) checkTexts(track, report)
}

function checkKeyframes(track: GateTrack, report: Report): void {
  track.playlist.segments.forEach(({ path, line }, index) => {
    if (measureOf(track, index, 'video')?.startsWithKeyframe !== false) return
    report('segment-keyframe', `${track.playlist.path}:${line}`, `${path ?? ''} does not begin with a keyframe`)
  })
}

/** Rounding in EXTINF and in players; below that nothing is seen or heard. */
const LEAST_SECONDS = 0.1
const EXACT_SECONDS = 0.01

/** A segment lasts until the next one begins; the last one of a stretch until its last sample is over. */
function lastsSeconds(track: GateTrack, index: number): number | null {
  const measure = measureOf(track, index)
  const next = nextOf(track, index)
  if (measure === null) return null
  if (next === null) return measure.endSeconds - measure.startSeconds
  return next.startSeconds > measure.startSeconds ? next.startSeconds - measure.startSeconds : null
}

function nextOf(track: GateTrack, index: number): TrackMeasure | null {
  return track.playlist.segments[index + 1]?.isDiscontinuous === false ? measureOf(track, index + 1) : null
}

function checkDurations(track: GateTrack, report: Report): void {
  const { path, segments, targetSeconds } = track.playlist
  segments.forEach(({ seconds, line }, index) => {
    const measure = measureOf(track, index)
    const lasts = lastsSeconds(track, index)
    if (measure === null || lasts === null || isJump(lasts - seconds, targetSeconds)) return
    if (Math.abs(lasts - seconds) <= Math.max(LEAST_SECONDS, 2 * sampleSeconds(measure))) return
    report('duration-segment', `${path}:${line}`, `EXTINF is ${seconds}, the segment lasts ${lasts.toFixed(3)} s`)
  })
}

/** So much is no wrong duration but another time line. */
function isJump(seconds: number, targetSeconds: number | null): boolean {
  return targetSeconds !== null && seconds > targetSeconds
}

/** The first place of each stretch at which the written time has left the measured one. */
function checkSums(track: GateTrack, report: Report): void {
  const { path, segments, targetSeconds } = track.playlist
  let from: { startSeconds: number; written: number; isTold: boolean } | null = null
  segments.forEach((segment, index) => {
    const measure = measureOf(track, index)
    if (measure === null || segment.isDiscontinuous) from = null
    if (measure === null) return
    from ??= { startSeconds: measure.startSeconds, written: 0, isTold: false }
    from.written += segment.seconds
    const end = nextOf(track, index)?.startSeconds ?? measure.endSeconds
    const drift = from.written - (end - from.startSeconds)
    if (isJump(-drift, targetSeconds)) from.isTold = true
    if (from.isTold || Math.abs(drift) <= Math.max(EXACT_SECONDS, sampleSeconds(measure))) return
    from.isTold = true
    const figures = `EXTINF adds up to ${from.written.toFixed(3)} s here, the media to`
    report('duration-sum', `${path}:${segment.line}`, `${figures} ${(end - from.startSeconds).toFixed(3)} s`)
  })
}

function checkJoins(track: GateTrack, report: Report): void {
  const { segments } = track.playlist
  segments.forEach((segment, index) => {
    const before = index === 0 ? null : measureOf(track, index - 1)
    const measure = measureOf(track, index)
    if (before === null || measure === null) return
    checkJoin(track, { segment, before, measure, writtenSeconds: segments[index - 1]?.seconds ?? 0 }, report)
  })
}

interface Join {
  segment: GateSegment
  before: TrackMeasure
  measure: TrackMeasure
  /** EXTINF of the segment before. */
  writtenSeconds: number
}

function checkJoin({ playlist }: GateTrack, join: Join, report: Report): void {
  const { segment, before, measure, writtenSeconds } = join
  const where = `${playlist.path}:${segment.line}`
  const times = `it begins at ${measure.startSeconds.toFixed(3)} s, the one before`
  const gap = gapSeconds(before, measure)
  const sample = sampleSeconds(before)
  if (segment.isDiscontinuous) {
    const isOn = Math.abs(gap) <= Math.max(EXACT_SECONDS, sample / 2)
    if (isOn) report('discontinuity-needless', where, `${times} ends at ${before.endSeconds.toFixed(3)} s`)
    return
  }
  if (measure.startSeconds <= before.startSeconds) {
    report('segment-order', where, `${times} at ${before.startSeconds.toFixed(3)} s`)
    return
  }
  const jump = measure.startSeconds - before.startSeconds - writtenSeconds
  if (isJump(jump, playlist.targetSeconds)) {
    report(
      'discontinuity-missing',
      where,
      `${times} should last ${writtenSeconds} s from ${before.startSeconds.toFixed(3)}`,
    )
    return
  }
  const hasDecodeTimes = measure.decodeStartSeconds !== undefined && before.decodeEndSeconds !== undefined
  if (hasDecodeTimes && -gap > Math.max(LEAST_SECONDS, 2 * sample)) {
    report('timeline-overlap', where, `it is decoded ${(-gap).toFixed(3)} s before the one before it ends`)
  }
  const bound = measure.kind === 'audio' ? Math.max(0.005, sample / 2) : Math.max(EXACT_SECONDS, 1.5 * sample)
  if (gap > bound) report('timeline-gap', where, `${times} ends ${gap.toFixed(3)} s earlier`)
}

/** In decode times, which go on exactly; where they are not known in times of presentation. */
function gapSeconds(before: TrackMeasure, measure: TrackMeasure): number {
  const { decodeEndSeconds } = before
  const { decodeStartSeconds } = measure
  if (decodeEndSeconds !== undefined && decodeStartSeconds !== undefined) return decodeStartSeconds - decodeEndSeconds
  return measure.startSeconds - before.endSeconds
}

function checkTexts({ playlist, media }: GateTrack, report: Report): void {
  playlist.segments.forEach(({ path, line }, index) => {
    const look = media?.segments[index] ?? null
    if (look === null || 'tracks' in look) return
    const isVtt = 'text' in look && /^\ufeff?WEBVTT(?:[ \t\r\n]|$)/.test(look.text)
    if (!isVtt) report('segment-text', `${playlist.path}:${line}`, `${path ?? ''} does not begin with WEBVTT`)
  })
}
