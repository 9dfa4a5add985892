/** Which rungs of a ladder are made of a master, at which size, and why. */
import { GantryError } from '../core/contract/errors'
import type { RungDecision } from '../core/contract/intent'
import type { AudioEncode, PictureTreatment, SegmentGrid, VideoEncode } from '../core/contract/job'
import type { Rational } from '../core/contract/rational'
import { reduced } from '../core/contract/rational'
import type { AudioFacts, SourceFacts, VideoFacts } from '../core/contract/source'
import { segmentGrid } from './grid'
import type { Ladder, LadderRung } from './schema'

export interface Selection {
  video: { rungs: VideoEncode[]; grid: SegmentGrid; picture: PictureTreatment } | null
  audio: { encode: AudioEncode; segmentSeconds: Rational } | null
  /** One a rung of the ladder, smallest first. */
  decisions: RungDecision[]
}

/**
 * Never upscales: a rung above the master's short side is dropped. A master below every rung still gets one rendition,
 * at its own size with the lowest rung's settings, so that every accepted master plays.
 *
 * @throws SOURCE_NO_STREAMS when there is neither picture nor sound.
 */
export function selectRungs(ladder: Ladder, facts: SourceFacts): Selection {
  if (facts.video === null && facts.audio === null) {
    throw new GantryError('SOURCE_NO_STREAMS', 'the master has neither a picture nor a sound track that can be used')
  }
  const grid = facts.video === null ? null : segmentGrid(facts.video.fps, ladder)
  const { rungs, decisions } = facts.video === null ? withoutPicture(ladder) : chooseRungs(ladder, facts.video)
  return {
    video: facts.video === null || grid === null ? null : { rungs, grid, picture: treatment(facts.video) },
    audio:
      facts.audio === null ? null : { encode: audioEncode(ladder, facts.audio), segmentSeconds: length(ladder, grid) },
    decisions,
  }
}

function withoutPicture(ladder: Ladder): { rungs: VideoEncode[]; decisions: RungDecision[] } {
  const decisions = bySize(ladder).map(({ id }) => ({ id, kept: false, reason: 'the master has no picture' }))
  return { rungs: [], decisions }
}

function chooseRungs(ladder: Ladder, video: VideoFacts): { rungs: VideoEncode[]; decisions: RungDecision[] } {
  const rungs: VideoEncode[] = []
  const decisions: RungDecision[] = []
  const sorted = bySize(ladder)
  const shortSide = Math.min(video.displayWidthPx, video.displayHeightPx)
  const fits = sorted.some((rung) => rung.shortSidePx <= shortSide)
  for (const [index, rung] of sorted.entries()) {
    const decide = (kept: boolean, reason: string): void => void decisions.push({ id: rung.id, kept, reason })
    if (rung.shortSidePx > shortSide && (fits || index > 0)) {
      decide(false, `${rung.shortSidePx} px is above the master's short side of ${shortSide} px`)
      continue
    }
    const encode = resolve(rung, video)
    const twin = rungs.find((other) => other.widthPx === encode.widthPx && other.heightPx === encode.heightPx)
    if (twin !== undefined && twin.maxBitrateBps === encode.maxBitrateBps) {
      decide(false, `it would equal rung '${twin.id}'`)
      continue
    }
    rungs.push(encode)
    const size = `${encode.widthPx}x${encode.heightPx}`
    decide(true, fits ? size : `the master's own size of ${size}, which is below every rung`)
  }
  return { rungs, decisions }
}

function bySize(ladder: Ladder): LadderRung[] {
  return [...ladder.rungs].sort((a, b) => a.shortSidePx - b.shortSidePx || a.maxBitrateBps - b.maxBitrateBps)
}

function resolve(rung: LadderRung, video: VideoFacts): VideoEncode {
  const { id, codec, crf, maxBitrateBps, preset, profile } = rung
  return {
    ...{ id, codec, crf, preset, profile, maxBitrateBps },
    ...sizeOf(rung.shortSidePx, video),
    // Two seconds at the cap: the buffer that device profiles allow for.
    bufferBits: maxBitrateBps * 2,
  }
}

/** x264 and 4:2:0 need even sides; a side of 2 px is the least ffmpeg 5.1 encodes (tried with 4000x20 and 2x2). */
function sizeOf(
  wantedShortSidePx: number,
  { displayWidthPx, displayHeightPx }: VideoFacts,
): { widthPx: number; heightPx: number } {
  const shortSide = Math.min(displayWidthPx, displayHeightPx)
  const longSide = Math.max(displayWidthPx, displayHeightPx)
  const short = evenDown(Math.min(wantedShortSidePx, shortSide))
  const long = Math.min(evenNear((longSide * short) / shortSide), evenDown(longSide))
  return displayWidthPx >= displayHeightPx ? { widthPx: long, heightPx: short } : { widthPx: short, heightPx: long }
}

function evenDown(value: number): number {
  return Math.max(2, 2 * Math.floor(value / 2))
}

function evenNear(value: number): number {
  return Math.max(2, 2 * Math.round(value / 2))
}

function treatment({ interlaced, transfer }: VideoFacts): PictureTreatment {
  return { deinterlace: interlaced, transfer }
}

/** AAC encoders and players agree on these two rates; everything else is resampled to the second. */
const KEPT_RATES_HZ = [44_100, 48_000]

function audioEncode({ audio }: Ladder, { channels, sampleRateHz }: AudioFacts): AudioEncode {
  const kept = Math.max(1, Math.min(channels, audio.maxChannels))
  return {
    id: 'audio',
    codec: audio.codec,
    bitrateBps: kept === 1 ? Math.max(32_000, Math.round(audio.bitrateBps / 2)) : audio.bitrateBps,
    channels: kept,
    sampleRateHz: KEPT_RATES_HZ.includes(sampleRateHz) ? sampleRateHz : 48_000,
  }
}

/** Sound is cut where the picture is: 4 s at 29.97 are 120 pictures, which is 4.004 s. */
function length(ladder: Ladder, grid: SegmentGrid | null): Rational {
  if (grid === null) return reduced({ num: Math.round(ladder.segmentSeconds * 1_000), den: 1_000 })
  return reduced({ num: grid.gopFrames * grid.gopsPerSegment * grid.fps.den, den: grid.fps.num })
}
