/** The size a rung makes of a master's picture. */

export interface PictureSize {
  widthPx: number
  heightPx: number
}

/**
 * libx264's largest side: 16384 encodes, 16386 is refused ("invalid width x height"). Its smallest is 2: 2x2, 2x4000,
 * 4000x2 and 4000x20 encode in every profile, coded in whole macroblocks of 16 and cropped; odd sides are refused with
 * 4:2:0. Source: tried with ffmpeg 5.1 and libx264.
 */
const MAX_SIDE_PX = 16_384
const MIN_SIDE_PX = 2

/**
 * The display size scaled so that its short side is `shortSidePx`, the long side by the aspect.
 *
 * Both sides are even, at least 2, and never above the display's (an odd one is rounded down); a side that would pass
 * 16384 px shrinks both. A display of one pixel is the only one that is exceeded, since H.264 in 4:2:0 cannot say it.
 */
export function fitShortSide(display: PictureSize, shortSidePx: number): PictureSize {
  const shortPx = shortSideOf(display)
  const longPx = Math.max(display.widthPx, display.heightPx)
  const scale = Math.min(shortSidePx / shortPx, MAX_SIDE_PX / longPx)
  return { widthPx: scaledSide(display.widthPx, scale), heightPx: scaledSide(display.heightPx, scale) }
}

/** The master's own size, as far as it can be encoded. */
export function ownSize(display: PictureSize): PictureSize {
  return fitShortSide(display, shortSideOf(display))
}

export function shortSideOf({ widthPx, heightPx }: PictureSize): number {
  return Math.min(widthPx, heightPx)
}

export function sizeText({ widthPx, heightPx }: PictureSize): string {
  return `${widthPx}x${heightPx} px`
}

function scaledSide(sidePx: number, scale: number): number {
  const nearestEven = 2 * Math.round((sidePx * scale) / 2)
  const largestEven = 2 * Math.floor(sidePx / 2)
  return Math.max(MIN_SIDE_PX, Math.min(nearestEven, largestEven, MAX_SIDE_PX))
}
