/** What the samples of a track of pictures say of seeks in it, and of how many lie between lines on the timeline. */
import type { Sample } from './sample-runs'

export interface PictureSurvey {
  /** When the first picture is shown, by the samples' clock. */
  firstTicks: number
  /** When the last picture is over, by the same clock. */
  endTicks: number
  /**
   * ffmpeg seeks to the last keyframe that is *decoded* until the time sought; none is shown later after it is decoded
   * than this.
   */
  blindTicks: number
  /** The last picture that has enough others behind it for a seek, or the first; counted from `firstTicks`. */
  lastSeekTicks: number
  /** The longest time between two pictures in the order of decoding. */
  longestStepTicks: number
  /** Pictures before the first line, between each two, and from the last one on. */
  pictures: readonly number[]
}

export interface PictureSurveyor {
  add(sample: Sample): void
  /** Means nothing where there was no sample. */
  end(): PictureSurvey
}

/** ffmpeg 5.1 loses pictures of an open GOP that has fewer than 7 behind it; no decoder holds back more than 16. */
const PICTURES_AFTER_SEEK = 17
/** So many last ones are kept, in the order of decoding, that the last 17 to be shown are among them. */
const TAIL_PICTURES = 64

/**
 * @param lines Rising.
 * @param placeOf Of a presentation time, on the scale of the lines.
 */
export function surveyPictures(lines: readonly number[], placeOf: (ticks: number) => number): PictureSurveyor {
  const pictures = Array.from({ length: lines.length + 1 }, () => 0)
  const tail = new Float64Array(TAIL_PICTURES)
  let samples = 0
  let longestStepTicks = 0
  let lastDecodeTicks = Infinity
  let firstTicks = Infinity
  let endTicks = -Infinity
  let blindTicks = 0
  return {
    add: ({ presentationTicks, decodeTicks, durationTicks, isSync }) => {
      tail[samples % TAIL_PICTURES] = presentationTicks
      samples += 1
      firstTicks = Math.min(firstTicks, presentationTicks)
      endTicks = Math.max(endTicks, presentationTicks + durationTicks)
      longestStepTicks = Math.max(longestStepTicks, decodeTicks - lastDecodeTicks)
      lastDecodeTicks = decodeTicks
      if (isSync) blindTicks = Math.max(blindTicks, presentationTicks - decodeTicks)
      const slice = linesUntil(lines, placeOf(presentationTicks))
      pictures[slice] = (pictures[slice] ?? 0) + 1
    },
    end: () => {
      const last = tail.subarray(0, samples).sort()
      const lastSeek = last.at(-1 - PICTURES_AFTER_SEEK) ?? firstTicks
      const lastSeekTicks = lastSeek - firstTicks
      return { firstTicks, endTicks, blindTicks, lastSeekTicks, longestStepTicks, pictures }
    },
  }
}

/** How many lines lie at or before a place. A picture on a line is behind it. */
function linesUntil(lines: readonly number[], place: number): number {
  let [low, high] = [0, lines.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((lines[middle] ?? Infinity) <= place) low = middle + 1
    else high = middle
  }
  return low
}
