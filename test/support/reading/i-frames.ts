/** An I-frame playlist as other people's software reads it: each range with its init segment before it. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse, types } from 'hls-parser'

export interface ReadIFrame {
  /** From the beginning of the playlist. */
  startSeconds: number
  durationSeconds: number
  /** Init segment and range. */
  bytes: Buffer
}

/** @throws When it is no I-frame playlist, or a range is not all there. */
export function readIFrames(playlist: string): ReadIFrame[] {
  const media = parse(readFileSync(playlist, 'utf8'))
  if (!(media instanceof types.MediaPlaylist) || !media.isIFrame) throw new Error(`${playlist} has no I-frames`)
  const folder = dirname(playlist)
  let startSeconds = 0
  return media.segments.map(({ uri, duration: durationSeconds, byterange, map }) => {
    const { offset, length } = byterange
    const range = readFileSync(join(folder, uri)).subarray(offset, offset + length)
    if (range.byteLength !== length || length === 0) throw new Error(`${uri} has no ${length} bytes at ${offset}`)
    const bytes = Buffer.concat([readFileSync(join(folder, map.uri)), range])
    const one = { startSeconds, durationSeconds, bytes }
    startSeconds += durationSeconds
    return one
  })
}
