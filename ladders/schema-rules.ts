/** Rules between the fields of a ladder: what is left to check after each field is right by itself. */
import { isRecord, records, type Report } from '../language/draft'

/** Fields that are wrong by themselves are `unknown` here, and are left to their own message. */
interface Draft {
  segmentSeconds?: unknown
  gopSeconds?: unknown
  rungs?: unknown
  audio?: unknown
  hdr?: unknown
  thumbnails?: unknown
}

/** Id of the sound where a ladder gives none. */
export const SOUND_ID = 'audio'

export function checkBetweenFields(ladder: Draft, report: Report): void {
  checkSegments(ladder, report)
  checkIds(ladder, report)
  for (const [index, rung] of records(ladder.rungs)) checkRung(rung, index, report)
  checkRequired(ladder, report)
  checkBitrates(ladder, report)
  checkHdr(ladder, report)
  checkAudio(ladder, report)
  checkIntervals(ladder, report)
}

/** What is proposed where a segment is not whole GOPs. */
const GOP_CHOICES_SECONDS = [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]

function checkSegments({ segmentSeconds, gopSeconds }: Draft, report: Report): void {
  if (!isPositive(segmentSeconds) || !isPositive(gopSeconds) || segmentSeconds % gopSeconds === 0) return
  const divisors = GOP_CHOICES_SECONDS.filter((choice) => segmentSeconds % choice === 0).slice(-3)
  const fix = `or set gopSeconds to one of ${divisors.join(', ')}`
  report(['segmentSeconds'], `must be a multiple of gopSeconds (${gopSeconds})`, fix)
}

/** Progress and reports name renditions by id, pictures and sounds alike. */
function checkIds({ rungs, audio }: Draft, report: Report): void {
  const seen = new Map<string, string>()
  const check = (list: string, index: number, id: unknown): void => {
    if (typeof id !== 'string') return
    const earlier = seen.get(id)
    if (earlier === undefined) seen.set(id, `${list}[${index}]`)
    else report([list, index, 'id'], `must be unique, and ${earlier} has the same`)
  }
  for (const [index, { id = SOUND_ID }] of records(audio)) check('audio', index, id)
  for (const [index, { id }] of records(rungs)) check('rungs', index, id)
}

/** Beyond it pictures are worse than nobody wants; the scales differ (x264 and x265 end at 51, AV1 at 63). */
const MAX_CRF_OF_H26X = 40

function checkRung(rung: Readonly<Record<string, unknown>>, index: number, report: Report): void {
  const { codec = 'h264', bits, crf, bitrateBps, maxBitrateBps, profile } = rung
  const at = (field: string): (string | number)[] => ['rungs', index, field]
  if (codec === 'h264' && bits === 10) {
    report(at('bits'), 'must be 8 for h264, which few players show with 10', 'use hevc or av1 for 10 bits')
  }
  if (typeof codec === 'string' && codec !== 'h264' && profile !== undefined) {
    report(at('profile'), `must be left out for ${codec}, whose profile follows from bits`)
  }
  if (typeof crf === 'number' && crf > MAX_CRF_OF_H26X && codec !== 'av1') {
    report(at('crf'), `must be at most ${MAX_CRF_OF_H26X} for ${String(codec)}`)
  }
  if (crf !== undefined && bitrateBps !== undefined) {
    report(at('bitrateBps'), 'must be left out where crf is given', 'quality is steered by one of them')
  }
  if (isPositive(bitrateBps) && isPositive(maxBitrateBps) && bitrateBps > maxBitrateBps) {
    report(at('bitrateBps'), `must be at most maxBitrateBps (${maxBitrateBps})`)
  }
}

/** An asset of which every rung may fail could be published without a picture. */
function checkRequired({ rungs }: Draft, report: Report): void {
  const entries = records(rungs)
  if (entries.length === 0 || entries.some(([, { required = true }]) => required !== false)) return
  report(['rungs', 0, 'required'], 'must be true for at least one rung')
}

/** A larger picture with a lower cap would look worse than the smaller one, and players climb by bit rate. */
function checkBitrates({ rungs }: Draft, report: Report): void {
  const entries = records(rungs)
  for (const [index, rung] of entries) {
    const larger = entries.find(
      ([, other]) =>
        (other['codec'] ?? 'h264') === (rung['codec'] ?? 'h264') &&
        isPositive(rung['shortSidePx']) &&
        isPositive(other['shortSidePx']) &&
        rung['shortSidePx'] > other['shortSidePx'] &&
        isRate(rung['maxBitrateBps']) &&
        isRate(other['maxBitrateBps']) &&
        rung['maxBitrateBps'] < other['maxBitrateBps'],
    )
    if (larger === undefined) continue
    const [place, { maxBitrateBps }] = larger
    const rule = `must be at least that of the smaller rungs[${place}] (${String(maxBitrateBps)})`
    report(['rungs', index, 'maxBitrateBps'], rule)
  }
}

function checkHdr({ hdr, rungs }: Draft, report: Report): void {
  if (hdr !== 'keep' || records(rungs).some(([, { bits }]) => bits === 10)) return
  report(['hdr'], "must be 'tone-map' where no rung has 10 bits", 'set bits: 10 on the hevc or av1 rungs that keep it')
}

function checkAudio({ audio }: Draft, report: Report): void {
  for (const [index, { channels, bitrateBps }] of records(audio)) {
    if (channels !== 6 || (isPositive(bitrateBps) && bitrateBps >= LEAST_SURROUND_BPS)) continue
    report(['audio', index, 'bitrateBps'], `must be at least ${LEAST_SURROUND_BPS} for 6 channels`)
  }
}

/** Below some 32 kb/s a channel AAC is heard as such. */
const LEAST_SURROUND_BPS = 192_000

function checkIntervals({ thumbnails: pictures, gopSeconds }: Draft, report: Report): void {
  if (!isRecord(pictures) || !isPositive(gopSeconds)) return
  for (const name of ['imageIntervalSeconds', 'spriteIntervalSeconds']) {
    const interval = pictures[name]
    if (!isPositive(interval) || interval >= gopSeconds) continue
    report(['thumbnails', name], `must be at least gopSeconds (${gopSeconds}), since pictures are keyframes`)
  }
}

/** Smaller ones are kilobits by mistake, which their own message says. */
function isRate(value: unknown): value is number {
  return typeof value === 'number' && value >= 50_000
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0
}
