/** Pure: work to slot-seconds. */
import { toNumber, type Rational } from '../../core/contract/rational'
import * as speeds from './speeds'
import type { MasterWork, PictureWork, RungWork, SoundWork } from './work'

export interface SlotSeconds {
  /** Copying the coded pictures into a container with an index, where pieces need that. */
  copy: number
  /** Reading the picture once for all rungs, with deinterlacing and tone mapping, and the processes' starts. */
  decode: number
  rungs: readonly { id: string; slotSeconds: number }[]
  sounds: readonly { id: string; slotSeconds: number }[]
  captions: number
  mp4: number
  thumbnails: number
  total: number
}

/** Expected slot-seconds of a master's work at the reference's speeds; see docs/costs.md for how far to trust them. */
export function slotSecondsOf(work: MasterWork): SlotSeconds {
  const { picture, durationSeconds } = work
  const copy = picture?.isCopied === true ? copyCost(durationSeconds) : 0
  const decode = picture === null ? 0 : decodeCost(picture, durationSeconds)
  const rungs = work.rungs.map((rung) => {
    const scaling = picture === null ? 0 : scaleCost({ ...picture, fps: rung.fps }, durationSeconds)
    return { id: rung.id, slotSeconds: rungCost({ ...rung, durationSeconds }) + scaling }
  })
  const sounds = work.sounds.map((sound) => ({ id: sound.id, slotSeconds: soundCost(sound, durationSeconds) }))
  const captions = work.captionTracks > 0 ? speeds.PROCESS_SECONDS : 0
  const mp4 = work.mp4Files * speeds.REMUX_COST * durationSeconds
  const thumbnails = work.thumbnails === null ? 0 : speeds.PROCESS_SECONDS + speeds.THUMBNAIL_COST * durationSeconds
  const parts = [...rungs, ...sounds].map(({ slotSeconds }) => slotSeconds)
  const total = [copy, decode, ...parts, captions, mp4, thumbnails].reduce((sum, part) => sum + part, 0)
  return { copy, decode, rungs, sounds, captions, mp4, thumbnails, total }
}

export function copyCost(durationSeconds: number): number {
  return speeds.PROCESS_SECONDS + speeds.COPY_COST * durationSeconds
}

/** A picture with all its rungs, decoded once. */
export function pieceCost(picture: PictureWork, rungs: readonly RungWork[], durationSeconds: number): number {
  return rungs.reduce(
    (sum, rung) =>
      sum + rungCost({ ...rung, durationSeconds }) + scaleCost({ ...picture, fps: rung.fps }, durationSeconds),
    decodeCost(picture, durationSeconds),
  )
}

/** Encoding alone, without the decoding that all rungs share. */
export function rungCost(rung: Omit<RungWork, 'id' | 'maxBitrateBps'> & { durationSeconds: number }): number {
  const speed = speeds.ENCODE_MPX[rung.codec][rung.preset]
  const factor = rung.bits === 10 ? speeds.TEN_BIT_FACTOR[rung.codec] : 1
  return (factor * megapixels(rung, rung.fps, rung.durationSeconds)) / speed
}

/** The master's pictures, as many as the rung takes, to the rung's size. */
export function scaleCost(picture: Pick<PictureWork, 'widthPx' | 'heightPx' | 'fps'>, durationSeconds: number): number {
  return megapixels(picture, picture.fps, durationSeconds) / speeds.SCALE_MPX
}

export function decodeCost(picture: PictureWork, durationSeconds: number): number {
  const amount = megapixels(picture, picture.fps, durationSeconds)
  return (
    picture.pieces * speeds.PIECE_SECONDS +
    amount / (speeds.DECODE_MPX[picture.codec] ?? speeds.OTHER_DECODE_MPX) +
    (picture.isInterlaced ? amount / speeds.DEINTERLACE_MPX : 0) +
    (picture.isToneMapped ? amount / speeds.TONE_MAP_MPX : 0)
  )
}

export function soundCost({ codec, channels, isLevelled }: SoundWork, durationSeconds: number): number {
  const perSecond = channels * (speeds.SOUND_COST[codec] + (isLevelled ? speeds.LOUDNESS_COST : 0))
  return (isLevelled ? 2 : 1) * speeds.PROCESS_SECONDS + perSecond * durationSeconds
}

function megapixels(size: { widthPx: number; heightPx: number }, fps: Rational, durationSeconds: number): number {
  return (size.widthPx * size.heightPx * toNumber(fps) * durationSeconds) / 1e6
}
