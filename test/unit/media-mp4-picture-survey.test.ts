import { surveyPictures, type PictureSurvey } from '../../media/mp4/picture-survey'
import type { Sample } from '../../media/mp4/sample-runs'

const STEP = 3_600

/** Pictures in order of decoding, each shown so many pictures after it is decoded; every fourth is a keyframe. */
function survey(delays: readonly number[], lines: readonly number[] = []): PictureSurvey {
  const surveyor = surveyPictures(lines, (ticks) => ticks / 10)
  delays.forEach((delay, index) => {
    const decodeTicks = 10_000 + index * STEP
    const sample: Sample = {
      ...{ decodeTicks, presentationTicks: decodeTicks + delay * STEP, durationTicks: STEP },
      ...{ bytes: 1, isSync: index % 4 === 0 },
    }
    surveyor.add(sample)
  })
  return surveyor.end()
}

describe('surveyPictures', () => {
  it('finds when the first picture is shown and the last is over, whatever the order of decoding', () => {
    expect(survey([2, 0, 0, 1])).toMatchObject({ firstTicks: 10_000 + STEP, endTicks: 10_000 + 5 * STEP })
  })

  it('says how much later than it is decoded a keyframe is shown, at most', () => {
    expect(survey([2, 9, 0, 0, 5, 0]).blindTicks).toBe(5 * STEP)
  })

  it('leaves 17 pictures behind the last seek, by when they are shown', () => {
    const delays = Array.from({ length: 100 }, (_, index) => (index === 50 ? 48.5 : 0))
    expect(survey(delays).lastSeekTicks).toBe(83 * STEP)
    expect(survey([0, 0, 0]).lastSeekTicks).toBe(0)
  })

  it('counts the pictures between lines; one on a line is behind it', () => {
    const lineOf = (picture: number): number => (10_000 + picture * STEP) / 10
    expect(survey([0, 0, 0, 0, 0, 0], [lineOf(1), lineOf(3.5)]).pictures).toEqual([1, 3, 2])
    expect(survey([0, 0], [lineOf(5), lineOf(6)]).pictures).toEqual([2, 0, 0])
  })

  it('finds the longest step of the clock', () => {
    const surveyor = surveyPictures([], (ticks) => ticks)
    for (const decodeTicks of [5_000, 6_000, 9_000, 9_500]) {
      surveyor.add({ decodeTicks, presentationTicks: decodeTicks, durationTicks: 500, bytes: 1, isSync: true })
    }
    expect(surveyor.end().longestStepTicks).toBe(3_000)
  })
})
