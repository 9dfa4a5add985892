import { withPictureLead } from '../../core/adapters/ffprobe-lead'
import { sourceFacts } from '../support/builders'

const packet = (seconds: string, flags: string): string => JSON.stringify({ packets: [{ pts_time: seconds, flags }] })

/** @param answers To each call, in order; more calls fail the test. */
async function leadOf(answers: string[], facts = sourceFacts()) {
  const asked: string[] = []
  const { video } = await withPictureLead(facts, async (words) => {
    asked.push(words.join(' '))
    return Promise.resolve(answers.shift() ?? 'nobody should ask')
  })
  return { seconds: video?.leadSeconds, asked }
}

describe('the lead of pictures', () => {
  it('is what the list of edits takes off their times', async () => {
    const { seconds, asked } = await leadOf([packet('-0.720000', 'KD'), packet('-0.710000', 'K_')])
    expect(seconds).toBeCloseTo(0.01, 9)
    const first = '-select_streams 0 -show_packets -read_intervals %+#1'
    expect(asked).toEqual([first, `-advanced_editlist 0 ${first}`])
  })

  it.each([
    ['the first picture is shown', [packet('0.000000', 'K_')], 1],
    ['the list begins with a picture', [packet('-0.720000', 'KD'), packet('-0.720000', 'K_')], 2],
    ['more is taken off than a picture lasts', [packet('-9', 'KD'), packet('-7', 'K_')], 2],
    ['the pictures come late', [packet('-0.71', 'KD'), packet('-0.72', 'K_')], 2],
    ['ffprobe fails', [''], 1],
    ['ffprobe fails in the end', [packet('-0.72', 'KD'), ''], 2],
    ['ffprobe is cut off', ['{"packets": ['], 1],
    ['there is no packet', ['{"packets": []}'], 1],
    ['a packet has no time', ['{"packets": [{"pts_time": "N/A", "flags": "KD"}]}'], 1],
  ])('is none where %s', async (_, answers, calls) => {
    const { seconds, asked } = await leadOf(answers)
    expect([seconds, asked.length]).toEqual([0, calls])
  })

  it.each([
    ['of other containers', sourceFacts({ container: 'matroska' })],
    ['without pictures', sourceFacts({ video: null })],
  ])('is not asked of masters %s', async (_, facts) => {
    expect((await leadOf([], facts)).asked).toEqual([])
  })
})
