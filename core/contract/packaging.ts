/** What is written beside the HLS playlists that every asset has, over the same segments. */
export interface Packaging {
  /** I-frame playlists for trick play. */
  iFrames: boolean
  /** An MPD for DASH players. */
  dash: boolean
  /** Playlists that grow while the rest is encoded. */
  early: boolean
}
