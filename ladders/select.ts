/** Pure: what a ladder makes of one master: which rungs, at which size, and why. */
import { GantryError } from '../core/contract/errors'
import type { RungDecision } from '../core/contract/intent'
import type { PictureTreatment, SegmentGrid, VideoEncode } from '../core/contract/job'
import { rationalText, toNumber, type Rational } from '../core/contract/rational'
import type { SourceFacts, VideoFacts } from '../core/contract/source'
import { segmentGrid, segmentLength } from './grid'
import { fitShortSide, ownSize, shortSideOf, sizeText, type PictureSize } from './picture-size'
import type { Ladder, LadderRung } from './schema'
import { selectCaptions, type SelectedCaptions } from './select-captions'
import { selectSound, type SelectedSound } from './select-sound'
import { shareOfSource } from './source-share'

export interface Selection {
  /** Rungs in the ladder's order, at least one; null for an audio-only asset. */
  video: { rungs: VideoEncode[]; grid: SegmentGrid; picture: PictureTreatment } | null
  /** Empty for a silent master; the first is the default. */
  sounds: SelectedSound[]
  captions: SelectedCaptions[]
  /** One for every rung of the ladder, in its order, then what is not made of sound and text; the reason completes "kept: ...". */
  decisions: RungDecision[]
}

/**
 * Chooses the rungs that need no upscaling: those whose `shortSidePx` is at most the short side of the picture as it is
 * shown. A master between two rungs gets the lower; one below all of them gets the lowest rung at its own size.
 *
 * @throws SOURCE_NO_STREAMS when the master has neither a picture nor sound, or has no sound and the ladder no rungs;
 * SOURCE_UNREADABLE when its picture has no size or no rate.
 */
export function selectRungs(ladder: Ladder, facts: SourceFacts): Selection {
  if (facts.video === null && facts.audio === null) {
    throw new GantryError('SOURCE_NO_STREAMS', 'the master has neither a picture nor a sound track, it needs one')
  }
  if (facts.video !== null && ladder.rungs.length > 0) return withPicture(ladder, facts, facts.video)
  if (facts.audio === null) {
    const what = `the ladder '${ladder.name}' has no rungs and the master no sound track, so nothing would be made`
    throw new GantryError('SOURCE_NO_STREAMS', what)
  }
  const sound = selectSound(ladder, facts, { num: ladder.segmentSeconds, den: 1 })
  const rungs = ladder.rungs.map(({ id }) => ({ id, kept: false, reason: 'the master has no picture' }))
  const captions = selectCaptions(ladder, facts)
  return {
    ...{ video: null, sounds: sound.sounds, captions: captions.tracks },
    decisions: [...rungs, ...sound.decisions, ...captions.decisions],
  }
}

function withPicture(ladder: Ladder, facts: SourceFacts, video: VideoFacts): Selection {
  checkPicture(video)
  const chosen = chooseSizes(ladder.rungs, { widthPx: video.displayWidthPx, heightPx: video.displayHeightPx })
  const made = chosen.map((choice) => ({ ...choice, encode: encodeOf(choice, ladder, facts, video) }))
  const rungs = withRequired(made.flatMap(({ encode }) => (encode === null ? [] : [encode])))
  const grid = segmentGrid(video.fps, ladder, Math.max(...rungs.map(({ frameStep }) => frameStep)))
  const sound = selectSound(ladder, facts, segmentLength(grid))
  const captions = selectCaptions(ladder, facts)
  const decisions = made.map(({ rung, encode, reason }) => ({
    ...{ id: rung.id, kept: encode !== null },
    reason: [reason, ...(encode === null ? [] : limitsOf(rung, encode, video))].join('; '),
  }))
  return {
    video: {
      ...{ rungs, grid },
      picture: {
        dataLines: video.dataLines,
        ...{
          deinterlace: video.interlaced,
          fieldOrder: video.fieldOrder,
          transfer: video.transfer,
          colour: video.colour,
        },
        constantRate: rungs.some(({ codec }) => codec === 'av1'),
      },
    },
    sounds: sound.sounds,
    captions: captions.tracks,
    decisions: [...decisions, ...sound.decisions, ...captions.decisions],
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
  const keyOf = (rung: LadderRung): string => `${rung.codec} ${sizeText(fitShortSide(display, rung.shortSidePx))}`
  for (const rung of lowestFirst) owners.set(keyOf(rung), owners.get(keyOf(rung)) ?? rung)
  return rungs.map((rung) => {
    if (rung.shortSidePx > shortPx) return { rung, size: null, reason: tooLarge(rung, display) }
    const size = fitShortSide(display, rung.shortSidePx)
    const owner = owners.get(keyOf(rung))
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

function encodeOf({ rung, size }: Choice, ladder: Ladder, facts: SourceFacts, video: VideoFacts): VideoEncode | null {
  if (size === null) return null
  const { id, codec, bits, preset } = rung
  const frameStep = stepFor(video.fps, rung.maxFps)
  const share = shareOfSource(facts, { ...size, codec, frameStep }) ?? Infinity
  const maxBitrateBps = Math.min(rung.maxBitrateBps, share)
  return {
    ...{ id, codec, ...size, bits, frameStep },
    range: ladder.hdr === 'keep' && bits === 10 ? video.transfer : 'sdr',
    crf: rung.crf ?? null,
    bitrateBps: rung.bitrateBps === undefined ? null : Math.min(rung.bitrateBps, maxBitrateBps),
    ...{ maxBitrateBps, bufferBits: 2 * maxBitrateBps, preset },
    profile: rung.profile ?? null,
    isRequired: rung.required,
  }
}

/** Where the master leaves only optional rungs, the smallest of them must succeed: a picture there has to be. */
function withRequired(rungs: readonly VideoEncode[]): VideoEncode[] {
  if (rungs.some(({ isRequired }) => isRequired)) return [...rungs]
  const pixels = ({ widthPx, heightPx }: VideoEncode): number => widthPx * heightPx
  const smallest = rungs.reduce((small, rung) => (pixels(rung) < pixels(small) ? rung : small))
  return rungs.map((rung) => (rung === smallest ? { ...rung, isRequired: true } : rung))
}

/** A rate that is written as 30 means 30000/1001 as well, and cameras say 30.02. */
const RATE_SLACK = 1.01

/** Halved until the rung's maximum is met: whole pictures are left out, so motion stays even. */
function stepFor(fps: Rational, maxFps: number | undefined): number {
  let step = 1
  while (maxFps !== undefined && toNumber(fps) / step > maxFps * RATE_SLACK) step *= 2
  return step
}

/** What else the master changed in a rung, for its reason. */
function limitsOf(rung: LadderRung, encode: VideoEncode, { fps, transfer }: VideoFacts): string[] {
  const rate = (toNumber(fps) / encode.frameStep).toFixed(2).replace(/\.?0+$/, '')
  const cap = Math.round(encode.maxBitrateBps / 1_000)
  return [
    ...(encode.frameStep === 1 ? [] : [`one picture in ${encode.frameStep}, ${rate} a second`]),
    ...(encode.maxBitrateBps === rung.maxBitrateBps
      ? []
      : [`at most ${cap} kb/s, since the master has no more to give`]),
    ...(transfer !== 'sdr' && encode.range === 'sdr' ? ['HDR is mapped to SDR'] : []),
    ...(encode.codec === 'av1' ? ['constant picture rate'] : []),
  ]
}
