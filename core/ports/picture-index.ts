import type { PictureIndex } from '../contract/picture-index'
import type { SourceArrived, SourceFacts } from '../contract/source'

/** Reads when a master's pictures are shown, from the index in its container. */
export interface PictureIndexReader {
  /**
   * Costs a few bounded reads, never the media: meant for masters long enough to be cut.
   *
   * @param facts Of the same bytes; they name the track.
   * @returns `none` for whatever is wrong with the index or is not understood: such a master is still encoded whole.
   * @throws SOURCE_NOT_FOUND, SOURCE_DENIED, SOURCE_CHANGED, STORE_UNAVAILABLE; the reason of `signal`.
   */
  readIndex(source: SourceArrived, facts: SourceFacts, signal: AbortSignal): Promise<PictureIndex>
}
