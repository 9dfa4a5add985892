/** Pure: which keyframes become pictures, and where each tile lies. */

/** Picks every n-th keyframe, so that pictures are about `intervalSeconds` apart and their times are known exactly. */
export interface Picks {
  /** `mod(n, every)` selects them. */
  every: number
  /** Time on the asset's timeline of each picked keyframe. */
  seconds: readonly number[]
}

export function pickKeyframes(keyframeSeconds: readonly number[], intervalSeconds: number): Picks {
  const first = keyframeSeconds[0] ?? 0
  const last = keyframeSeconds.at(-1) ?? 0
  const gaps = keyframeSeconds.length - 1
  const meanGap = gaps > 0 ? (last - first) / gaps : intervalSeconds
  const every = Math.max(1, Math.round(intervalSeconds / Math.max(meanGap, 0.001)))
  return { every, seconds: keyframeSeconds.filter((_, index) => index % every === 0) }
}

export interface Size {
  widthPx: number
  heightPx: number
}

/** Scaled to a width, never up, in the rung's own aspect, both even (4:2:0). */
export function fitWidth(source: Size, widthPx: number): Size {
  const width = even(Math.min(source.widthPx, widthPx))
  return { widthPx: width, heightPx: even((source.heightPx * width) / source.widthPx) }
}

export interface SpriteGrid {
  columns: number
  rows: number
  tile: Size
}

export interface Tile {
  /** Number of its sheet, from 0. */
  sheet: number
  xPx: number
  yPx: number
  startSeconds: number
  endSeconds: number
}

/** Tiles in reading order. The first is shown from 0, each until the next begins, the last to the end. */
export function layTiles(seconds: readonly number[], grid: SpriteGrid, playbackSeconds: number): Tile[] {
  const perSheet = grid.columns * grid.rows
  const starts = seconds.map((second, index) => (index === 0 ? 0 : second))
  return starts.map((startSeconds, index) => {
    const place = index % perSheet
    return {
      sheet: Math.floor(index / perSheet),
      xPx: (place % grid.columns) * grid.tile.widthPx,
      yPx: Math.floor(place / grid.columns) * grid.tile.heightPx,
      startSeconds,
      endSeconds: starts[index + 1] ?? Math.max(playbackSeconds, startSeconds + 0.001),
    }
  })
}

function even(value: number): number {
  return Math.max(2, 2 * Math.round(value / 2))
}
