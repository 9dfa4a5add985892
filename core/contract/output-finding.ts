/** What the gate found in an output that was not published, as events and records tell of it. */
export interface OutputFinding {
  /** A rule of `docs/verify.md`. */
  rule: string
  /** Path below the asset, with the line where there is one: `r2/video/720p/playlist.m3u8:7`. */
  where: string
  message: string
}
