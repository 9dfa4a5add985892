/** Where the pictures of a master stand in time, as far as the container's own index says. */

export type PictureIndex = IndexedPictures | NoPictureIndex

/** The master cannot be cut by time; it is remuxed, or encoded whole. */
export interface NoPictureIndex {
  kind: 'none'
  /** For the report; in the words of a sentence after "the master is encoded whole:". */
  reason: string
  /** The media is in fragments with tables of their own. */
  isFragmented?: boolean
}

/** Times are in ticks as ffmpeg shows them: the edit list is applied, the container's start time is not taken off. */
export interface IndexedPictures {
  kind: 'indexed'
  /** Ticks in a second. */
  timescaleHz: number
  /** Keyframes at which a slice may begin, rising. The first picture of the master is not always among them. */
  keyframePts: readonly number[]
  /** False where more keyframes than these may exist. */
  complete: boolean
  /** When the first picture is shown. */
  firstPts: number
  /** Pictures that are shown; null where the container does not count them. */
  frames: number | null
  /** Set where picture n is shown at `firstPts + n * constantFrameTicks` for every n below `frames`. */
  constantFrameTicks: number | null
  /**
   * ffmpeg looks for the last keyframe that is decoded until the time sought, which may be shown so much later. 0 where
   * it never is.
   */
  blindTicks: number
  /** No slice may begin after this; ffmpeg 5.1 loses pictures of an open GOP that is seeked to right before the end. */
  lastCutPts: number
}
