/** Pure: what a ladder makes of one master: which rungs, at which size, and why. */
import { GantryError } from '../core/contract/errors'
import type { RungDecision } from '../core/contract/intent'
import type { AudioEncode, PictureTreatment, SegmentGrid, VideoEncode } from '../core/contract/job'
import { rationalText, type Rational } from '../core/contract/rational'
import type { AudioFacts, SourceFacts, VideoFacts } from '../core/contract/source'
import { segmentGrid, segmentLength } from './grid'
import { fitShortSide, ownSize, shortSideOf, sizeText, type PictureSize } from './picture-size'
import { AUDIO_TRACK_ID, type Ladder, type LadderRung } from './schema'

export interface Selection {
  /** Rungs in the ladder's order, at least one; null for an audio-only master. */
  video: { rungs: VideoEncode[]; grid: SegmentGrid; picture: PictureTreatment } | null
  /** Null for a silent master. */
  audio: { encode: AudioEncode; segmentSeconds: Rational } | null
  /** One for every rung of the ladder, in its order; the reason completes "kept: ..." or "dropped: ...". */
  decisions: RungDecision[]
}

/**
 * Chooses the rungs that need no upscaling: those whose `shortSidePx` is at most the short side of the picture as it is
 * shown. A master between two rungs gets the lower; one below all of them gets the lowest rung at its own size.
 *
 * @throws SOURCE_NO_STREAMS when the master has neither a picture nor sound, SOURCE_UNREADABLE when its picture has no
 * size or no rate.
 */
export function selectRungs(ladder: Ladder, facts: SourceFacts): Selection {
  if (facts.video === null && facts.audio === null) {
    throw new GantryError('SOURCE_NO_STREAMS', 'the master has neither a picture nor a sound track, it needs one')
  }
  if (facts.video !== null) return withPicture(ladder, facts.video, facts.audio)
  return {
    video: null,
    audio: soundOf(ladder, facts.audio, { num: ladder.segmentSeconds, den: 1 }),
    decisions: ladder.rungs.map(({ id }) => ({ id, kept: false, reason: 'the master has no picture' })),
  }
}

function withPicture(ladder: Ladder, video: VideoFacts, audio: AudioFacts | null): Selection {
  checkPicture(video)
  const chosen = chooseSizes(ladder.rungs, { widthPx: video.displayWidthPx, heightPx: video.displayHeightPx })
  const grid = segmentGrid(video.fps, ladder)
  return {
    video: {
      rungs: chosen.flatMap(({ rung, size }) => (size === null ? [] : [encodeOf(rung, size)])),
      grid,
      picture: { deinterlace: video.interlaced, transfer: video.transfer },
    },
    audio: soundOf(ladder, audio, segmentLength(grid)),
    decisions: chosen.map(({ rung, size, reason }) => ({ id: rung.id, kept: size !== null, reason })),
  }
}

/** What a probe must not let pass, but what would become a job without end or sense if it did. */
function checkPicture({ displayWidthPx, displayHeightPx, fps }: VideoFacts): void {
  if (!(displayWidthPx >= 1 && displayHeightPx >= 1)) {
    const got = `${displayWidthPx}x${displayHeightPx}`
    throw new GantryError('SOURCE_UNREADABLE', `the picture must be at least 1x1 px, got ${got}`)
  }
  if (!(fps.num > 0 && fps.den > 0)) {
    throw new GantryError('SOURCE_UNREADABLE', `the picture rate must be above 0, got ${rationalText(fps)}`)
  }
}

interface Choice {
  rung: LadderRung
  /** Null for a rung that is not made. */
  size: PictureSize | null
  reason: string
}

function chooseSizes(rungs: readonly LadderRung[], display: PictureSize): Choice[] {
  const shortPx = shortSideOf(display)
  const lowest = rungs.reduce((low, rung) => (rung.shortSidePx < low.shortSidePx ? rung : low))
  if (lowest.shortSidePx > shortPx) return rungs.map((rung) => belowAll(rung, rung === lowest, display))
  const fitting = rungs.filter((rung) => rung.shortSidePx <= shortPx)
  // Lowest first: of two that come out equal the one that asks for less is made.
  const lowestFirst = fitting.toSorted((a, b) => a.shortSidePx - b.shortSidePx)
  const owners = new Map<string, LadderRung>()
  for (const rung of lowestFirst) {
    const size = sizeText(fitShortSide(display, rung.shortSidePx))
    owners.set(size, owners.get(size) ?? rung)
  }
  return rungs.map((rung) => {
    if (rung.shortSidePx > shortPx) return { rung, size: null, reason: tooLarge(rung, display) }
    const size = fitShortSide(display, rung.shortSidePx)
    const owner = owners.get(sizeText(size))
    if (owner !== undefined && owner !== rung && !isSecondQuality(rung, owner)) {
      return { rung, size: null, reason: `it would be ${sizeText(size)} like ${owner.id}` }
    }
    return { rung, size, reason: `${sizeText(size)} of the master's ${sizeText(display)}` }
  })
}

/** Two caps at one size, asked for as such: how ladders offer a second quality of their largest picture. */
function isSecondQuality(rung: LadderRung, owner: LadderRung): boolean {
  const isSame = rung.crf === owner.crf && rung.maxBitrateBps === owner.maxBitrateBps
  return rung.shortSidePx === owner.shortSidePx && !isSame
}

/** Too small for any rung, and still worth a rendition: nobody wants to hear that a master is too small to publish. */
function belowAll(rung: LadderRung, isLowest: boolean, display: PictureSize): Choice {
  if (!isLowest) return { rung, size: null, reason: tooLarge(rung, display) }
  const size = ownSize(display)
  const why = `every rung is above its short side of ${shortSideOf(display)} px`
  return { rung, size, reason: `the master's own ${sizeText(size)}, since ${why}` }
}

function tooLarge({ shortSidePx }: LadderRung, display: PictureSize): string {
  return `${shortSidePx} px is above the master's short side of ${shortSideOf(display)} px`
}

function encodeOf({ id, codec, crf, maxBitrateBps, preset, profile }: LadderRung, size: PictureSize): VideoEncode {
  return { id, codec, ...size, crf, maxBitrateBps, bufferBits: 2 * maxBitrateBps, preset, profile }
}

/** Rates that every AAC player takes without resampling; all others become 48 kHz. */
const KEPT_SAMPLE_RATES_HZ = [44_100, 48_000]
const DEFAULT_SAMPLE_RATE_HZ = 48_000

function soundOf({ audio }: Ladder, facts: AudioFacts | null, segmentSeconds: Rational): Selection['audio'] {
  if (facts === null) return null
  const channels = Math.max(1, Math.min(facts.channels, audio.maxChannels))
  const bitrateBps = channels === 1 ? Math.round(audio.bitrateBps / 2) : audio.bitrateBps
  const keepsRate = KEPT_SAMPLE_RATES_HZ.includes(facts.sampleRateHz)
  const sampleRateHz = keepsRate ? facts.sampleRateHz : DEFAULT_SAMPLE_RATE_HZ
  return { encode: { id: AUDIO_TRACK_ID, codec: audio.codec, bitrateBps, channels, sampleRateHz }, segmentSeconds }
}
