/**
 * Which open assets a sweep looks at. A look is 17 requests to the store; with a thousand assets open, one at
 * each in every sweep would cost more than many an encode.
 */

export interface Look {
  atMs: number
  /** It could not do, or not tell, all that there was. */
  isTroubled: boolean
}

/**
 * An asset that is at work is brought on by what is heard of its jobs, and is looked at so often in case something was
 * not heard.
 */
export const LOOK_ANYHOW_MS = 600_000

/**
 * Pure.
 *
 * @param last Of this process since it leads; undefined where there was none.
 * @param isAtWork Whether the queue has a job of it that runs, or will run by itself.
 */
export function isDue(last: Look | undefined, isAtWork: boolean, nowMs: number): boolean {
  return last === undefined || last.isTroubled || !isAtWork || nowMs - last.atMs >= LOOK_ANYHOW_MS
}
