/** Reads `-progress` output: key=value lines in blocks that end with `progress=continue` or `progress=end`. */

export interface ProgressBlock {
  /** Encoded pictures so far; null for a command without picture. */
  frames: number | null
  /** Position in the output in seconds, as the muxer counts (with the timeline offset); null before the first packet. */
  outSeconds: number | null
  /** Media seconds a wall second; null before the first figure. */
  speed: number | null
  dropped: number
  done: boolean
}

/** Wall time that is left, by the speed so far; null as long as nobody knows. */
export function remainingSeconds(
  doneSeconds: number | null,
  speed: number | null,
  durationSeconds: number | null,
): number | null {
  if (doneSeconds === null || durationSeconds === null || speed === null || speed <= 0) return null
  return Math.max(0, durationSeconds - doneSeconds) / speed
}

/** Returns a function that takes text as it arrives and gives the blocks that are complete. */
export function progressReader(): (text: string) => ProgressBlock[] {
  let rest = ''
  let fields = new Map<string, string>()
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    const blocks: ProgressBlock[] = []
    for (const line of lines) {
      const cut = line.indexOf('=')
      if (cut < 0) continue
      const key = line.slice(0, cut).trim()
      const value = line.slice(cut + 1).trim()
      fields.set(key, value)
      if (key !== 'progress') continue
      blocks.push(blockOf(fields))
      fields = new Map()
    }
    return blocks
  }
}

function blockOf(fields: ReadonlyMap<string, string>): ProgressBlock {
  const microseconds = numberOf(fields.get('out_time_us') ?? fields.get('out_time_ms'))
  return {
    frames: numberOf(fields.get('frame')),
    outSeconds: microseconds === null || microseconds < 0 ? null : microseconds / 1e6,
    speed: numberOf(fields.get('speed')?.replace(/x$/, '')),
    dropped: numberOf(fields.get('drop_frames')) ?? 0,
    done: fields.get('progress') === 'end',
  }
}

/** ffmpeg prints `N/A` for what it does not know yet. */
function numberOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}
