/** Keyframes at starts, the same starts in every rung, durations as written, pictures as many as the master's. */
import type { ReadVariant } from './playlists'
import { segmentTimings, type SegmentTiming } from './timing'

const EXTINF_SLACK_SECONDS = 0.001

/** @param pictures What the master decodes to; without any there is no grid. */
export async function judgeGrid(variants: readonly ReadVariant[], pictures: number): Promise<string[]> {
  if (pictures === 0) return []
  const findings: string[] = []
  let grid: SegmentTiming[] | null = null
  for (const variant of variants) {
    const own = await segmentTimings(variant.track)
    grid ??= own
    findings.push(...judgeRung(variant, own, grid))
    const count = own.reduce((sum, timing) => sum + timing.packets, 0)
    if (count !== pictures) findings.push(`${variant.id}: ${count} pictures, the master decodes to ${pictures}`)
  }
  return findings
}

function judgeRung(
  { id, track }: ReadVariant,
  own: readonly SegmentTiming[],
  grid: readonly SegmentTiming[],
): string[] {
  const findings: string[] = []
  own.forEach((timing, index) => {
    const written = track.segments[index]?.durationSeconds ?? 0
    const next = own[index + 1]?.startSeconds
    if (!timing.startsWithKeyframe) findings.push(`${id}: segment ${index} does not start with a keyframe`)
    if (timing.startSeconds !== grid[index]?.startSeconds) findings.push(`${id}: segment ${index} is off the grid`)
    if (next !== undefined && Math.abs(next - timing.startSeconds - written) > EXTINF_SLACK_SECONDS) {
      findings.push(`${id}: segment ${index} lasts ${next - timing.startSeconds} s, EXTINF says ${written}`)
    }
    if (next === undefined) findings.push(...judgeLast(id, timing, written, own))
  })
  if (own.length !== grid.length) findings.push(`${id}: ${own.length} segments, the first rung has ${grid.length}`)
  return findings
}

/** No start follows the last segment; so its last picture may be shown as long as the longest one before it. */
function judgeLast(id: string, last: SegmentTiming, written: number, own: readonly SegmentTiming[]): string[] {
  const shown = written - (last.lastSeconds - last.startSeconds)
  const longest = Math.max(...own.map((timing) => timing.longestStepSeconds))
  if (shown > 0 && (longest === 0 || shown <= longest + EXTINF_SLACK_SECONDS)) return []
  return [
    `${id}: the last picture is shown for ${shown.toFixed(3)} s by EXTINF, no other for over ${longest.toFixed(3)} s`,
  ]
}
