/** Pure: which pieces are alike in how far the model is from what they take. */
import { rungCost } from './model'
import { DECODE_MPX } from './speeds'
import type { PictureWork, RungWork } from './work'

/** A class as records name it: `h264.veryfast.8bit.1080.from-hevc`. */
export const CLASS_FORM = /^[a-z0-9][a-z0-9.-]{0,79}$/

/** Short sides, in lines; encoders are not equally fast a pixel at all sizes. */
const SIZES = [480, 720, 1_080]
const LARGEST = 2_160

/**
 * By the dearest rung, which most of the time goes to, and by the master's codec. All rungs of a piece come from one
 * process, so its time is not known by rung.
 *
 * @returns Null for a piece without rungs.
 */
export function pieceClass(picture: Pick<PictureWork, 'codec'>, rungs: readonly RungWork[]): string | null {
  const costs = rungs.map((rung) => rungCost({ ...rung, durationSeconds: 1 }))
  const dearest = rungs[costs.indexOf(Math.max(...costs))]
  if (dearest === undefined) return null
  const { codec, preset, bits, widthPx, heightPx } = dearest
  const lines = Math.min(widthPx, heightPx)
  const size = SIZES.find((most) => lines <= most) ?? LARGEST
  const decoder = Object.hasOwn(DECODE_MPX, picture.codec) ? picture.codec : 'other'
  return `${codec}.${preset}.${bits}bit.${size}.from-${decoder}`
}
